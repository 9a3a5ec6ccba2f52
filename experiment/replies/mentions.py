"""Telling marks that a text uses from marks that it only speaks of."""

import re
from collections.abc import Sequence
from itertools import pairwise

from experiment.replies.forms import Mark

# What stands between tags that are only mentioned, the prompt's own examples of their use included.
MENTIONED = re.compile(
    r"(?:and|or|und|et|y|tags?|your (?:private )?(?:thinking|thoughts|reply to the user|answer)|\W)+", re.IGNORECASE
)
LONGEST_MENTION = 60
QUOTES = frozenset("`\"'\u201c\u201d\u2018\u2019")


def mentions(text: str, found: Sequence[Mark]) -> set[Mark]:
    """Return the marks that a text only speaks of.

    Args:
        text: The text.
        found: Its marks.

    Returns:
        Marks in quotes in the middle of a line, and pairs with nothing between them but the prompt's own example.
    """
    spoken = {mark for mark in found if _in_quotes(text, mark)}
    for first, second in pairwise(found):
        between = text[first.end : second.start][: LONGEST_MENTION + 1].strip()
        same = first.form is second.form and first.opens and not second.opens
        if same and between and len(between) <= LONGEST_MENTION and MENTIONED.fullmatch(between):
            spoken |= {first, second}
    return spoken


def _in_quotes(text: str, mark: Mark) -> bool:
    """Tell whether a mark stands in quotes, with other words on its line."""
    written = text[mark.start : mark.end]
    if not re.search(r"[<\[&]", written):
        return False
    before, after = text[max(0, mark.start - 1) : mark.start] + written[0], written[-1] + text[mark.end : mark.end + 1]
    if not (set(before) & QUOTES and set(after) & QUOTES):
        return False
    beyond = text.find("\n", mark.end)
    line = text[text.rfind("\n", 0, mark.start) + 1 : beyond if beyond >= 0 else len(text)]
    return written.strip("*`") != line.strip(" \t\r*`")
