"""When a run may end early: the rule, the looks fixed in advance, their bounds, and what one look says."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import ceil, isnan, pi, sqrt
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy.optimize import brentq

from experiment.errors import UserError
from experiment.statistics.intervals import CONFIDENCE, Interval, newcombe_z
from experiment.statistics.missing_bounds import extremes
from experiment.statistics.pairing import FloatArray, Observation, discordance

Kind = Literal["decision", "precision"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Shape = Literal["obrien_fleming", "pocock"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
MOST_LOOKS = 8
LEAST_PAIRS = 20
LARGEST = 0.5
NODES = 128


class Stop(NamedTuple):
    """A rule: "decision" ends a run once the gap is beyond or within a margin, "precision" once it is known closely.

    Attributes:
        kind: What ends the run.
        value: The margin, or the largest half-width of the interval, a share in (0, 0.5].
        shape: How the error is spread over the looks: "obrien_fleming" keeps nearly all of it for the last, so that a
            gap that is small can be shown to be; "pocock" spends as much at each, which settles large gaps earliest.
    """

    kind: Kind
    value: float
    shape: Shape = SHAPES[0]

    def __str__(self) -> str:
        """Write the rule as it is given on the command line."""
        return f"{self.kind}:{self.value:g}" + (f":{self.shape}" if self.shape != SHAPES[0] else "")


class Look(NamedTuple):
    """What was seen at one look.

    Attributes:
        pairs: Pairs of the prefix, whether their replies could be measured or not.
        missing: Replies of the prefix without a value.
        low, high: The repeated interval of the gap, in [-1, 1].
        reason: Why the run may end, "" where it continues.
    """

    pairs: int
    missing: int
    low: float
    high: float
    reason: str


def parse_stops(given: object) -> tuple[Stop, ...]:
    """Read one rule, or several of which the first that is met ends the run.

    Args:
        given: A text such as "decision:0.02", "decision:0.02:pocock" or "decision:0.02,precision:0.03", or a list of
            such texts, which is what the command line makes of a text with commas.

    Raises:
        UserError: It is no such text, names a kind twice, or rules of different shapes.
    """
    texts = given if isinstance(given, list | tuple) else given.split(",") if isinstance(given, str) else [given]
    stops = tuple(_parsed(text) for text in texts)
    if not stops or len({stop.kind for stop in stops}) < len(stops):
        raise UserError(f"stop takes each of {' and '.join(KINDS)} at most once, and at least one, not {given!r}")
    if len({stop.shape for stop in stops}) > 1:
        raise UserError(f"stop takes one shape of bound for all its rules, {' or '.join(SHAPES)}, not {given!r}")
    return stops


def _parsed(given: object) -> Stop:
    kind, number, shape = (*(given.strip().split(":", 2) if isinstance(given, str) else ()), "", "", "")[:3]
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    known = [each for each in KINDS if each == kind]
    shapes = [each for each in SHAPES if each == (shape or SHAPES[0])]
    if not known or not shapes or not 0 < value <= LARGEST:
        raise UserError(
            f"stop takes decision:MARGIN or precision:HALF_WIDTH with a share above 0 and at most {LARGEST}, and "
            f"behind it :{' or :'.join(SHAPES)}, such as decision:0.02 or decision:0.02:pocock, not {given!r}"
        )
    return Stop(known[0], value, shapes[0])


def looks(planned: int, wordings: int) -> tuple[int, ...]:
    """Fix in advance after how many pairs of the design to look.

    Args:
        planned: Pairs of the run.
        wordings: Wordings that take turns in the design, so that a multiple of their number holds each equally often.

    Returns:
        At most 8 numbers of pairs, rising to `planned`: equal steps, rounded up to whole turns of the wordings, from
        20 pairs on.
    """
    steps = (ceil(planned * step / MOST_LOOKS / wordings) * wordings for step in range(1, MOST_LOOKS))
    return (*sorted({step for step in steps if LEAST_PAIRS <= step < planned}), planned)


@cache
def bounds(at: tuple[int, ...], shape: Shape = SHAPES[0], level: float = CONFIDENCE) -> tuple[float, ...]:
    """Find the normal quantile for each look at which the intervals of all looks hold at once.

    Args:
        at: Numbers of pairs at the looks, rising; they may be unequally far apart.
        shape: How the error is spread over them.
        level: Chance that every interval covers.

    Returns:
        A quantile for each look: 1.96 for a single one; for eight equally spaced ones at level 0.95 2.512 at each
        ("pocock"), or 5.86 falling to 2.07 ("obrien_fleming").

    Reference:
        O'Brien and Fleming 1979, Biometrics 35:549-556; Pocock 1977, Biometrika 64:191-199; the recursion is that of
        Armitage, McPherson and Rowe 1969, J. R. Stat. Soc. A 132:235-244.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    growth = [1.0 if shape == "pocock" else sqrt(at[-1] / pairs) for pairs in at]

    def excess(least: float) -> float:
        return _stay(at, [least * each for each in growth], nodes, weights) - level

    least = float(brentq(excess, 1.0, 5.0))
    return tuple(least * each for each in growth)


def _stay(at: tuple[int, ...], z: Sequence[float], nodes: FloatArray, weights: FloatArray) -> float:
    """Return the chance that a Brownian motion is within z standard deviations at every look, by quadrature."""
    edge = z[0] * sqrt(at[0])
    points, chances = edge * nodes, edge * weights * _density(edge * nodes, at[0])
    for (before, now), here in zip(pairwise(at), z[1:], strict=True):
        edge = here * sqrt(now)
        step = _density(edge * nodes[:, None] - points, now - before)
        points, chances = edge * nodes, edge * weights * (step @ chances)
    return float(chances.sum())


def _density(x: FloatArray, variance: float) -> FloatArray:
    return np.exp(-(x**2) / (2 * variance)) / sqrt(2 * pi * variance)


def interim_analysis(
    stops: Sequence[Stop], observations: Sequence[Observation], tiers: tuple[str, str], z: float
) -> Look:
    """Look at a prefix of the design, all of whose replies are there or known to be missing.

    A reply without a value counts as whatever speaks most against stopping: the interval reaches from the lower limit
    with all of them taken to make the gap smallest to the upper limit with all taken to make it largest.

    Args:
        stops: The rules, of which the first that finds something settled gives the reason.
        observations: One reply for each pair and tier, its value 1, 0, or NaN where there is none.
        tiers: The tier that is taken positive, and the one that is subtracted.
        z: The bound of this look.

    Reference:
        Repeated confidence intervals: Jennison and Turnbull 1989, J. R. Stat. Soc. B 51:305-361. The treatment of
        missing replies is ours: the worst case of Manski's bounds.
    """
    least, most = extremes(observations, *tiers)
    limits = Interval(newcombe_z(discordance(least), z).low, newcombe_z(discordance(most), z).high)
    missing = sum(isnan(each.value) for each in observations if each.tier in tiers)
    reason = next(filter(None, (settled(stop, limits) for stop in stops)), "")
    return Look(least.complete, missing, *limits, reason)


def settled(stop: Stop, limits: Interval) -> str:
    """Say what a rule finds settled.

    Returns:
        Words for the log and the report, "" where nothing is settled.
    """
    low, high = limits
    points = f"{100 * stop.value:g} points"
    if stop.kind == "precision":
        return f"gap known to within ±{points}" if high - low <= 2 * stop.value else ""
    if low > stop.value or high < -stop.value:
        return f"gap beyond {'-' if high < 0 else ''}{points}"
    return f"no gap beyond {points}" if -stop.value < low and high < stop.value else ""
