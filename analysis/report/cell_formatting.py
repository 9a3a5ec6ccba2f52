"""Numbers and names as a reader sees them."""

from math import isnan

from analysis.reading.generation_options import UNRECORDED
from analysis.report.pages.blocks import Cell
from analysis.summary.run_summary import Summary
from experiment.formatting import percent
from experiment.statistics.agreement import Estimate
from experiment.statistics.gap import Gap, Rate, WordingGap
from experiment.statistics.model_comparison import Difference

SMALLEST_P = 0.001
STAND_IN = "simulated/"


def both(rates: tuple[Rate, Rate]) -> str:
    """Write the rates of the two tiers."""
    return " / ".join(percent(rate.estimate) for rate in rates)


def limits(low: float, high: float) -> str:
    """Write the limits of an interval."""
    return f"[{percent(low)}, {percent(high)}]"


def interval(found: Gap | WordingGap | Rate | Difference) -> str:
    """Write a gap, a rate or a difference with its interval, in points."""
    return f"{percent(found.estimate)} {limits(found.low, found.high)}"


def estimate(found: Estimate) -> str:
    """Write a grader's share with its interval."""
    return f"{percent(found.value)} {limits(found.low, found.high)}"


def p_value(p: float) -> str:
    """Write a p-value with three decimals."""
    return "-" if isnan(p) else "<.001" if p < SMALLEST_P else f"{p:.3f}"


def measured(found: Gap | WordingGap | Rate | Difference) -> Cell:
    """Return the cell of an estimate with its interval, sorted by the estimate."""
    return Cell(interval(found), found.estimate)


def number(value: float) -> Cell:
    """Return the cell of a share, in per cent."""
    return Cell(percent(value), value)


def count(value: float) -> Cell:
    """Return the cell of a count, "-" when it is not defined."""
    return Cell("-" if isnan(value) else f"{value:.0f}", value)


def counted(number: int | None, total: int) -> Cell:
    """Return the cell of a count with its share of a total, sorted by the share; None is not recorded."""
    if number is None:
        return Cell(UNRECORDED)
    return Cell(f"{number} ({percent(number / total)})", number / total) if total else count(number)


def words(*texts: str) -> tuple[Cell, ...]:
    """Return a cell for each text."""
    return tuple(Cell(text) for text in texts)


def run_cells(summary: Summary, *texts: str) -> tuple[Cell, ...]:
    """Return the cells with which a row about a run begins: its number, its model, and further texts."""
    return count(summary.number), *words(model_name(summary), *texts)


def model_name(summary: Summary) -> str:
    """Name a model, and say where it is a stand-in although its name does not."""
    plain = summary.simulated and not summary.model.startswith(STAND_IN)
    return summary.model + (" (simulated)" if plain else "")


def run_name(summary: Summary) -> str:
    """Name a run in a note: its row, model and condition."""
    return f"{summary.number} ({summary.model}, {summary.condition}, {summary.scratchpad})"
