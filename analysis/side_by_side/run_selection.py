"""Which runs stand side by side: one of each model, in one condition where there is one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.reading.logs import Run
from analysis.summary.run_summary import Summary
from experiment.errors import UserError, unknown_name_error
from experiment.verdict.battery_estimates import MAIN

MOST_MODELS = 2


class Side(NamedTuple):
    """A model's run that is shown."""

    run: Run
    summary: Summary

    @property
    def tiers(self) -> tuple[str, ...]:
        """The trained and the untrained tier, then any other."""
        return tuple(dict.fromkeys((*self.summary.tiers, *self.run.samples["tier"])))


def label(summary: Summary) -> str:
    """Name a run's whole condition: setting, condition, wording and scratchpad mode."""
    return ", ".join((summary.setting, summary.condition, summary.wording, summary.scratchpad))


def choose_sides(
    runs: Sequence[Run], summaries: Sequence[Summary], models: Sequence[str] = (), condition: str = ""
) -> tuple[tuple[Side, ...], list[str]]:
    """Choose the run of each model that is shown.

    Args:
        runs: The runs.
        summaries: Their numbers, in the same order.
        models: One or two models, none for all where there are no more than two.
        condition: The condition, alone or as `label` names it; "" for the main one.

    Returns:
        Of each model the run in the condition that most of them share, of several the one with the most replies, then
        the newest; and what a reader has to know of that, a sentence each.

    Raises:
        UserError: There is no such model or condition, or there are more than two models to show.
    """
    every = [Side(*each) for each in zip(runs, summaries, strict=True)]
    candidates = _in_condition(every, condition)
    known = list(dict.fromkeys(side.summary.model for side in candidates))
    for model in models:
        if model not in known:
            raise unknown_name_error("model", model, known)
    wanted = list(dict.fromkeys(models)) or known
    if len(wanted) > MOST_MODELS:
        raise UserError(f"{len(wanted)} models; choose one or two with --model: {', '.join(wanted)}")
    of = {model: [side for side in candidates if side.summary.model == model] for model in wanted}
    shared = _shared([side for sides in of.values() for side in sides])
    chosen = {model: max(sides, key=lambda side: _standing(side, shared)) for model, sides in of.items()}
    return tuple(chosen.values()), [note for model in wanted for note in _notes(chosen[model], of[model], shared)]


def _in_condition(sides: Sequence[Side], condition: str) -> list[Side]:
    if not sides:
        raise UserError("no log of this evaluation could be used")
    if not condition:
        return [side for side in sides if side.summary.condition == MAIN] or list(sides)
    found = [side for side in sides if condition in (side.summary.condition, label(side.summary))]
    if not found:
        summaries = [side.summary for side in sides]
        known = {each.condition for each in summaries} | {f"{label(each)!r}" for each in summaries}
        raise unknown_name_error("condition", condition, known)
    return found


def _shared(sides: Sequence[Side]) -> str:
    """Return the condition that most models share, of several the one with the most replies."""
    alike: dict[str, list[Side]] = {}
    for side in sides:
        alike.setdefault(label(side.summary), []).append(side)
    return max(alike, key=lambda name: (len({side.summary.model for side in alike[name]}), _largest(alike[name])))


def _largest(sides: Sequence[Side]) -> int:
    return max(len(side.run.samples) for side in sides)


def _standing(side: Side, shared: str) -> tuple[bool, int, str, int]:
    return label(side.summary) == shared, len(side.run.samples), side.run.log.eval.created, side.run.grading


def _notes(chosen: Side, candidates: Sequence[Side], shared: str) -> Iterator[str]:
    named = f"{chosen.summary.model}: run {chosen.summary.number}"
    own = label(chosen.summary)
    if own != shared:
        yield f"{named} is in another condition than the other model ({own}): compare with care."
    alike = sum(label(side.summary) == own for side in candidates)
    if alike > 1:
        yield f"{named} is shown of {alike} in this condition: the one with the most replies, of several the newest."
    others = sorted({label(side.summary) for side in candidates} - {own})
    if others:
        yield f"{named} is shown; --condition chooses another: {'; '.join(others)}."
