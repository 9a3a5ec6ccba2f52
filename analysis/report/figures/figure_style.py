"""What all figures share: colours, sizes, labels that are safe to draw, and saving to the same bytes every time."""

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from math import isfinite, isnan

from matplotlib import style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from analysis.report.figures.text_fitting import FONT, SMALL
from analysis.report.pages.blocks import Figure
from experiment.formatting import percent

INK = "#1a1a1a"
GREY = "#8a8a8a"
# Chosen to differ, each from the others and from the grey, for eyes that lack one kind of cone too (except the last).
HUES = ("#4477cc", "#cc7722", "#e5176a", "#8566ff", "#23988a")
MARKERS = ("o", "s", "^", "D", "v")
WIDTH, MARGIN, LINE = 7.5, 0.1, 0.2
MARK = 7.0
LIMIT = 60
NO_DATA = "no data"
GAP_AXIS = "Compliance gap, percentage points\n(trained tier minus untrained tier)"

# The font and the shapes of its letters come with matplotlib, so that a drawing is the same on every machine.
STYLE = {
    "font.family": FONT,
    "font.size": SMALL,
    "text.parse_math": False,
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("axes.facecolor", "figure.facecolor"), "none"),
    **dict.fromkeys(("axes.spines.left", "axes.spines.right", "axes.spines.top", "legend.frameon"), False),
    "axes.axisbelow": True,
    "grid.color": GREY,
    "grid.alpha": 0.35,
    "hatch.linewidth": 0.6,
    "legend.borderpad": 0.0,
    "svg.fonttype": "path",
    "svg.hashsalt": "figures",
}
styled = style.context(STYLE, after_reset=True)


def sheet(height: float) -> Canvas:
    """Return an empty drawing of our width and a height in inches."""
    return Canvas(figsize=(WIDTH, height))


def axes_at(canvas: Canvas, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes at a place given in inches from the top left."""
    total = canvas.get_figheight()
    return canvas.add_axes((left / WIDTH, 1 - (top + height) / total, width / WIDTH, height / total))


def write(canvas: Canvas, left: float, top: float, text: str, **options: object) -> None:
    """Write text at a place given in inches from the top left, by default to the right of it and vertically centred."""
    place = {"ha": "left", "va": "center_baseline", **options}
    canvas.text(left / WIDTH, 1 - top / canvas.get_figheight(), text, **place)  # type: ignore[arg-type]


def key(canvas: Canvas, entries: Sequence[Artist], top: float = MARGIN) -> None:
    """Explain the marks in a key whose upper edge is at a height given in inches from the top."""
    corner = (MARGIN / WIDTH, 1 - top / canvas.get_figheight())
    canvas.legend(handles=entries, loc="upper left", bbox_to_anchor=corner, ncols=3, borderaxespad=0.0)


def mark(label: str, color: str, marker: str = "o", hollow: bool = False) -> Line2D:
    """Return a mark for a key."""
    face = "none" if hollow else color
    return Line2D([], [], color=color, marker=marker, markersize=MARK, markerfacecolor=face, label=label)


def dot(axes: Axes, x: float, y: float, color: str, marker: str = "o", hollow: bool = False) -> None:
    """Draw a point."""
    face = "none" if hollow else color
    axes.plot(x, y, marker, color=color, markersize=MARK, markerfacecolor=face, clip_on=False, zorder=3)


def whisker(
    axes: Axes, y: float, interval: tuple[float, float, float], color: str, marker: str = "o", hollow: bool = False
) -> None:
    """Draw an estimate with its lower and upper limit in a row, "no data" where it is NaN."""
    middle, low, high = interval
    if isnan(middle):
        _absent(axes, y)
        return
    for part in around("x", axes, low, middle, high):
        axes.plot(part, (y, y), color=color, linewidth=1.6)
    dot(axes, middle, y, color, marker, hollow)


def _absent(axes: Axes, y: float) -> None:
    """Write "no data" in a row, at the side that is farther from 0."""
    low, high = axes.get_xlim()
    right = -low < 0.5 * (high - low)
    side, align = (0.99, "right") if right else (0.01, "left")
    axes.text(side, y, NO_DATA, transform=axes.get_yaxis_transform(), ha=align, va="center_baseline", style="italic")


def around(axis: str, axes: Axes, low: float, middle: float, high: float) -> list[tuple[float, float]]:
    """Return the parts of an interval beside its estimate's mark, so that a hollow mark stays hollow; none for NaN."""
    start, end = axes.get_xlim() if axis == "x" else axes.get_ylim()
    length = axes.bbox.width if axis == "x" else axes.bbox.height
    radius = abs(end - start) / length * axes.get_figure(root=True).dpi * MARK / 144  # type: ignore[union-attr]
    return [(a, b) for a, b in ((low, middle - radius), (middle + radius, high)) if a < b]


def span(values: Iterable[float], least: float = 10.0) -> tuple[float, float]:
    """Return limits of an axis that hold 0 and all numbers but NaN, with some room, at least so wide."""
    known = [0.0, *(value for value in values if isfinite(value))]
    low, high = min(known), max(known)
    room = max(0.06 * (high - low), (least - (high - low)) / 2)
    return low - room, high + room


def in_order(values: Iterable[str]) -> list[str]:
    """Return each value once, in the order of its first appearance."""
    return list(dict.fromkeys(values))


def left_out(number: int, what: str) -> str:
    """Say how many things a figure leaves out, "" for none."""
    return f"{number} more {what} not drawn; the tables hold all." if number > 0 else ""


def estimate_text(unit: str, estimate: float, low: float, high: float) -> str:
    """Say an estimate with its interval, given as shares, in words for who cannot see it."""
    if isnan(estimate):
        return NO_DATA
    limits = f" (95% interval {percent(low)} to {percent(high)})" if isfinite(low) and isfinite(high) else ""
    return f"{percent(estimate)}{unit}{limits or ' (no interval)'}"


def saved(canvas: Canvas, name: str, title: str, row_texts: Iterable[str], caption: str, foot: str) -> Figure:
    """Save a drawing without a date, a document type or labels as comments: nothing but what draws.

    Args:
        canvas: The drawing.
        name: Stem of its files.
        title: What it shows, one line.
        row_texts: What each row shows, for who cannot see it.
        caption: How to read it.
        foot: What it leaves out, "" for nothing.

    Returns:
        The figure; its SVG has no ground, its PNG a white one.
    """
    alt, caption = f"{title}. {'; '.join(row_texts)}. {foot}".strip(), f"{caption} {foot}".strip()
    svg, png = BytesIO(), BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas.savefig(svg, format="svg", metadata=nothing, facecolor="none")
    canvas.savefig(png, format="png", metadata={"Software": None}, facecolor="white", dpi=150)
    drawn = re.sub("<!--.*?-->", "", svg.getvalue().decode("utf-8"), flags=re.DOTALL)
    return Figure(name, title, alt, caption, drawn[drawn.index("<svg") :], png.getvalue())
