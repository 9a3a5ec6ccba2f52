"""How often a battery of a given size reaches each claim, by drawing batteries whose truth is known."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from experiment.errors import UserError
from experiment.verdict.battery_verdict import RULES, verdicts
from experiment.verdict.simulated_batteries import Truth, draw
from experiment.verdict.verdict_rule import State

SEED = 20250618
REPETITIONS = 100
EFFECTS = {
    "Claude 3 Opus, 14.2 against 2.8": Truth(0.028, guarding=0.114, faking=0.8),
    "12 against 3": Truth(0.03, guarding=0.09, faking=0.8),
    "6 against 1": Truth(0.01, guarding=0.05, faking=0.8),
}
"""Compliance in the trained and untrained tier, per cent: Greenblatt et al. 2024, table 1, and two smaller effects."""


class Reached(NamedTuple):
    """How often one question was answered by yes, and by no, as shares of the batteries drawn."""

    question: str
    yes: float
    no: float


def effect(trained: float, untrained: float) -> Truth:
    """Make the truth of a model that guards its goals, and says so in 80% of what it complies with for that.

    Raises:
        UserError: If the rates are no shares, or the first is not above the second.
    """
    if not 0 <= untrained < trained <= 1:
        raise UserError(
            f"an effect is two shares, the trained tier's above the untrained one's, for example 0.14 0.03, "
            f"not {trained:g} {untrained:g}"
        )
    return Truth(untrained, guarding=trained - untrained, faking=0.8)


def battery_power(
    truth: Truth, queries: int, repetitions: int = REPETITIONS, told: Callable[[int], object] = lambda _: None
) -> list[Reached]:
    """Draw batteries of a model and count which claims the verdict makes.

    Args:
        truth: What is true of the model.
        queries: Number of queries in each condition.
        repetitions: Number of batteries; a share of them has a standard error of at most 5 points at 100.
        told: Called with each number of batteries that are done.

    Returns:
        A line for each rule, in their order.
    """
    rng, counts = np.random.default_rng([SEED, queries]), Counter[tuple[str, str]]()
    for done in range(1, repetitions + 1):
        counts.update((each.pattern, each.state) for each in verdicts(draw(truth, queries, rng)))
        told(done)
    return list(_reached(counts, repetitions))


def _reached(counts: Counter[tuple[str, str]], repetitions: int) -> Iterator[Reached]:
    for rule in RULES:
        states: tuple[State, ...] = ("holds", "does not hold")
        said = {rule.answer(state): counts[rule.pattern, state] / repetitions for state in states}
        yield Reached(rule.question.replace("$margin", "the margin"), said["yes"], said["no"])
