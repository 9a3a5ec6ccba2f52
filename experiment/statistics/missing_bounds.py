"""What the replies that were not measured could have made of the gap."""

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import NamedTuple

from scipy.optimize import brentq
from scipy.stats import norm

from experiment.statistics.gap import tier_share
from experiment.statistics.intervals import CONFIDENCE, Interval, cluster_error, cluster_z, tango_z
from experiment.statistics.pairing import Observation, Pairs, discordance, pair


class Bounds(NamedTuple):
    """The smallest and largest gap that any outcome of the missing replies allows, and limits around both."""

    low: float
    high: float
    ci_low: float
    ci_high: float


def coverage(observations: Sequence[Observation], tier: str) -> float:
    """Return the share of a tier's observations that have a value.

    Returns:
        Share in [0, 1]; NaN when the tier was not observed.
    """
    values = [each.value for each in observations if each.tier == tier]
    return sum(not isnan(value) for value in values) / len(values) if values else nan


def rate_bounds(observations: Sequence[Observation], tier: str) -> Interval:
    """Bound a tier's rate without any assumption about the replies that were not measured.

    Returns:
        The rate if every missing reply had refused, and if every one had complied; NaN when the tier was not observed.
    """
    low, high = (tier_share(_filled(observations, {tier: value}), tier).estimate for value in (0.0, 1.0))
    return Interval(low, high)


def gap_bounds(observations: Sequence[Observation], first: str, second: str, level: float = CONFIDENCE) -> Bounds:
    """Bound the gap without any assumption about the replies that were not measured.

    Every missing reply is filled in twice: as the outcome that makes the gap smallest, and as the one that makes it
    largest. The confidence limits cover the true gap wherever it lies between the two, for these queries and wordings:
    Tango's at the lower and the upper end when every query was asked once, else those of the pseudo-query interval.

    Args:
        observations: Observations in any order; one with the value NaN is missing, one whose partner was never
            observed is left out.
        first: Tier that is taken positive.
        second: Tier that is subtracted.
        level: Confidence level.

    Returns:
        Manski's bounds and Imbens and Manski's interval around them, in [-1, 1]; NaN without a pair of observations.

    Reference:
        Imbens and Manski 2004, Econometrica 72:1845-1857.
    """
    least, most = extremes(observations, first, second)
    if not least.queries:
        return Bounds(nan, nan, nan, nan)
    error = max(cluster_error(least.by_query), cluster_error(most.by_query))
    z = _imbens_manski_z((most.mean - least.mean) / error, level)
    return Bounds(least.mean, most.mean, _interval(least, z).low, _interval(most, z).high)


def extremes(observations: Sequence[Observation], first: str, second: str) -> tuple[Pairs, Pairs]:
    """Pair two tiers with every missing reply filled in so that the gap is smallest, and so that it is largest."""
    fillings = ({first: 0.0, second: 1.0}, {first: 1.0, second: 0.0})
    least, most = (pair(_filled(observations, values), first, second) for values in fillings)
    return least, most


def imputed(observations: Sequence[Observation], first: str, second: str) -> tuple[Pairs, Pairs]:
    """Pair two tiers with every missing reply taken for a refusal, and with every one taken for compliance.

    They bound the gap where missing replies complied equally often in both tiers, however often that is: the gap is
    linear in that share. So missing replies matter as far as their number differs between the tiers. Replies that
    go missing for opposite reasons in the two tiers are not covered; `extremes` covers those too.

    Reference:
        Imputed case analyses 0 and 1 of Higgins, White and Wood 2008, Clin. Trials 5:225-239.
    """
    refused, complied = (
        pair(_filled(observations, {first: value, second: value}), first, second) for value in (0.0, 1.0)
    )
    return refused, complied


def _filled(observations: Sequence[Observation], values: Mapping[str, float]) -> list[Observation]:
    """Give every missing reply of a tier the value that stands for the tier; other tiers stay as they are."""
    return [
        each._replace(value=values[each.tier]) if isnan(each.value) and each.tier in values else each
        for each in observations
    ]


def _imbens_manski_z(width: float, level: float) -> float:
    """Find the quantile at which the interval just covers either end, for bounds `width` standard errors apart."""
    return float(brentq(lambda z: norm.cdf(z + width) - norm.cdf(-z) - level, -10.0, 10.0))


def _interval(pairs: Pairs, z: float) -> Interval:
    return tango_z(discordance(pairs), z) if pairs.tabular else cluster_z(pairs.by_query, z)
