"""Every contrast of every run, with p-values corrected for their number."""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.summary.run_summary import MAIN, Summary
from experiment.statistics.gap import Gap
from experiment.statistics.multiplicity import benjamini_hochberg, holm

CONFIRMATORY, EXPLORATORY = "confirmatory", "exploratory"
CORRECTION = {
    CONFIRMATORY: "Confirmatory are the main gaps of the main conditions; their p-values are Holm's.",
    EXPLORATORY: "Exploratory is every other contrast; their p-values are Benjamini and Hochberg's.",
}


class Contrast(NamedTuple):
    """A contrast of a run, and its p-value corrected within its family."""

    summary: Summary
    name: str
    gap: Gap
    family: str
    corrected: float


def corrected(found: Sequence[tuple[str, float]]) -> list[float]:
    """Correct p-values: Holm's way over the confirmatory ones, Benjamini and Hochberg's over the exploratory ones.

    Args:
        found: Family and p-value of each; NaN stays NaN and does not count.

    Returns:
        The corrected p-values, in the same order.
    """
    way = {CONFIRMATORY: holm, EXPLORATORY: benjamini_hochberg}
    by_family = {name: iter(correct([p for family, p in found if family == name])) for name, correct in way.items()}
    return [next(by_family[family]) for family, _ in found]


def all_contrasts(summaries: Sequence[Summary]) -> list[Contrast]:
    """List the contrasts of all runs: the main gap, then what else the setting declares.

    Args:
        summaries: The runs.

    Returns:
        The contrasts with their corrected p-values.
    """
    listed = [
        (summary, name, gap, CONFIRMATORY if summary.condition == MAIN and name == summary.contrast else EXPLORATORY)
        for summary in summaries
        for name, gap in {summary.contrast: summary.gap, **summary.contrasts}.items()
    ]
    ps = corrected([(family, gap.p) for *_, gap, family in listed])
    return [Contrast(*each, p) for each, p in zip(listed, ps, strict=True)]
