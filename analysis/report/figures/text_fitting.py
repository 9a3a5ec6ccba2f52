"""Untrusted names as they can be drawn: on one line, in our font, and no wider than their place."""

import unicodedata
from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

from experiment.hidden_characters import escape, shortened, visible_line

FONT = "DejaVu Sans"
SIZE, SMALL = 10.5, 9.5
KEPT = 4096
LONGEST = 1000  # characters; no figure has room for more


def named(text: str) -> str:
    """Return an untrusted name on one line, with what does not print spelt out, and "(no name)" for an empty one."""
    return visible_line(shortened(text, LONGEST)) or "(no name)"


@lru_cache(KEPT)
def fit(text: str, inches: float, size: float = SIZE, bold: bool = False) -> str:
    """Return an untrusted name as it can be drawn in a given width, shortened in its middle where it is longer.

    Args:
        text: The name.
        inches: The width.
        size: Size of the letters in points.
        bold: Whether it is drawn in bold.

    Returns:
        The name, with characters that do not print, or that the font does not have, spelt out.
    """
    known = _letters()
    whole = "".join(char if ord(char) in known else escape(char) for char in named(text))
    shown, keep = whole, len(whole)
    while keep > 1 and text_width(shown, size, bold) > inches:
        keep = min(keep - 1, max(1, int(1.03 * keep * inches / text_width(shown, size, bold))))
        tail = 2 * keep // 5
        shown = f"{whole[: keep - tail]}…{whole[len(whole) - tail :]}"
    return shown


@lru_cache(KEPT)
def text_width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Return the width of a drawn line of text in inches."""
    font = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) / 72


def wrapped(text: str, width: float) -> list[str]:
    """Break a bold name that is wider than its place into two lines, after a separator where the rest then fits."""
    shown = fit(text, 1.8 * width, bold=True)
    if text_width(shown, bold=True) <= width:
        return [shown]
    fitting = [cut for cut in range(1, len(shown)) if text_width(shown[:cut], bold=True) <= width] or [1]
    good = [cut for cut in fitting if shown[cut - 1] in "/:_- " and text_width(shown[cut:], bold=True) <= width]
    cut = min(good, default=fitting[-1])
    return [shown[:cut].strip(), fit(shown[cut:], width, bold=True)]


@cache
def _letters() -> frozenset[int]:
    """Return the characters that both weights of the font have, without those that pile up on others."""
    regular, bold = (get_font(findfont(FontProperties(family=FONT, weight=each))) for each in ("normal", "bold"))
    return frozenset(
        code for code in {*regular.get_charmap()} & {*bold.get_charmap()} if not unicodedata.combining(chr(code))
    )
