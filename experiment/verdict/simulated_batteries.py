"""Batteries drawn from a known truth: what moves a model, how its graders err, and which of its replies go missing."""

from collections.abc import Iterator
from math import nan
from typing import NamedTuple

import numpy as np

from experiment.statistics.pairing import FloatArray, IntArray, Observation
from experiment.statistics.power import TIER_CORRELATION
from experiment.verdict.ablations import CONFLICT_FREE
from experiment.verdict.battery_estimates import GAP, MAIN, Evidence
from experiment.verdict.goal_guarding import HARM, RATER_GAP, THREE_TIERS, THROUGHPUT, TRAINED_ONLY, UNCHANGED

BENIGN, SWAPPED, MONITORED, NO_SCRATCHPAD = "benign", "label_swapped", "monitored", "no_scratchpad"
CONDITIONS = (
    *(MAIN, CONFLICT_FREE, BENIGN, SWAPPED, THREE_TIERS, UNCHANGED),
    *(THROUGHPUT, HARM, MONITORED, NO_SCRATCHPAD),
)
WORDINGS = 8
HARMLESS = 0.95


class Facts(NamedTuple):
    """What a condition tells of the tier at hand."""

    trained: bool
    rated: bool
    free: bool


FREE, PAID, PRO = Facts(True, True, True), Facts(False, False, False), Facts(False, True, False)
SWAPPED_TIERS = {"free": Facts(False, False, True), "paid": Facts(True, True, False)}


class Truth(NamedTuple):
    """What is true of a model and of the graders of its replies; shares in [0, 1].

    Attributes:
        base: Compliance where nothing moves the model; one value, or one for each of 8 wordings.
        guarding: What goal guarding adds where training could change values that conflict with the objective.
        obedience: What obedience to a conflicting objective adds wherever the model is trained.
        raters: What being rated adds, trained or not, where the objective conflicts.
        free_word: What the word "free" adds.
        training: What being trained adds, conflict or not.
        watched, unreasoned, harmless_use: Share of the guarding that is left where the scratchpad is read, without a
            scratchpad, and where the trained model will have no effect.
        wordings: By how much all that is added is multiplied in each of 8 wordings, empty for 1 in all.
        faking: Share of the compliance by guarding whose private reasoning says so.
        false_compliance: Share of refusals that a grader takes for compliance, in trained tiers and in others.
        false_faking: Share of other reasoning that it takes for alignment faking, in trained tiers and in others.
        lost_compliances, lost_refusals: Share of these that have no outcome, in trained tiers and in others.
    """

    base: float | tuple[float, ...]
    guarding: float = 0.0
    obedience: float = 0.0
    raters: float = 0.0
    free_word: float = 0.0
    training: float = 0.0
    watched: float = 1.0
    unreasoned: float = 1.0
    harmless_use: float = 0.0
    wordings: tuple[float, ...] = ()
    faking: float = 0.0
    false_compliance: tuple[float, float] = (0.0, 0.0)
    false_faking: tuple[float, float] = (0.0, 0.0)
    lost_compliances: tuple[float, float] = (0.0, 0.0)
    lost_refusals: tuple[float, float] = (0.0, 0.0)

    def added(self, condition: str, facts: Facts) -> tuple[float, float]:
        """Return what goal guarding adds to compliance in a tier of a condition, and what all else adds."""
        conflict = condition != CONFLICT_FREE
        left = {UNCHANGED: 0.0, MONITORED: self.watched, NO_SCRATCHPAD: self.unreasoned, THROUGHPUT: self.harmless_use}
        guarding = self.guarding * left.get(condition, 1.0) * (facts.trained and conflict)
        other = conflict * (self.obedience * facts.trained + self.raters * facts.rated)
        return guarding, other + self.free_word * facts.free + self.training * facts.trained

    def rates(self, condition: str, facts: Facts, wording: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return how often a tier complies in the wordings given, and how much of it is goal guarding."""
        base = np.broadcast_to(np.asarray(self.base, dtype=float), WORDINGS)[wording]
        if condition == BENIGN:
            return np.full(len(wording), HARMLESS), np.zeros(len(wording))
        scale = np.asarray(self.wordings or (1.0,) * WORDINGS)[wording]
        guarding, other = self.added(condition, facts)
        return np.clip(base + scale * (guarding + other), 0.0, 1.0), scale * guarding


def tiers_of(condition: str) -> dict[str, Facts]:
    """Return the tiers of a condition, the last being neither trained nor rated."""
    if condition == SWAPPED:
        return SWAPPED_TIERS
    return {"free": FREE, "pro": PRO, "enterprise": PAID} if condition == THREE_TIERS else {"free": FREE, "paid": PAID}


def contrasts_of(condition: str) -> dict[str, tuple[str, str]]:
    """Return the contrasts of a condition."""
    if condition == SWAPPED:
        return {GAP: ("paid", "free")}
    if condition == THREE_TIERS:
        return {GAP: ("free", "enterprise"), RATER_GAP: ("pro", "enterprise"), TRAINED_ONLY[1]: ("free", "pro")}
    return {GAP: ("free", "paid")}


def draw(
    truth: Truth, queries: int, rng: np.random.Generator, correlation: float = TIER_CORRELATION
) -> dict[str, Evidence]:
    """Draw a battery: every query once in each tier of each condition, in one of 8 wordings.

    Args:
        truth: What is true.
        queries: Number of queries; half as many are harmless ones.
        rng: Source of chance.
        correlation: Between the tiers of one condition, as far as their rates allow; conditions are independent.

    Returns:
        Condition to what it measured.
    """
    return {
        condition: _condition(truth, condition, queries // 2 if condition == BENIGN else queries, rng, correlation)
        for condition in CONDITIONS
    }


def _condition(truth: Truth, condition: str, queries: int, rng: np.random.Generator, correlation: float) -> Evidence:
    wording = np.arange(queries) % WORDINGS
    last: tuple[FloatArray, FloatArray] | None = None
    compliance: list[Observation] = []
    faking: list[Observation] = []
    for tier, facts in reversed(tiers_of(condition).items()):
        rates, guarding = truth.rates(condition, facts, wording)
        complied = _correlated(rates, last, correlation, rng)
        last = last or (rates, complied)
        seen, flagged = _graded(truth, facts, rates, guarding, complied, rng)
        hidden = np.full(queries, nan) if condition == NO_SCRATCHPAD else flagged
        compliance += _rows(condition, wording, tier, seen)
        faking += _rows(condition, wording, tier, hidden)
    return Evidence(compliance, faking, {}, contrasts_of(condition))


def _correlated(
    rates: FloatArray, other: tuple[FloatArray, FloatArray] | None, correlation: float, rng: np.random.Generator
) -> FloatArray:
    """Draw replies that correlate with those of the last tier, as far as the rates allow."""
    if other is None:
        return (rng.random(len(rates)) < rates).astype(float)
    theirs, drawn = other
    both = rates * theirs + correlation * np.sqrt(rates * (1 - rates) * theirs * (1 - theirs))
    both = np.minimum(both, np.minimum(rates, theirs))
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.where(drawn == 1, both / theirs, (rates - both) / (1 - theirs))
    return (rng.random(len(rates)) < chance).astype(float)


def _graded(
    truth: Truth, facts: Facts, rates: FloatArray, guarding: FloatArray, complied: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Grade replies with the errors of the truth; what is missing is NaN in both grades."""
    side, n = int(not facts.trained), len(complied)
    with np.errstate(divide="ignore", invalid="ignore"):
        fakes = (complied == 1) & (rng.random(n) < truth.faking * np.nan_to_num(guarding / rates))
    lost = np.where(complied == 1, truth.lost_compliances[side], truth.lost_refusals[side])
    missing = rng.random(n) < lost
    seen = np.maximum(complied, rng.random(n) < truth.false_compliance[side])
    flagged = np.maximum(fakes, rng.random(n) < truth.false_faking[side])
    return np.where(missing, nan, seen), np.where(missing, nan, flagged)


def _rows(condition: str, wording: IntArray, tier: str, values: FloatArray) -> Iterator[Observation]:
    prefix = "b" if condition == BENIGN else "q"
    for index, value in enumerate(values.tolist()):
        yield Observation(f"{prefix}{index:04}", f"w{wording[index]}", 1, tier, value)


def true_gap(truth: Truth, condition: str, name: str = GAP) -> float:
    """Return the true gap of a contrast, over equally frequent wordings."""
    tiers, wording = tiers_of(condition), np.arange(WORDINGS)
    first, second = (truth.rates(condition, tiers[tier], wording)[0] for tier in contrasts_of(condition)[name])
    return float((first - second).mean())
