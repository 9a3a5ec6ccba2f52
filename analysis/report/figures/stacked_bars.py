"""What became of the replies of each tier, as bars split into parts, both tiers of a run next to each other."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import isnan, nan
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch, Rectangle

from analysis.report.figures import figure_style as style
from analysis.report.figures.figure_style import GREY, HUES, INK, LIMIT, LINE, MARGIN, NO_DATA, WIDTH
from analysis.report.figures.text_fitting import SIZE, SMALL, fit, named, text_width
from analysis.report.pages.blocks import Figure
from experiment.formatting import percent

# The dark of lines and figures within a part stays dark on a dark page: it stands on the part's colour, not on ground.
INSIDE = "#050505"
NARROW = 0.06
TITLE = "What became of the replies, by tier"
CAPTION = (
    "Each bar is all replies of one tier of a run, split into shares. The figures in its parts are per cent, rounded, "
    "and left out where a part is narrow. A missing reply could not be measured, so it is neither complied nor "
    "refused. Compare the tiers of a run: the parts that differ are what its gap is made of, not its cause."
)
BAR, HEAD, APART, TIERS = 0.25, 0.3, 0.1, 1.4


class Part(NamedTuple):
    """How a part of a bar looks, and its name where there is little room."""

    color: str
    hatch: str
    short: str


PARTS: Mapping[str, Part] = {
    "refused": Part(HUES[0], "", "refused"),
    "refused after considering it": Part(HUES[3], "///", "considered"),
    "complied": Part(HUES[1], "", "complied"),
    "complied with AF reasoning": Part(HUES[2], "xxx", "AF reasoning"),
    "missing": Part(GREY, "|||", "missing"),
}


class TierRow(NamedTuple):
    """The replies of one tier.

    Args:
        label: The run.
        tier: The tier.
        shares: Share in [0, 1] of each of `PARTS`; a part that is NaN or not named is "no data".
    """

    label: str
    tier: str
    shares: Mapping[str, float]


@style.styled
def tier_bars(rows: Sequence[TierRow]) -> Figure | None:
    """Draw the parts of each tier as stacked bars, those of a run below its name.

    Args:
        rows: Tiers of a run next to each other; whole runs are drawn up to 60 bars, the first run always.

    Returns:
        The figure, None without a row.

    Raises:
        ValueError: If a share has a name that is not one of `PARTS`.
    """
    if not rows:
        return None
    if unknown := {name for row in rows for name in row.shares} - PARTS.keys():
        raise ValueError(f"parts of a bar are {', '.join(PARTS)}, not {', '.join(sorted(unknown))}")
    runs = [list(run) for _, run in groupby(rows, key=lambda row: row.label)]
    drawn = [run for index, run in enumerate(runs) if not index or sum(map(len, runs[: index + 1])) <= LIMIT]
    foot = style.left_out(len(runs) - len(drawn), "runs")
    row_texts = (_alt_text(row) for run in drawn for row in run)
    return style.saved(_draw(drawn, foot), "tiers", TITLE, row_texts, CAPTION, foot)


def _share(row: TierRow, part: str) -> float:
    return row.shares.get(part, nan)


def _alt_text(row: TierRow) -> str:
    shares = ((part, _share(row, part)) for part in PARTS)
    row_texts = (f"{part} {NO_DATA if isnan(share) else f'{percent(share)}%'}" for part, share in shares)
    return f"{named(row.label)}, {named(row.tier)}: {', '.join(row_texts)}"


def _draw(runs: Sequence[Sequence[TierRow]], foot: str) -> Canvas:
    tiers = max(text_width(fit(row.tier, TIERS)) for run in runs for row in run) + 0.3
    height = sum(HEAD + BAR * len(run) + APART for run in runs)
    start = MARGIN + 2 * LINE + 0.1
    canvas = style.sheet(start + height + 0.55 + MARGIN + 1.2 * LINE * bool(foot))
    looks = (Patch(**_look(part), label=part) for part in PARTS)
    style.key(canvas, [*looks])
    axes = style.axes_at(canvas, MARGIN + tiers, start, WIDTH - 3 * MARGIN - tiers, height)
    axes.set(xlim=(0, 100), ylim=(height, 0), yticks=[])
    y = 0.0
    for run in runs:
        _head(canvas, start + y + HEAD * 0.55, run)
        y += HEAD
        for row in run:
            style.write(canvas, MARGIN + tiers - 0.1, start + y + BAR / 2, fit(row.tier, TIERS), ha="right", size=SIZE)
            _bar(axes, y + BAR / 2, row)
            y += BAR
        y += APART
    middle, below = MARGIN + tiers + (WIDTH - 3 * MARGIN - tiers) / 2, start + height + 0.3
    style.write(canvas, middle, below, "Share of replies, per cent", ha="center", va="top", size=SIZE)
    style.write(canvas, MARGIN, canvas.get_figheight() - MARGIN, foot, va="bottom")
    return canvas


def _head(canvas: Canvas, top: float, run: Sequence[TierRow]) -> None:
    """Write the name of a run, and which parts of its bars have no data though others do."""
    partly = [row for row in run if not all(isnan(_share(row, part)) for part in PARTS)]
    lacking = [look.short for part, look in PARTS.items() if any(isnan(_share(row, part)) for row in partly)]
    note = f"{NO_DATA}: {', '.join(lacking)}" if lacking else ""
    style.write(canvas, WIDTH - MARGIN, top, note, ha="right", style="italic", size=SMALL)
    room = WIDTH - 2 * MARGIN - (text_width(note, SMALL) + 0.3 if note else 0)
    style.write(canvas, MARGIN, top, fit(run[0].label, room, bold=True), size=SIZE, weight="bold")


def _bar(axes: Axes, y: float, row: TierRow) -> None:
    start = 0.0
    for part in PARTS:
        share = _share(row, part)
        if isnan(share) or share <= 0:
            continue
        height = BAR - 0.03
        axes.add_artist(Rectangle((start, y - height / 2), 100 * share, height, **_look(part)))
        if share >= NARROW:
            box = {"facecolor": PARTS[part].color, "edgecolor": "none", "pad": 1.2}
            place = (start + 50 * share, y)
            axes.text(*place, f"{100 * share:.0f}", color=INSIDE, ha="center", va="center_baseline", bbox=box)
        start += 100 * share
    if all(isnan(_share(row, part)) for part in PARTS):
        axes.text(1, y, NO_DATA, color=INK, va="center", style="italic")


def _look(part: str) -> dict[str, Any]:
    color, hatch, _ = PARTS[part]
    return {"facecolor": color, "hatch": hatch, "edgecolor": INSIDE, "linewidth": 0.6}
