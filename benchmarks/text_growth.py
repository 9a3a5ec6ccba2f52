"""How the time to read one text grows with its length: splitting, quotations, redaction and pages."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from math import log
from typing import NamedTuple

from analysis.redaction.json_redaction import plan, redact_json
from analysis.redaction.redaction_targets import Targets
from analysis.redaction.text_redaction import redact_text
from analysis.report.pages.blocks import Document, Quotation, Section
from analysis.report.pages.markdown import to_markdown
from analysis.report.pages.page import to_html
from analysis.side_by_side.pair_page import marked
from experiment.hidden_characters import shortened
from experiment.markdown_text import as_words
from experiment.paths import data_folder
from experiment.prompts.scratchpads import load_scratchpad
from experiment.quotations import letters, quoted
from experiment.replies.split_reply import Turn, split

SIZES = (10_000, 40_000, 5_000_000)  # characters
FEW = 1  # texts of a pass, those that grew fastest, that are read at the largest size
TAGS = load_scratchpad("tags").tags
CALL = '{"name": "scratchpad", "arguments": {"thought": "x"}}'
OPENERS = (
    *("<scratchpad>", "</scratchpad>", "<answer>", "<think>", "</think>", "<think ", "`<scratchpad>` ", "[scratchpad]"),
    *("<tool_call>", f"<tool_call>{CALL}", f"```json\n{CALL}\n```\n", f"{CALL}\n", '{"name": {', '{"name": "x", '),
    *('scratchpad("', 'scratchpad("\\', "functools[", "[TOOL_CALLS]", "to=functions.x", "<|channel|>analysis"),
    *(
        "Scratchpad:\nx\n",
        "## Answer\n",
        "```",
        "~~~",
        "{",
        "[",
        "<",
        "&lt;",
        "\\",
        '"',
        "'",
        "\n",
        " ",
        "a",
        "<a",
        "|",
    ),
)
ODD = (
    *("w", "word ", "9", ".", "<", "[", "`", "\\", "&#60;", "%41", "QUJD", "\x1b[31m", "\u202e", "\n", " ", "\\u0041"),
    *("\u0315\u0316", "\u65e5", "\ud55c", "\ufb03", "\u2122", "*a*", "http://a ", "|", '"'),
)
QUOTED = "a sentence that stands at the end of every text."

Pass = Callable[[str], object]


class Growth(NamedTuple):
    """A text's seconds at each size, and the exponent of the growth between the last two."""

    unit: str
    seconds: tuple[float, ...]
    exponent: float


def shapes() -> list[str]:
    """Return the text of every shape of replies."""
    rows = map(json.loads, (data_folder() / "replies" / "shapes.jsonl").read_text("utf-8").splitlines())
    texts = ("\n".join(turn.get("text") or "" for turn in row["turns"]) for row in rows)
    return [text for text in dict.fromkeys(texts) if text]


def repeated(unit: str, size: int) -> str:
    """Return a text of a size that repeats a unit and ends in a sentence that a grader may quote."""
    return (unit * (size // len(unit) + 1))[: size - len(QUOTED)] + QUOTED


def _quotation(text: str) -> None:
    letters.cache_clear()
    quoted(QUOTED, text)


def _redacted_log(text: str) -> None:
    answer = text[len(text) // 2 :]
    document = json.dumps({"id": "a", "epoch": 1, "output": text, "messages": [{"role": "assistant", "content": text}]})
    redact_json(document, plan({("a", 1): Targets((answer,), ())}), ("a", 1))


def page(text: str) -> str:
    """Return a report's page that quotes a text."""
    return to_html(_document(text))


def _document(text: str) -> Document:
    words = Quotation("a", "title", "private reasoning", text, (("query", text),), "inspect view")
    return Document("Report", "", "", (Section("s", "Quoted", quotations=(words,)),))


PASSES: dict[str, tuple[Pass, Callable[[], Sequence[str]]]] = {
    "splitting a reply": (lambda text: split("tags", [Turn(text)], TAGS), lambda: (*shapes(), *OPENERS)),
    "looking for a quotation": (_quotation, lambda: ODD),
    "marking quotations": (lambda text: marked(shortened(text), [QUOTED, text[:40]]), lambda: ODD),
    "redacting a text": (lambda text: redact_text(text, [text[len(text) // 2 :]]), lambda: ODD),
    "redacting a sample of a log": (_redacted_log, lambda: ODD),
    "a grader's words in a score": (as_words, lambda: ODD),
    "a page": (page, lambda: ODD),
    "Markdown": (lambda text: to_markdown(_document(text)), lambda: ODD),
}


def growths(sizes: Sequence[int] = SIZES, few: int = FEW) -> Iterator[tuple[str, int, Growth]]:
    """Measure each pass on each of its texts.

    Yields:
        The pass, how many texts it read, and the one that grew fastest: all are read at all sizes but the largest, at
        which only those are read that grew fastest before.
    """
    for name, (read, units) in PASSES.items():
        found = sorted((_measured(read, unit, sizes[:-1]) for unit in units()), key=lambda each: -each.exponent)
        large = [_measured(read, each.unit, sizes) for each in found[:few]]
        yield name, len(found), max(large, key=lambda each: each.exponent)


def _measured(read: Pass, unit: str, sizes: Sequence[int]) -> Growth:
    seconds = tuple(_seconds(read, repeated(unit, size)) for size in sizes)
    exponent = log(seconds[-1] / seconds[-2]) / log(sizes[-1] / sizes[-2])
    return Growth(unit, seconds, exponent)


def _seconds(read: Pass, text: str) -> float:
    began = time.process_time()
    read(text)
    return max(time.process_time() - began, 1e-6)
