"""What is sent is what was last read: golden renderings in `tests/rendered`, rewritten by `make rendered`."""

from pathlib import Path

import pytest

from cli.prompts_shown import Selection, difference, sent
from experiment.front_matter import names
from experiment.prompts.conditions import Condition
from experiment.prompts.labs import FICTIONAL, lab_name
from experiment.prompts.rendering import PREFILL
from experiment.prompts.variants import load_variant
from experiment.prompts.wordings import ORIGINAL, wordings

RENDERED = Path(__file__).parents[1] / "rendered"
MAIN, MODE = "helpful_only", "tool"


def golden():
    """Every golden rendering's path, and the setting, wording, variants and mode that it shows."""
    shown = {}
    for setting in names("settings"):
        shown |= {f"{setting}/{ORIGINAL}/{mode}.txt": (setting, ORIGINAL, (), mode) for mode in names("scratchpads")}
        shown |= {f"{setting}/{name}/{MODE}.txt": (setting, name, (), MODE) for name in wordings(setting)}
    for variant in map(load_variant, names("variants")):
        setting = MAIN if MAIN in (variant.settings or [MAIN]) else variant.settings[0]
        mode = "tags" if PREFILL in variant.sections else MODE
        path = f"{setting}/{ORIGINAL}/{variant.name}.txt"
        assert path not in shown, f"variant {variant.name!r} is called like a mode"
        shown[path] = (setting, ORIGINAL, (variant.name,), mode)
    return shown


GOLDEN = golden()


@pytest.fixture
def rewrite(request):
    return request.config.getoption("--rewrite")


@pytest.mark.parametrize("path", GOLDEN)
def test_what_is_sent_is_what_was_last_read(path, rewrite):
    now = sent(Selection(Condition(*GOLDEN[path], lab_name(FICTIONAL, "")))).encode()
    file = RENDERED / path
    if rewrite:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(now)
    if not file.exists():
        pytest.fail(f"tests/rendered/{path} is missing; run `make rendered`", pytrace=False)
    before = file.read_bytes()
    if now != before:
        change = difference("as last read", before.decode(), "as sent now", now.decode())
        pytest.fail(f"tests/rendered/{path} differs; run `make rendered` and read the change\n{change}", pytrace=False)


def test_nothing_is_kept_that_is_not_sent_any_more(rewrite):
    superfluous = {path.relative_to(RENDERED).as_posix(): path for path in RENDERED.rglob("*.txt")}
    for path in GOLDEN:
        superfluous.pop(path, None)
    if rewrite:
        for file in superfluous.values():
            file.unlink()
        for folder in sorted((path for path in RENDERED.rglob("*") if path.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
    elif superfluous:
        pytest.fail(f"superfluous in tests/rendered: {', '.join(superfluous)}; run `make rendered`", pytrace=False)
