"""Untrusted text with nothing hidden in it: what a reader cannot see is spelt out."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple
from unicodedata import category

_KEPT = frozenset("\n\t")
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]")


class Run(NamedTuple):
    """A piece of a text that is shown as it is, or that stands for hidden characters."""

    text: str
    escape: bool


def runs(text: str) -> list[Run]:
    r"""Split a text into what can be seen and what is hidden, the hidden part spelt out.

    Hidden are control and format characters (bidirectional overrides, zero width, tags), lone surrogates, unassigned
    and private characters, and letters without a glyph. Kept are line breaks, tabs and every kind of space.

    Args:
        text: Any text; `\r\n` counts as `\n`.

    Returns:
        Its pieces in order; joined they are the visible text.

    Reference:
        General categories: Unicode Standard Annex 44. The list of letters without a glyph is ours, from its property
        Default_Ignorable_Code_Point.
    """
    pieces = groupby(text.replace("\r\n", "\n"), _hidden)
    return [Run(_spelt(chars) if hidden else "".join(chars), hidden) for hidden, chars in pieces]


def visible(text: str) -> str:
    r"""Return a text with every hidden character as an escape such as `\u202e`; see `runs`."""
    return text if text.isascii() and text.isprintable() else "".join(run.text for run in runs(text))


def _hidden(char: str) -> bool:
    if char in _KEPT or char.isprintable():
        return bool(_IGNORABLE.match(char))
    return category(char) != "Zs"


def _spelt(chars: Iterable[str]) -> str:
    return "".join(ascii(char)[1:-1] for char in chars)
