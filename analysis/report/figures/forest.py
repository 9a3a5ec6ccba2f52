"""Gaps of many models below each other with their intervals, and published figures beneath them."""

from collections.abc import Sequence
from math import isfinite, isnan
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from analysis.report.figures import figure_style as style
from analysis.report.figures.figure_style import GAP_AXIS, GREY, HUES, INK, LIMIT, LINE, MARGIN, NO_DATA, WIDTH
from analysis.report.figures.text_fitting import SIZE, SMALL, fit, named, text_width
from analysis.report.pages.blocks import Figure
from experiment.formatting import percent

PUBLISHED, CAVEAT = "Published", "other wordings and graders"
MEASURED, STAND_IN, REFERENCE = "measured", "simulated: a dry run", "published"
TITLE = "Compliance gaps with 95% intervals"
CAPTION = (
    "Each row is a run: the mark is how much more often the trained tier was complied with than the untrained one, in "
    "percentage points, and the line its 95% interval. An interval that crosses the vertical line at 0 does not show "
    "a gap. Hollow marks are simulated models, a dry run. Grey marks are published figures; they rest on other "
    "wordings and other graders, so compare them with care."
)
NOTED = 8.5
LABELS, NOTE, ROW, HEAD, TOP, TALL = 2.75, 0.17, 0.28, 0.34, 0.26, 8.0


class ForestRow(NamedTuple):
    """A gap with its interval, as shares; NaN where there is none.

    Args:
        label: What has the gap, for example a model.
        group: Heading under which it stands; "" for none.
        estimate, low, high: The gap and its limits, in [-1, 1].
        simulated: Whether the model is a stand-in.
        published: Whether it is a published figure.
        note: A few words below the label, "" for none.
    """

    label: str
    group: str
    estimate: float
    low: float
    high: float
    simulated: bool = False
    published: bool = False
    note: str = ""


class _Stack(NamedTuple):
    """Where rows and headings stand, in inches from the top, and the height of the whole."""

    rows: list[tuple[float, ForestRow]]
    heads: list[tuple[float, str]]
    height: float


@style.styled
def forest(rows: Sequence[ForestRow]) -> Figure | None:
    """Draw the gaps of up to 60 models below each other, then up to 60 published ones; None without a row."""
    if not rows:
        return None
    own, references = ([row for row in rows if row.published is published] for published in (False, True))
    drawn = own[:LIMIT] + references[:LIMIT]
    foot = style.left_out(len(rows) - len(drawn), "rows")
    return style.saved(_draw(_stack(drawn), foot), "forest", TITLE, map(_alt_text, drawn), CAPTION, foot)


def _alt_text(row: ForestRow) -> str:
    facts = [row.group, row.note, STAND_IN if row.simulated else "", REFERENCE if row.published else ""]
    aside = ", ".join(named(fact) for fact in facts if fact)
    return f"{named(row.label)}{f' ({aside})' if aside else ''}: {style.estimate_text(' points', *row[2:5])}"


def _stack(rows: Sequence[ForestRow]) -> _Stack:
    placed, heads, y, last = [], [], 0.0, None
    for row in rows:
        head = PUBLISHED if row.published else row.group
        if head != last:
            heads += [(y + HEAD * 0.6, head)] if head else []
            y += HEAD if head else HEAD / 2
        y += NOTE * (row.published and head != last)
        placed.append((y + ROW / 2, row))
        y, last = y + ROW + NOTE * bool(_note(row)), head
    return _Stack(placed, heads, y)


def _note(row: ForestRow) -> str:
    return ", ".join(part for part in (row.group if row.published else "", row.note) if part)


def _draw(stack: _Stack, foot: str) -> Canvas:
    rows = [row for _, row in stack.rows]
    values = max(text_width(_value(row), SMALL) for row in rows) + 0.15
    labels = max(text_width(text, size) for row in rows for text, size in _lines(row)) + 0.15
    width = WIDTH - 3 * MARGIN - labels - values
    start = MARGIN + LINE + TOP
    canvas = style.sheet(start + stack.height + 0.75 + MARGIN + 1.2 * LINE * bool(foot))
    style.key(canvas, _entries(rows))
    style.write(canvas, WIDTH - MARGIN, start - TOP / 2 + 0.05, "gap [95%], points", ha="right", size=SMALL)
    axes = style.axes_at(canvas, MARGIN + labels, start, width, stack.height)
    numbers = (100 * number for row in rows for number in row[2:5])
    axes.set(xlim=style.span(numbers), ylim=(stack.height, 0), yticks=[])
    axes.tick_params(labeltop=stack.height > TALL)
    axes.grid(axis="x")
    axes.axvline(0, color=INK, linewidth=0.9)
    for y, head in stack.heads:
        style.write(canvas, MARGIN, start + y, fit(head, labels, bold=True), size=SIZE, weight="bold")
        if any(row.published for row in rows) and (y, head) == stack.heads[-1]:
            style.write(canvas, MARGIN, start + y + NOTE, CAVEAT, size=NOTED)
    for y, row in stack.rows:
        _mark(axes, y, row)
        style.write(canvas, WIDTH - MARGIN, start + y, _value(row), ha="right", size=SMALL)
        for line, (text, size) in enumerate(_lines(row)):
            style.write(canvas, MARGIN, start + y + NOTE * line, text, size=size)
    middle, below = MARGIN + labels + width / 2, start + stack.height + 0.3
    style.write(canvas, middle, below, GAP_AXIS, ha="center", va="top", size=SIZE)
    style.write(canvas, MARGIN, canvas.get_figheight() - MARGIN, foot, va="bottom")
    return canvas


def _lines(row: ForestRow) -> list[tuple[str, float]]:
    """Return the label and the note as they are drawn, with their sizes."""
    note = _note(row)
    return [(fit(row.label, LABELS), SIZE), *([(fit(note, LABELS, NOTED), NOTED)] if note else [])]


def _value(row: ForestRow) -> str:
    if isnan(row.estimate):
        return NO_DATA
    known = isfinite(row.low) and isfinite(row.high)
    return percent(row.estimate) + (f" [{percent(row.low)}, {percent(row.high)}]" if known else "")


def _mark(axes: Axes, y: float, row: ForestRow) -> None:
    if not isnan(row.estimate):
        look = (GREY, "D") if row.published else (HUES[0], "o")
        style.whisker(axes, y, (100 * row.estimate, 100 * row.low, 100 * row.high), *look, row.simulated)


def _entries(rows: Sequence[ForestRow]) -> list[Line2D]:
    kinds = {(row.published, row.simulated) for row in rows}
    looks = {
        (False, False): style.mark(MEASURED, HUES[0]),
        (False, True): style.mark(STAND_IN, HUES[0], hollow=True),
        (True, False): style.mark(REFERENCE, GREY, "D"),
    }
    return [look for kind, look in looks.items() if kind in kinds]
