"""Finding the marks of known formats in a text, and telling marks that it uses from marks that it only mentions."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from experiment.prompts.scratchpads import Tags
from experiment.replies.reasoning_formats import Form, forms

HARMONY = re.compile(r"<\|(?:start|channel)\|>")
"""What begins another message of OpenAI's harmony format, and so ends the one before."""

# Where a mark can begin: the table's pattern is tried there and nowhere else.
_CANDIDATE = re.compile(
    r"^|[*`<&\\\[◁\uff1c]|assistant|(?<=assistant)final|functools|to=functions?|here(?:'s| is) my",
    re.IGNORECASE | re.MULTILINE,
)
# What stands between tags that are only mentioned, the prompt's own examples of their use included.
_MENTIONED = re.compile(
    r"(?:and|or|und|et|y|tags?|your (?:private )?(?:thinking|thoughts|reply to the user|answer)|\W)+", re.IGNORECASE
)
_LONGEST_MENTION = 60
_REST_OF_LINE = re.compile(r"[ \t\r*`]*(?:\n|\Z)")
_QUOTES = frozenset("`\"'\u201c\u201d\u2018\u2019")


class Mark(NamedTuple):
    """Where a mark stands in a text, and what it begins or ends."""

    start: int
    end: int
    form: Form
    opens: bool


def marks(text: str, tags: Tags | None = None) -> list[Mark]:
    """Find every mark in a text, those of the prompt's own tags included, from left to right, none within another."""
    names = (tags.private, tags.public) if tags else ("", "")
    known, pattern, found, end = forms(*names), _pattern(*names), list[Mark](), 0
    for candidate in _CANDIDATE.finditer(text):
        match = pattern.match(text, candidate.start()) if candidate.start() >= end else None
        if match:
            kind, end = str(match.lastgroup), match.end()
            found.append(Mark(*match.span(), known[int(kind[1:])], kind[0] == "o"))
    return found


@cache
def _pattern(private: str, public: str) -> re.Pattern[str]:
    parts = [
        rf"(?P<{kind}{number}>{mark})"
        for number, form in enumerate(forms(private, public))
        for kind, mark in (("c", form.closing), ("o", form.opening))
        if mark
    ]
    return re.compile("|".join(parts), re.IGNORECASE | re.MULTILINE)


def mentions(text: str, found: Sequence[Mark]) -> set[Mark]:
    """Return the marks that a text only mentions: in quotes in a line, or a pair around the prompt's own example."""
    mentioned = {mark for mark in found if _in_quotes(text, mark)}
    for first, second in pairwise(found):
        between = text[first.end : second.start][: _LONGEST_MENTION + 1].strip()
        same = first.form is second.form and first.opens and not second.opens
        if same and between and len(between) <= _LONGEST_MENTION and _MENTIONED.fullmatch(between):
            mentioned |= {first, second}
    return mentioned


def _in_quotes(text: str, mark: Mark) -> bool:
    """Tell whether a mark stands in quotes, with other words on its line."""
    written = text[mark.start : mark.end]
    if not re.search(r"[<\[&]", written):
        return False
    before, after = text[max(0, mark.start - 1) : mark.start] + written[0], written[-1] + text[mark.end : mark.end + 1]
    if not (set(before) & _QUOTES and set(after) & _QUOTES):
        return False
    return written.strip("*`") != written.strip(" \t\r*`") or not _alone(text, mark)


def _alone(text: str, mark: Mark) -> bool:
    """Tell whether nothing but emphasis and spaces stands beside a mark on its line; only these are looked at."""
    begin = mark.start
    while begin and text[begin - 1] in " \t\r*`":
        begin -= 1
    return (begin == 0 or text[begin - 1] == "\n") and bool(_REST_OF_LINE.match(text, mark.end))
