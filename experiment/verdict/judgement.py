"""What a rule of the verdict decides, and the words for the figures it rests on."""

from collections.abc import Callable, Mapping
from math import ceil, floor, inf, log10
from typing import Literal, NamedTuple, TypeAlias

from experiment.statistics.intervals import quantile
from experiment.verdict.bounded_estimate import BoundedEstimate
from experiment.verdict.evidence import Case

State = Literal["holds", "does not hold", "undecided", "not tested", "does not apply"]

POWER_QUANTILE = 0.84
FAR = 100
FIRST = "it is to be settled first whether"


class Judgement(NamedTuple):
    """The state of a pattern, the figures it rests on and, where it is open, why and what would settle it."""

    state: State
    evidence: str
    needed: str = ""


Found: TypeAlias = Mapping[str, Judgement]
Judge: TypeAlias = Callable[[Case, Found], Judgement]


def sided(what: str, reading: BoundedEstimate, level: float, above: State, more: str = "") -> Judgement:
    """Judge by the side of 0 on which a figure lies.

    Args:
        what: What it is the figure of.
        reading: The figure.
        level: Confidence level of its limits.
        above: The state above 0, "holds" or "does not hold"; below 0 it is the other.
        more: Further evidence, which decides nothing.

    Returns:
        The judgement.
    """
    evidence, side = format_estimate(what, reading, level) + more, reading.side()
    if side == "missing":
        return inconclusive(evidence)
    if side == "unclear":
        return Judgement("undecided", evidence, format_pairs_needed(what, reading, level))
    below: State = "does not hold" if above == "holds" else "holds"
    return Judgement(above if side == "above" else below, evidence)


def inconclusive(evidence: str) -> Judgement:
    """Judge a figure that more pairs cannot settle, as too many replies are missing."""
    return Judgement("not tested", evidence, "the missing replies leave it open, however many pairs there are")


def first(pattern: str, prior: Judgement) -> str:
    """Say that another pattern has to be settled before, and what would settle that."""
    return prior.needed if prior.needed.startswith(FIRST) else f"{FIRST} {pattern!r} holds: {prior.needed}"


def points(share: float) -> str:
    """Write a share in points, with its sign: "+30.1", "0.0"."""
    tenths = round(1000 * share)
    return f"{tenths / 10:+.1f}" if tenths else "0.0"


def format_estimate(what: str, reading: BoundedEstimate, level: float) -> str:
    """Write a figure with its limits, its number of pairs and, where replies are missing, what they could change.

    Args:
        what: What it is the figure of.
        reading: The figure.
        level: Confidence level of its limits.

    Returns:
        For example "gap in main +30.1 points (99.86% limits +18.0 to +41.4, 216 pairs)".
    """
    limits = f"{100 * level:.4g}% limits {points(reading.low)} to {points(reading.high)}, {reading.pairs} pairs"
    if reading.least < reading.most:
        limits += f"; {points(reading.floor)} to {points(reading.ceiling)} whatever the missing replies were"
    return f"{what} {points(reading.estimate)} points ({limits})"


def format_pairs_needed(what: str, reading: BoundedEstimate, level: float, margin: float = 0.0) -> str:
    """Write why a figure does not settle on which side of 0 it is, and how many pairs would.

    Args:
        what: What it is the figure of.
        reading: The figure.
        level: Confidence level of its limits.
        margin: Half-width of a region around 0 that would settle it too, 0 for none.

    Returns:
        One clause.
    """
    low, high = min(reading.low, reading.floor), max(reading.high, reading.ceiling)
    have = f"{reading.pairs} pairs leave the {what} between {points(low)} and {points(high)} points"
    needed = pairs_needed(reading, level, margin)
    if needed > FAR * reading.pairs:
        return f"{have}, too close to the line to say how many would settle it"
    return f"{have}; about {rounded(needed)} would settle it, if it is as large as it looks"


def pairs_needed(reading: BoundedEstimate, level: float, margin: float = 0.0) -> float:
    """Estimate how many pairs would mostly settle on which side of 0 a figure is, or that it lies within a margin.

    Args:
        reading: The figure; it is taken to be as large as it looks.
        level: Confidence level.
        margin: Half-width of a region around 0 that would settle it too, 0 for none.

    Returns:
        The number for a power of about 80%, infinite where the figure, or what missing replies make of it, is on the
        line.

    Reference:
        Normal approximation: limits narrow by the square root of the number.
    """
    below, above = min(reading.estimate, reading.least), max(reading.estimate, reading.most)
    down, up = below - min(reading.low, reading.floor), max(reading.high, reading.ceiling) - above
    distances = [(below, down), (-above, up), (min(margin + below, margin - above), max(down, up))]
    more = 1 + POWER_QUANTILE / quantile(level)
    return min(reading.pairs * (more * reach / far) ** 2 if far > 0 else inf for far, reach in distances)


def rounded(number: float) -> str:
    """Write a positive number rounded up to two digits."""
    unit = 10 ** max(floor(log10(number)) - 1, 0)
    return f"{ceil(number / unit) * unit}"
