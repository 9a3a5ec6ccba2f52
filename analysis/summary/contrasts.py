"""Every contrast of every run, and two models on the same queries, with p-values corrected for their number."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import nan
from typing import Literal, NamedTuple

from analysis.reading.logs import Run
from analysis.summary.battery_patterns import NO_SCRATCHPAD_MODE
from analysis.summary.run_summary import Summary, observations
from experiment.errors import UserError
from experiment.statistics.gap import Gap
from experiment.statistics.model_comparison import Difference, difference_of_gaps, difference_of_rates
from experiment.statistics.multiple_comparisons import adjusted
from experiment.statistics.pairing import Observation, Pairs, pair
from experiment.verdict.battery_estimates import MAIN

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


def _corrected(found: Sequence[tuple[str, float]]) -> list[float]:
    """Correct p-values within their families: Holm's way the confirmatory ones, else Benjamini and Hochberg's."""
    methods: dict[str, Literal["holm", "fdr_bh"]] = {CONFIRMATORY: "holm", EXPLORATORY: "fdr_bh"}
    by_family = {
        name: iter(adjusted([p for family, p in found if family == name], method)) for name, method in methods.items()
    }
    return [next(by_family[family]) for family, _ in found]


def is_main(summary: Summary) -> bool:
    """Tell whether a run is the setting as it is: no variant, and a scratchpad to reason in."""
    return summary.condition == MAIN and summary.scratchpad != NO_SCRATCHPAD_MODE


def all_contrasts(summaries: Sequence[Summary]) -> list[Contrast]:
    """List the contrasts of all runs: the main gap, then what else the setting declares."""
    listed = [
        (summary, name, gap, CONFIRMATORY if is_main(summary) and name == summary.contrast else EXPLORATORY)
        for summary in summaries
        for name, gap in {summary.contrast: summary.gap, **summary.contrasts}.items()
    ]
    ps = _corrected([(family, gap.p) for *_, gap, family in listed])
    return [Contrast(*each, p) for each, p in zip(listed, ps, strict=True)]


class Compared(NamedTuple):
    """One line of a comparison.

    Args:
        of: What is compared: "gap", or a tier's rate.
        found: First minus second, and what only one of both answered.
        family: Confirmatory or exploratory.
        corrected: The p-value, corrected within the family.
    """

    of: str
    found: Difference
    family: str
    corrected: float = nan


class Comparison(NamedTuple):
    """Two runs of different models in one condition.

    Args:
        first, second: The runs.
        lines: The gap, then the rate of each tier.
    """

    first: Summary
    second: Summary
    lines: tuple[Compared, ...]


def compare(runs: Sequence[Run], summaries: Sequence[Summary], baseline: str = "") -> list[Comparison]:
    """Compare every two models that were asked the same in the same way, or each with one of them.

    Args:
        runs: The runs.
        summaries: Their numbers, in the same order.
        baseline: The model that the others are compared with, "" for every pair.

    Returns:
        A comparison for each two runs; the p-values are corrected over all of them.

    Raises:
        UserError: No run is of the baseline.
    """
    models = sorted({summary.model for summary in summaries})
    if baseline and baseline not in models:
        raise UserError(f"no log is of the baseline {baseline!r}; the models are {', '.join(models)}")
    sides = [_side(run, summary) for run, summary in zip(runs, summaries, strict=True)]
    found = [_compare(first, second) for first, second in _couples(sides, baseline)]
    ps = iter(_corrected([(line.family, line.found.p) for each in found for line in each.lines]))
    return [each._replace(lines=tuple(line._replace(corrected=next(ps)) for line in each.lines)) for each in found]


class _Side(NamedTuple):
    summary: Summary
    asked: tuple[object, ...]
    words: list[Observation]
    pairs: Pairs


def _side(run: Run, summary: Summary) -> _Side:
    words = observations(run.samples, run.samples["complied"])
    return _Side(summary, _asked(run), words, pair(words, *summary.tiers))


def _couples(sides: Sequence[_Side], baseline: str) -> Iterator[tuple[_Side, _Side]]:
    alike: dict[tuple[object, ...], list[_Side]] = {}
    for side in sides:
        alike.setdefault(side.asked, []).append(side)
    for group in alike.values():
        for first, second in combinations(group, 2):
            models = (first.summary.model, second.summary.model)
            if models[0] != models[1] and (not baseline or baseline in models):
                yield (second, first) if models[0] == baseline else (first, second)


def _asked(run: Run) -> tuple[object, ...]:
    """Return what must be the same where models are compared; a shipped prompt's words follow from the task version."""
    facts = run.log.eval.metadata or {}
    shipped = facts["setting_path"] == facts["setting"]
    names = ("setting", "wording", "scratchpad", "queries", "queries_sha256", "setting_path")
    return (
        run.log.eval.task_version,
        *(facts[name] for name in names),
        str(facts["variant"]),
        "" if shipped else str(facts["prompt_sha256"]),
        str(sorted(run.judges.items())),
    )


def _compare(first: _Side, second: _Side) -> Comparison:
    family = CONFIRMATORY if is_main(first.summary) else EXPLORATORY
    lines = [Compared("gap", difference_of_gaps(first.pairs, second.pairs), family)]
    lines += [
        Compared(f"complied, {tier}", difference_of_rates(first.words, second.words, tier), EXPLORATORY)
        for tier in first.summary.tiers
    ]
    return Comparison(first.summary, second.summary, tuple(lines))
