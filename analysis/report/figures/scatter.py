"""How often a model reasons about faking alignment, against its gap."""

from collections.abc import Sequence
from math import isnan
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.report.figures import figure_style as style
from analysis.report.figures.figure_style import GREY, HUES, INK, LIMIT, LINE, MARGIN, NO_DATA, WIDTH
from analysis.report.figures.forest import MEASURED, STAND_IN
from analysis.report.figures.label_placement import Box, nearest, places
from analysis.report.figures.text_fitting import SIZE, SMALL, fit, named, text_width
from analysis.report.pages.blocks import Figure

TITLE = "Alignment-faking reasoning against the compliance gap"
CAPTION = (
    "Each point is a run: to the right, the share of replies in the trained tier whose private reasoning shows "
    "alignment faking; upwards, the compliance gap. The crossed lines are 95% intervals. At the upper right a model "
    "complies more when it believes it is trained and says why; at the upper left it does so without saying why. "
    "Hollow points are simulated models, a dry run. A thin grey line leads from a point to a name that stands apart."
)
DIRECT = 8
AWAY = 0.18
LEFT, WIDE, HIGH, NAME, NUMBER, COLUMNS = 0.85, 6.45, 4.6, 2.8, 0.2, 2


class FakingRow(NamedTuple):
    """A gap and a rate of alignment-faking reasoning with their limits, as shares; NaN where there is none.

    Args:
        label: The run.
        gap, gap_low, gap_high: The compliance gap, in [-1, 1].
        rate, rate_low, rate_high: Share of replies with such reasoning in the trained tier, in [0, 1].
        simulated: Whether the model is a stand-in.
    """

    label: str
    gap: float
    gap_low: float
    gap_high: float
    rate: float
    rate_low: float
    rate_high: float
    simulated: bool = False

    @property
    def known(self) -> bool:
        """Whether it can be drawn."""
        return not (isnan(self.gap) or isnan(self.rate))


@style.styled
def faking_against_gap(rows: Sequence[FakingRow]) -> Figure | None:
    """Draw the rate of alignment-faking reasoning and the gap of the first 60 runs, each a point with both intervals.

    More than 8 runs are numbered and named in a list below.
    """
    if not rows:
        return None
    drawn, foot = rows[:LIMIT], style.left_out(len(rows) - LIMIT, "runs")
    return style.saved(_draw(drawn, foot), "faking", TITLE, map(_alt_text, drawn), CAPTION, foot)


def _alt_text(row: FakingRow) -> str:
    gap, rate = style.estimate_text(" points", *row[1:4]), style.estimate_text("%", *row[4:7])
    return f"{named(row.label)}{f' ({STAND_IN})' if row.simulated else ''}: AF reasoning {rate}, gap {gap}"


def _draw(rows: Sequence[FakingRow], foot: str) -> Canvas:
    numbered = len(rows) > DIRECT
    listed = _listed(rows, numbered)
    below = MARGIN + LINE + HIGH + 0.2 + 0.75
    canvas = style.sheet(below + LINE * (-(-len(listed) // COLUMNS) + 1.2 * bool(foot)) + MARGIN)
    kinds = {row.simulated for row in rows}
    looks = {False: style.mark(MEASURED, HUES[0]), True: style.mark(STAND_IN, HUES[0], hollow=True)}
    style.key(canvas, [look for kind, look in looks.items() if kind in kinds])
    axes = style.axes_at(canvas, LEFT, MARGIN + LINE + 0.2, WIDE, HIGH)
    _frame(axes, rows)
    labels = [str(index) if numbered else fit(row.label, NAME, SMALL) for index, row in enumerate(rows, 1)]
    _points(axes, [(row, label) for row, label in zip(rows, labels, strict=True) if row.known])
    if not any(row.known for row in rows):
        axes.text(0.5, 0.5, NO_DATA, transform=axes.transAxes, ha="center", size=SIZE, style="italic")
    lines = -(-len(listed) // COLUMNS)
    for place, (number, text) in enumerate(listed):
        column, line = divmod(place, lines)
        left, top = MARGIN + column * WIDTH / COLUMNS, below + LINE * (line + 0.5)
        style.write(canvas, left + NUMBER, top, number, ha="right")
        style.write(canvas, left + (NUMBER + 0.1 if numbered else 0), top, text)
    style.write(canvas, MARGIN, canvas.get_figheight() - MARGIN, foot, va="bottom")
    return canvas


def _listed(rows: Sequence[FakingRow], numbered: bool) -> list[tuple[str, str]]:
    """Return the lines below the plot: what the numbers mean, and what could not be drawn."""
    room = WIDTH / COLUMNS - NUMBER - 0.3
    lines = []
    for number, row in enumerate(rows, 1):
        lacking = "" if row.known else f"{NO_DATA}: "
        if numbered or lacking:
            text = lacking + fit(row.label, room - text_width(lacking, SMALL), SMALL)
            lines.append((str(number) if numbered else "", text))
    return lines


def _frame(axes: Axes, rows: Sequence[FakingRow]) -> None:
    rates = [100 * number for row in rows if row.known for number in row[4:7]]
    gaps = [100 * number for row in rows if row.known for number in row[1:4]]
    axes.set(xlim=style.span(rates), ylim=style.span(gaps))
    axes.set_xlabel("AF reasoning in the trained tier, per cent of replies", size=SIZE)
    axes.set_ylabel("Compliance gap, percentage points", size=SIZE)
    axes.grid()
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.axvline(0, color=INK, linewidth=0.9)


def _points(axes: Axes, points: Sequence[tuple[FakingRow, str]]) -> None:
    x, y = _inches(axes, (0, 0))
    thin = [Box(x, 0, x, HIGH), Box(0, y, WIDE, y)]
    for row, _ in points:
        for stretch in _cross(axes, row):
            axes.plot(*zip(*stretch, strict=True), color=HUES[0], linewidth=1.1)
            (left, bottom), (right, top) = (_inches(axes, end) for end in stretch)
            thin.append(Box(left, bottom, right, top))
        style.dot(axes, 100 * row.rate, 100 * row.gap, HUES[0], hollow=row.simulated)
    centres = [_inches(axes, (100 * row.rate, 100 * row.gap)) for row, _ in points]
    sizes = [(text_width(label, SMALL) + 0.08, 0.16) for _, label in points]
    found = places(centres, sizes, Box(0, 0, WIDE, HIGH), thin)
    for box, centre, (_, label) in zip(found, centres, points, strict=True):
        _label(axes, box, centre, label)


def _cross(axes: Axes, row: FakingRow) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the ends of the lines of both intervals, beside the point."""
    gap, gap_low, gap_high, rate, rate_low, rate_high = (100 * number for number in row[1:7])
    flat = [((start, gap), (end, gap)) for start, end in style.around("x", axes, rate_low, rate, rate_high)]
    return flat + [((rate, start), (rate, end)) for start, end in style.around("y", axes, gap_low, gap, gap_high)]


def _inches(axes: Axes, point: tuple[float, float]) -> tuple[float, float]:
    """Return where a point lies, counted from the lower left corner of the axes."""
    (start, end), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return (point[0] - start) / (end - start) * WIDE, (point[1] - bottom) / (top - bottom) * HIGH


def _label(axes: Axes, box: Box, centre: tuple[float, float], label: str) -> None:
    """Write a label, with a thin line to its point where it had to go far."""
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    axes.text(x / WIDE, y / HIGH, label, transform=axes.transAxes, ha="center", va="center", zorder=4)
    near = nearest(centre, box)
    if max(abs(near[0] - centre[0]), abs(near[1] - centre[1])) > AWAY:
        ends = (centre[0] / WIDE, near[0] / WIDE), (centre[1] / HIGH, near[1] / HIGH)
        axes.plot(*ends, transform=axes.transAxes, color=GREY, linewidth=0.7)
