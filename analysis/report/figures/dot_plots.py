"""Figures of dots with intervals: wordings, conditions of a battery, graders against labels."""

from collections.abc import Sequence
from math import isnan
from typing import NamedTuple

from analysis.report.figures.facet_grid import Dot, Look, Row, grid
from analysis.report.figures.figure_style import GAP_AXIS, LIMIT, estimate_text, in_order, left_out, saved, styled
from analysis.report.figures.text_fitting import named
from analysis.report.pages.blocks import Figure
from experiment.formatting import percent

MAIN = "main"
PANELS = 12
WORDINGS, BATTERY = "The gap in each wording", "Contrasts between tiers, by condition"
AGREEMENT = "How the graders agree with labels"
ACROSS = "The horizontal axis is the same in all panels; the vertical line is 0."
WORDINGS_CAPTION = (
    "Each panel is a run and each mark the compliance gap in one wording of the prompt, in percentage points, with the "
    f"95% interval of that wording alone. The dashed line is the gap of the whole run. {ACROSS} Marks far from the "
    "dashed line, beyond their intervals, say that the result depends on how the prompt is worded."
)
BATTERY_CAPTION = (
    "Each panel is a model and each row a condition; the main one stands first, and a dashed line carries its estimate "
    f"down. Marks are differences in compliance between two tiers, in percentage points, with 95% intervals. {ACROSS} "
    "A condition whose interval does not reach the dashed line changes the contrast. An empty row was not run."
)
AGREEMENT_CAPTION = (
    "Sensitivity is the share of labelled cases that the grader finds, specificity the share of the others that it "
    "lets pass; lines are 95% intervals. Right is better. A low specificity makes a rare behaviour look common."
)


class WordingRow(NamedTuple):
    """A run's gap in one wording.

    Args:
        label: The run; its name is unlike those of the others.
        wording: The wording.
        estimate, low, high: The gap in it with its limits, in [-1, 1].
        pairs: Number of pairs it rests on.
        overall: The gap of the whole run, NaN for none.
    """

    label: str
    wording: str
    estimate: float
    low: float
    high: float
    pairs: int
    overall: float


class BatteryRow(NamedTuple):
    """A contrast of a model in a condition, with its limits, in [-1, 1]."""

    model: str
    condition: str
    contrast: str
    estimate: float
    low: float
    high: float


class AgreementRow(NamedTuple):
    """How often a grader is right on one score.

    Args:
        grader: The grader.
        score: What it grades.
        sensitivity, sensitivity_low, sensitivity_high: Share of the labelled cases that it finds, in [0, 1].
        specificity, specificity_low, specificity_high: Share of the others that it lets pass, in [0, 1].
        texts: Number of labelled texts.
    """

    grader: str
    score: str
    sensitivity: float
    sensitivity_low: float
    sensitivity_high: float
    specificity: float
    specificity_low: float
    specificity_high: float
    texts: int


@styled
def wordings(rows: Sequence[WordingRow]) -> Figure | None:
    """Draw the gap in each wording, a panel for each of the first 12 runs; None without a row."""
    if not rows:
        return None
    runs = in_order(row.label for row in rows)
    drawn = [row for row in rows if row.label in runs[:PANELS]]
    overall = {row.label: row.overall for row in drawn if not isnan(row.overall)}
    references = {(run, ""): 100 * gap for run, gap in overall.items()}
    dots = [Dot(row.label, Row(row.wording), "", *_percent(row[2:5])) for row in drawn]
    row_texts = [f"{named(run)} in all wordings: {percent(gap)} points" for run, gap in overall.items()]
    row_texts += [
        f"{named(row.label)}, {named(row.wording)}: {estimate_text(' points', *row[2:5])}, {row.pairs} pairs"
        for row in drawn
    ]
    foot = left_out(len(runs) - PANELS, "runs")
    look = Look(GAP_AXIS, references, "gap of the whole run", foot)
    return saved(grid(dots, look), "wordings", WORDINGS, row_texts, WORDINGS_CAPTION, foot)


@styled
def battery(rows: Sequence[BatteryRow], main: str = MAIN) -> Figure | None:
    """Draw the contrasts in each condition, a panel for each of the first 12 models, the main condition first."""
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: row.condition != main)
    models, conditions = in_order(row.model for row in rows), in_order(row.condition for row in ordered)
    kept = [row for row in ordered if row.model in models[:PANELS] and row.condition in conditions[:LIMIT]]
    drawn = sorted(kept, key=lambda row: conditions.index(row.condition))
    dots = [Dot(row.model, Row(row.condition), row.contrast, *_percent(row[3:6])) for row in drawn]
    mains = (one for one in dots if one.row.label == main and not isnan(one.estimate))
    references = {(one.panel, one.series): one.estimate for one in mains}
    left = left_out(len(models) - PANELS, "models"), left_out(len(conditions) - LIMIT, "conditions")
    foot = " ".join(filter(None, left))
    row_texts = (
        f"{named(row.model)}, {named(row.condition)}, {named(row.contrast)}: {estimate_text(' points', *row[3:6])}"
        for row in sorted(drawn, key=lambda row: models.index(row.model))
    )
    axis = "Difference in compliance between two tiers, percentage points"
    look = Look(axis, references, "main condition", foot)
    return saved(grid(dots, look), "battery", BATTERY, row_texts, BATTERY_CAPTION, foot)


@styled
def agreement(rows: Sequence[AgreementRow]) -> Figure | None:
    """Draw how often the first 60 graders are right, sensitivity beside specificity; None without a row."""
    if not rows:
        return None
    dots, row_texts = [], []
    for row in rows[:LIMIT]:
        place = Row(f"{row.score}, {row.texts} texts", row.grader)
        dots.append(Dot("Sensitivity", place, "", *_percent(row[2:5])))
        dots.append(Dot("Specificity", place, "", *_percent(row[5:8])))
        rates = f"sensitivity {estimate_text('%', *row[2:5])}, specificity {estimate_text('%', *row[5:8])}"
        row_texts.append(f"{named(row.grader)}, {named(row.score)}, {row.texts} texts: {rates}")
    foot = left_out(len(rows) - LIMIT, "rows")
    look = Look("Per cent of labelled texts", foot=foot, limits=(0, 100))
    return saved(grid(dots, look), "agreement", AGREEMENT, row_texts, AGREEMENT_CAPTION, foot)


def _percent(shares: Sequence[float]) -> tuple[float, float, float]:
    estimate, low, high = (100 * share for share in shares)
    return estimate, low, high
