import re

import pytest
from markdown_it import MarkdownIt

from analysis.report.pages.blocks import Cell, Document, Section, Table
from analysis.report.pages.markdown import fenced, inline, line, to_markdown
from experiment.hidden_characters import shortened, visible
from tests.analysis.hostile import LARGE, TEXTS
from tests.analysis.report.pages.sample_document import hostile, sample


def parsed(text):
    github = MarkdownIt("gfm-like", {"html": True})
    github.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    return github.parse(text)


def flat(tokens):
    return [part for token in tokens for part in (token, *(token.children or []))]


def printed(text):
    """Return what a reader sees of a text of one paragraph, or "" where it is none."""
    tokens = parsed(text)
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return ""
    return "".join(part.content for part in tokens[1].children)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_text_is_printed_as_it_is(text):
    seen = " ".join(visible(shortened(text)).split())
    assert printed(line(text)) == seen
    assert {part.type for part in flat(parsed(line(text)))} <= {
        *("paragraph_open", "inline", "paragraph_close", "text", "text_special", "code_inline")
    }


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_words_of_a_model_stay_in_their_fence(text):
    tokens = parsed(f"before\n\n{fenced(text)}\n\nafter\n")
    assert [token.type for token in tokens if token.nesting != -1] == [
        *("paragraph_open", "inline", "fence", "paragraph_open", "inline")
    ]
    assert next(token for token in tokens if token.type == "fence").content == visible(shortened(text)) + "\n"


@pytest.mark.parametrize("text", [text for text in TEXTS if text not in LARGE])
def test_hostile_text_stays_in_its_cell(text):
    table = Table("title", ("a", text, "c"), ((Cell("1"), Cell(text), Cell("3")),) * 2)
    tokens = parsed(to_markdown(Document("t", "", "", (Section("s", "s", tables=(table,)),))))
    cells = [
        "".join(part.content for part in tokens[n + 1].children)
        for n, token in enumerate(tokens)
        if token.type in ("th_open", "td_open")
    ]
    seen = " ".join(visible(shortened(text)).split())
    assert cells == ["a", seen, "c", *("1", seen, "3") * 2]


def test_a_hostile_report_has_its_own_structure_and_no_link_html_or_foreign_image():
    texts = [text for text in TEXTS if text not in LARGE]
    tokens = flat(parsed(to_markdown(hostile(texts))))
    kinds = [token.type for token in tokens]
    assert not {"html_inline", "html_block", "link_open", "code_block", "hr"} & set(kinds)
    assert [token.attrs["src"] for token in tokens if token.type == "image"] == ["figures/hostile.svg"]
    assert kinds.count("heading_open") == 2 + len(texts)
    assert kinds.count("fence") == 2 * len(texts)
    assert kinds.count("table_open") == 1
    assert kinds.count("blockquote_open") == 1
    assert kinds.count("tr_open") == 1 + len(texts)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("3.1 [1.2, 5.0]", "3.1 [1.2, 5.0]"),
        ("-3.1 [-9.0, 2.5] and gap [95%]", "-3.1 [-9.0, 2.5] and gap [95%]"),
        ("[1.2](x) [1]: y [^1] [ ] [x]", "\\[1.2](x) \\[1]: y \\[^1] \\[ ] \\[x]"),
        ("compliance_gap", "compliance_gap"),
        ("__init__", "\\_\\_init\\_\\_"),
        ("p <.001 & more", "p &lt;.001 &amp; more"),
        ("see http://a.b/c|d, mail me@x.y", "see `http://a.b/c`\\|d, mail `me@x.y`"),
        ("tick http://`", "tick `` http://` ``"),
        ("two\nlines", "two lines"),
    ],
)
def test_what_is_harmless_stays_readable(text, written):
    assert inline(text) == written


@pytest.mark.parametrize(
    ("text", "written"), [("1. one", "1\\. one"), ("12) b", "12\\) b"), ("- a", "\\- a"), ("2026", "2026")]
)
def test_a_line_begins_no_list(text, written):
    assert line(text) == written


def test_the_report_holds_every_part_in_order():
    text = to_markdown(sample())
    assert text.startswith("# Alignment faking: 34 models\n\nLogs in logs/")
    assert re.findall("^## (.*)$", text, re.MULTILINE) == [section.title for section in sample().sections]
    assert "> **A stand-in model took part" in text
    assert "| anthropic/model-a-20250101 | gap, verbalised | Gap 12.4 [8.1, 16.7];" in text
    assert "![Gaps of eight models (forest); the largest is 14.2 points.](figures/forest.svg)" in text
    assert "```sh\ninspect view start --log-dir logs --port 7575 logs/" in text
    assert "\n\n\n" not in re.sub("```.*?```", "words", text, flags=re.DOTALL)
