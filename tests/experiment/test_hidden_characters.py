import pytest

from experiment.hidden_characters import runs, visible
from tests.analysis.hostile import TEXTS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 12%", "plain, 12%"),
        ("naïve 日本\u3000語 \u00a0 ❤\ufe0f", "naïve 日本\u3000語 \u00a0 ❤\ufe0f"),
        ("two\nlines\tand a tab\r\n", "two\nlines\tand a tab\n"),
        ("over\rwritten", "over\\rwritten"),
        ("\u202etxt.exe\u202c", "\\u202etxt.exe\\u202c"),
        ("\x1b[31m", "\\x1b[31m"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("byte\U000e0100", "byte\\U000e0100"),
        ("filler\u3164", "filler\\u3164"),
        ("lone\ud800", "lone\\ud800"),
        ("line\u2028separator", "line\\u2028separator"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(text, shown):
    assert visible(text) == shown
    assert "".join(run.text for run in runs(text)) == shown


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_nothing_hidden_is_left(text):
    shown = visible(text)
    assert visible(shown) == shown
    shown.encode("utf-8")
    assert not any(char in shown for char in "\x00\x1b\r\u202e\u200b\u2066\ufeff\u2028")
