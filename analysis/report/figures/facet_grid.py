"""A grid of panels that share their rows: dots with intervals, one panel per model, run or measure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.report.figures import figure_style as style
from analysis.report.figures.figure_style import GREY, HUES, INK, LINE, MARGIN, MARKERS, WIDTH
from analysis.report.figures.text_fitting import SIZE, SMALL, fit, text_width, wrapped

LABELS, BESIDE, ABOVE, TICKS, TITLE = 2.6, 0.3, 0.2, 0.3, 0.22
ROW, SERIES, HEAD = 0.12, 0.17, 0.3
DASHED = (0, (4, 2))


class Row(NamedTuple):
    """A row of a grid; a heading stands above the first of the rows that share it."""

    label: str
    head: str = ""


class Dot(NamedTuple):
    """An estimate with its interval, in the axis's unit, and where it stands; NaN is drawn as "no data"."""

    panel: str
    row: Row
    series: str
    estimate: float
    low: float
    high: float


class Look(NamedTuple):
    """What a grid shows beside its dots.

    Args:
        axis: What the horizontal axis measures, with its unit.
        references: Where a dashed line stands, by panel and series.
        reference: What the dashed lines are, for the key.
        foot: A last line, "" for none.
        limits: Of the horizontal axis; by default all dots and 0 are in it.
    """

    axis: str
    references: Mapping[tuple[str, str], float] = {}
    reference: str = ""
    foot: str = ""
    limits: tuple[float, float] | None = None


class _Plan(NamedTuple):
    """The parts of a grid and their sizes in inches; places of rows and headings count from the top of a panel."""

    panels: list[str]
    series: list[str]
    rows: dict[Row, float]
    heads: dict[str, float]
    columns: int
    labels: float
    width: float
    height: float
    titles: dict[str, list[str]]
    limits: tuple[float, float]

    @property
    def above(self) -> float:
        return ABOVE + TITLE * max(map(len, self.titles.values()))

    @property
    def step(self) -> float:
        return self.above + self.height + TICKS

    def corner(self, index: int) -> tuple[float, float]:
        """Return the left and upper edge of a panel, below the key."""
        down, right = divmod(index, self.columns)
        return MARGIN + self.labels + right * (self.width + BESIDE), down * self.step + self.above


def grid(dots: Sequence[Dot], look: Look) -> Canvas:
    """Draw a grid of panels of at least one dot; panels, rows and series come in the order of their first dot."""
    plan = _plan(dots, look)
    entries = _entries(plan, look)
    start = MARGIN + LINE * -(-len(entries) // 3)
    end = start + plan.step * -(-len(plan.panels) // plan.columns)
    canvas = style.sheet(end + LINE * (look.axis.count("\n") + 1 + 1.5 * bool(look.foot)) + 2 * MARGIN)
    if entries:
        style.key(canvas, entries)
    for index, panel in enumerate(plan.panels):
        left, top = plan.corner(index)
        axes = style.axes_at(canvas, left, start + top, plan.width, plan.height)
        _panel(axes, panel, [one for one in dots if one.panel == panel], plan, look)
        for line, text in enumerate(reversed(plan.titles[panel])):
            style.write(canvas, left, start + top - TITLE * (line + 0.5), text, size=SIZE, weight="bold")
        if index % plan.columns == 0:
            _label(canvas, start + top, plan)
    middle = (WIDTH + plan.labels) / 2
    style.write(canvas, middle, end + MARGIN, look.axis, ha="center", va="top", size=SIZE)
    style.write(canvas, MARGIN, canvas.get_figheight() - MARGIN, look.foot, va="bottom")
    return canvas


def _plan(dots: Sequence[Dot], look: Look) -> _Plan:
    panels = style.in_order(one.panel for one in dots)
    columns = 3 if len(panels) == 3 else min(2, len(panels))
    rows, heads, height = _stack(dots)
    labels = max(text_width(fit(row.label, LABELS)) for row in rows)
    labels = max([labels, *(text_width(fit(head, LABELS, bold=True), bold=True) for head in heads)]) + 0.15
    width = (WIDTH - 3 * MARGIN - labels - (columns - 1) * BESIDE) / columns
    titles = {panel: wrapped(panel, width) for panel in panels}
    series = style.in_order(one.series for one in dots)
    limits = look.limits or style.span([*(value for one in dots for value in one[3:6]), *look.references.values()])
    return _Plan(panels, series, rows, heads, columns, labels, width, height, titles, limits)


def _stack(dots: Sequence[Dot]) -> tuple[dict[Row, float], dict[str, float], float]:
    """Return where rows and headings stand, and the height of the whole."""
    rows: dict[Row, float] = {}
    heads: dict[str, float] = {}
    y = 0.0
    order = style.in_order(one.row.head for one in dots)
    for row in sorted(dict.fromkeys(one.row for one in dots), key=lambda row: order.index(row.head)):
        if row.head and row.head not in heads:
            heads[row.head] = y + HEAD / 2
            y += HEAD
        height = ROW + SERIES * max(Counter(one.panel for one in dots if one.row == row).values())
        rows[row] = y + height / 2
        y += height
    return rows, heads, y


def _entries(plan: _Plan, look: Look) -> list[Artist]:
    several = len(plan.series) > 1
    names = [fit(each, LABELS, SMALL) for each in plan.series if several]
    entries: list[Artist] = [style.mark(name, *_style(index)) for index, name in enumerate(names)]
    if look.references:
        hue = HUES[0] if {series for _, series in look.references} == {plan.series[0]} else GREY
        entries.append(Line2D([], [], color=hue, linewidth=1.1, linestyle=DASHED, label=look.reference))
    return entries


def _style(index: int) -> tuple[str, str]:
    return HUES[index % len(HUES)], MARKERS[index % len(MARKERS)]


def _panel(axes: Axes, panel: str, dots: Sequence[Dot], plan: _Plan, look: Look) -> None:
    axes.set(xlim=plan.limits, ylim=(plan.height, 0), yticks=[])
    axes.xaxis.set_major_locator(MaxNLocator(min(8, int(plan.width / 0.4)), steps=[1, 2, 5, 10]))
    axes.grid(axis="x")
    axes.axvline(0, color=INK, linewidth=0.9)
    for index, series in enumerate(plan.series):
        if (panel, series) in look.references:
            axes.axvline(look.references[panel, series], color=_style(index)[0], linewidth=1.1, linestyle=DASHED)
    for row, middle in plan.rows.items():
        here = [one for one in dots if one.row == row]
        for place, one in enumerate(here):
            y = middle + SERIES * (place - (len(here) - 1) / 2)
            style.whisker(axes, y, one[3:6], *_style(plan.series.index(one.series)))


def _label(canvas: Canvas, top: float, plan: _Plan) -> None:
    for row, y in plan.rows.items():
        style.write(canvas, MARGIN, top + y, fit(row.label, plan.labels - 0.1), size=SIZE)
    for head, y in plan.heads.items():
        style.write(canvas, MARGIN, top + y, fit(head, plan.labels - 0.1, bold=True), size=SIZE, weight="bold")
