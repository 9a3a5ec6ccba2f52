"""Masking the tag that tells a tier apart, so that whoever grades an answer does not learn the tier from it."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

MASK = "[tag]"
_PAIRED = re.compile(r"<(?P<name>[\w:.-]+)>(?P<inner>[^<>]*)</(?P=name)>")


class Masked(NamedTuple):
    """A text without the tiers' tags, and how many of them stood in it."""

    text: str
    tags: int

    @property
    def empty(self) -> bool:
        """Whether nothing but tags stood in it."""
        return self.tags > 0 and not re.search(r"\w", self.text.replace(MASK, ""))


def mask(text: str, tags: Sequence[str]) -> Masked:
    """Replace the tags of all tiers in a text by the same mark; case, spacing and a missing end do not matter."""
    masked, count = text, 0
    for tag in sorted(tags, key=len, reverse=True):
        masked, more = _pattern(tag).subn(MASK, masked)
        count += more
    return Masked(masked, count)


@cache
def _pattern(tag: str) -> re.Pattern[str]:
    paired = _PAIRED.fullmatch(tag.strip())
    if paired:
        name, inner = re.escape(paired["name"]), _words(paired["inner"])
        return re.compile(rf"<\s*{name}\s*>\s*{inner}\s*(?:<\s*/\s*{name}\s*>)?", re.IGNORECASE)
    return re.compile(rf"(?<!\w){_words(tag)}(?!\w)", re.IGNORECASE)


def _words(text: str) -> str:
    return r"\s*".join(map(re.escape, text.split()))
