"""Rates of a model at its checkpoints: a panel for each measure below the other, both tiers in each."""

from collections.abc import Sequence
from math import isnan
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from analysis.report.figures import figure_style as style
from analysis.report.figures.figure_style import HUES, LIMIT, LINE, MARGIN, MARKERS, NO_DATA, WIDTH
from analysis.report.figures.text_fitting import SIZE, fit, named
from analysis.report.pages.blocks import Figure

TITLE = "Rates by training step"
CAPTION = (
    "Each panel is a measure, in per cent of the replies of a tier, with 95% intervals; to the right, the step of the "
    "checkpoint, where step 0 is the base model if it was run. The first panels have an axis of their own, those of "
    "the motives share one; a reply can show several motives, so they do not add up. A gap that closes while the "
    "reasoning stays does not show that the model no longer fakes alignment. The checkpoints of one training run are "
    "one model trained once: another run may go another way."
)
SIMULATED = "Hollow marks are simulated models, a dry run."
HEAD, TICKS, GAP, LEFT, APART = 0.28, 0.22, 0.12, 0.5, 0.1
WIDE = WIDTH - LEFT - 2 * MARGIN
TALL, SHORT = 1.7, 0.6
LEAST = 10.0


class StepRow(NamedTuple):
    """A rate of one tier at one checkpoint.

    Args:
        step: The step.
        measure: What is counted.
        tier: The tier.
        estimate, low, high: The rate with its limits, in [0, 1]; NaN is "no data".
        motive: Whether it is one of the motives, whose panels are small.
        simulated: Whether a stand-in model took part.
    """

    step: float
    measure: str
    tier: str
    estimate: float
    low: float
    high: float
    motive: bool = False
    simulated: bool = False


@style.styled
def checkpoints(rows: Sequence[StepRow], label: str, name: str = "checkpoints") -> Figure | None:
    """Draw rates by step, a panel for each measure in the order of its first row; the first 60 steps are drawn."""
    if not rows:
        return None
    steps = sorted({row.step for row in rows})
    drawn = sorted((row for row in rows if row.step in steps[:LIMIT]), key=lambda row: row.step)
    measures, tiers = style.in_order(row.measure for row in rows), style.in_order(row.tier for row in rows)
    foot = style.left_out(len(steps) - LIMIT, "steps")
    ordered = sorted(drawn, key=lambda row: (measures.index(row.measure), tiers.index(row.tier)))
    caption = f"{CAPTION} {SIMULATED}" if any(row.simulated for row in rows) else CAPTION
    title = f"{TITLE}: {named(label)}"
    return style.saved(_draw(ordered, tiers, label, foot), name, title, map(_alt_text, ordered), caption, foot)


def _alt_text(row: StepRow) -> str:
    return f"{named(row.measure)}, {named(row.tier)}, step {row.step:g}: {style.estimate_text('%', *row[3:6])}"


def _draw(rows: Sequence[StepRow], tiers: Sequence[str], label: str, foot: str) -> Canvas:
    panels = [[row for row in rows if row.measure == each] for each in style.in_order(row.measure for row in rows)]
    start = MARGIN + 2 * LINE
    height = sum(HEAD + _height(panel) + GAP for panel in panels)
    canvas = style.sheet(start + height + TICKS + 1.5 * LINE + MARGIN + 1.2 * LINE * bool(foot))
    style.write(
        canvas,
        MARGIN,
        MARGIN + LINE / 2,
        fit(label, WIDTH - 2 * MARGIN, bold=True),
        size=SIZE,
        weight="bold",
    )
    hollow = all(row.simulated for row in rows)
    style.key(
        canvas,
        [style.mark(fit(tier, 2.0), *_look(place), hollow) for place, tier in enumerate(tiers)],
        MARGIN + LINE + 0.05,
    )
    top = start
    for panel in panels:
        style.write(canvas, MARGIN, top + HEAD / 2, fit(panel[0].measure, WIDTH - 2 * MARGIN), size=SIZE)
        axes = style.axes_at(canvas, LEFT, top + HEAD, WIDE, _height(panel))
        axes.tick_params(labelbottom=panel is panels[-1])
        _frame(axes, rows, [row for row in rows if row.motive] if panel[0].motive else panel)
        for place, tier in enumerate(tiers):
            aside = APART * (place - (len(tiers) - 1) / 2)
            _tier(axes, [row for row in panel if row.tier == tier], aside, _look(place))
        top += HEAD + _height(panel) + GAP
    style.write(canvas, LEFT + WIDE / 2, top + TICKS, "Training step", ha="center", va="top", size=SIZE)
    style.write(canvas, MARGIN, canvas.get_figheight() - MARGIN, foot, va="bottom")
    return canvas


def _height(panel: Sequence[StepRow]) -> float:
    return SHORT if panel[0].motive else TALL


def _look(place: int) -> tuple[str, str]:
    return HUES[place % len(HUES)], MARKERS[place % len(MARKERS)]


def _frame(axes: Axes, rows: Sequence[StepRow], shared: Sequence[StepRow]) -> None:
    """Set the limits: to the right all steps, upwards the rates of the panels that share an axis."""
    steps = [row.step for row in rows]
    room = 0.04 * (max(steps) - min(steps)) or 1.0
    rates = [100 * number for row in shared for number in row[3:6] if not isnan(number)]
    axes.set(xlim=(min(steps) - room, max(steps) + room), ylim=(0, 1.08 * max([LEAST, *rates])))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(2 if shared[0].motive else 4, steps=[1, 2, 5, 10]))
    axes.grid()


def _tier(axes: Axes, rows: Sequence[StepRow], aside: float, look: tuple[str, str]) -> None:
    """Draw one tier's rates with their intervals, a little aside, as the other tier's stand at the same steps."""
    start, end = axes.get_xlim()
    color, marker = look
    places = [row.step + aside / WIDE * (end - start) for row in rows]
    axes.plot(places, [100 * row.estimate for row in rows], color=color, linewidth=0.8)  # with a hole where NaN stands
    for x, row in zip(places, rows, strict=True):
        if isnan(row.estimate):
            axes.text(x, 0, NO_DATA, rotation=90, ha="center", va="bottom", style="italic")
            continue
        middle, low, high = (100 * number for number in row[3:6])
        for stretch in style.around("y", axes, low, middle, high):
            axes.plot((x, x), stretch, color=color, linewidth=1.4)
        style.dot(axes, x, middle, color, marker, row.simulated)
