"""Untrusted text with nothing hidden in it: what a reader cannot see is spelt out."""

import re
from itertools import groupby
from typing import NamedTuple
from unicodedata import category, normalize

LONGEST_SHOWN = 50_000  # characters of one text on a page: some twenty printed pages
_ROOM = 40  # characters, for the note on what was cut
_KEPT = frozenset("\n\t")
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]")
_MARKS = re.compile(r"[^\w\x00-\x7f]{64}")
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


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
    pieces = groupby(text.replace("\r\n", "\n"), hidden)
    return [Run("".join(map(escape, chars) if hidden else chars), hidden) for hidden, chars in pieces]


def visible(text: str) -> str:
    r"""Return a text with every hidden character as an escape such as `\u202e`; see `runs`."""
    return text if text.isascii() and text.isprintable() else "".join(run.text for run in runs(text))


def visible_line(text: str) -> str:
    """Return a text on one line, with every hidden character as an escape."""
    return " ".join(visible(text).split())


def shortened(text: str, most: int = LONGEST_SHOWN) -> str:
    """Return a text of at most so many characters, its end replaced by how many it had where it had more."""
    if len(text) <= most:
        return text
    kept = most - _ROOM
    return f"{text[:kept]} [… {len(text) - kept:,} characters more]"


def folded(text: str) -> str:
    """Return a text in one case, with the forms of a letter (full width, ligatures, combined accents) as one.

    The time is linear: normalisation sorts the marks on a letter, in time quadratic in their number, so that a line
    break stands after each 64 of them.

    Reference:
        Unicode Standard Annex 15, forms NFKC and, for the limit on marks, Stream-Safe Text.
    """
    if text.isascii():
        return text.lower()
    return normalize("NFKC", _MARKS.sub(r"\g<0>\n", text)).casefold()


def escape(char: str) -> str:
    r"""Return what a character that cannot be shown is spelt as, such as `\u202e`."""
    return char.encode("unicode_escape").decode()


def without_escapes(text: str) -> str:
    """Return a text of the same length with spaces in place of what `visible` writes for hidden characters."""
    return _ESCAPE.sub(_blank, text)


def _blank(escape: re.Match[str]) -> str:
    code = int(escape[0][2:], 16)
    return " " * len(escape[0]) if code < 0x110000 and hidden(chr(code)) else escape[0]


def hidden(char: str) -> bool:
    """Tell whether a character cannot be seen; see `runs`."""
    if char in _KEPT or char.isprintable():
        return bool(_IGNORABLE.match(char))
    return category(char) != "Zs"
