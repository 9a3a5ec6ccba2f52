"""Confidence intervals for a compliance rate and for the difference between two paired rates."""

from functools import cache, lru_cache
from math import atan, atan2, nan, sqrt
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student_t
from statsmodels.stats.proportion import proportion_confint

from experiment.statistics.pairing import FloatArray, IntArray, Table

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Limits of a confidence interval, NaN when undefined."""

    low: float
    high: float


UNDEFINED = Interval(nan, nan)


@cache
def quantile(level: float) -> float:
    """Return the normal quantile of a two-sided interval, 1.96 at level 0.95.

    Raises:
        ValueError: If the level is outside (0, 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level is in (0, 1), for example 0.95, not {level}")
    return float(norm.ppf((1 + level) / 2))


def wilson(successes: float, n: float, level: float = CONFIDENCE) -> Interval:
    """Bound a rate of independent replies by Wilson's score interval.

    Args:
        successes: Number of successes; need not be whole at an effective sample size.
        n: Number of replies.
        level: Confidence level.

    Returns:
        Limits in [0, 1]; NaN when n is 0.

    Reference:
        Wilson 1927, J. Am. Stat. Assoc. 22:209-212.
    """
    return _wilson(successes, n, quantile(level))


def clustered_wilson(cluster_means: FloatArray, cluster_sizes: IntArray, level: float = CONFIDENCE) -> Interval:
    """Bound a rate whose replies come in clusters, several epochs of one query.

    Wilson's interval at the effective sample size p(1 - p) / Var(p), with p the unweighted mean over clusters. Ours by
    judgement, like its limits: at least the clusters, at most the replies, and the clusters when all replies agree,
    because nothing then shows that a second epoch adds anything. With one reply per cluster it is Wilson's interval.

    Args:
        cluster_means: Mean of each cluster, in [0, 1].
        cluster_sizes: Number of replies in each cluster, at least 1.
        level: Confidence level.

    Returns:
        Limits in [0, 1]; NaN without a cluster.

    Reference:
        Effective sample size: Korn and Graubard 1998, Survey Methodology 24:193-201.
    """
    if len(cluster_means) == 0:
        return UNDEFINED
    n = effective_size(cluster_means, cluster_sizes)
    return wilson(float(cluster_means.mean()) * n, n, level)


def newcombe(table: Table, level: float = CONFIDENCE) -> Interval:
    """Bound the difference between two paired rates as `newcombe_z`, at a confidence level."""
    return newcombe_z(table, quantile(level))


def newcombe_z(table: Table, z: float) -> Interval:
    """Bound the difference between two paired rates by Newcombe's hybrid score interval.

    Args:
        table: Counts of pairs.
        z: Normal quantile, 1.96 for one look at 95%, larger where a run is looked at several times.

    Returns:
        Limits of P(first) - P(second), in [-1, 1]; NaN without a pair.

    Reference:
        Method 10 of Newcombe 1998, Stat. Med. 17:2635-2650.
    """
    if table.n == 0:
        return UNDEFINED
    first, second = table.both + table.only_first, table.both + table.only_second
    p1, p2, phi = first / table.n, second / table.n, _newcombe_phi(table)
    (l1, u1), (l2, u2) = _wilson(first, table.n, z), _wilson(second, table.n, z)
    low, high = _third_side(p1 - l1, u2 - p2, phi), _third_side(u1 - p1, p2 - l2, phi)
    return Interval(max(-1.0, p1 - p2 - low), min(1.0, p1 - p2 + high))


def tango(table: Table, level: float = CONFIDENCE) -> Interval:
    """Bound the difference between two paired rates as `tango_z`, at a confidence level."""
    return tango_z(table, quantile(level))


def tango_z(table: Table, z: float) -> Interval:
    """Bound the difference between two paired rates by inverting Tango's score test.

    Args:
        table: Counts of pairs.
        z: Normal quantile, 1.96 for 95%.

    Returns:
        Limits of P(first) - P(second), in [-1, 1]; NaN without a pair.

    Reference:
        Tango 1998, Stat. Med. 17:891-908.
    """
    if table.n == 0:
        return UNDEFINED
    b, c = table.only_first, table.only_second
    return Interval(_tango_low(b, c, table.n, z), -_tango_low(c, b, table.n, z))


def tango_score(b: IntArray | int, c: IntArray | int, n: int, x: float) -> tuple[FloatArray, FloatArray]:
    """Return how far b - c lies above n x, and its standard error if the difference were x, for `tango_z` to invert."""
    linear = (2 * n - b + c) * x - b - c
    q = (np.sqrt(np.maximum(linear**2 + 8 * n * c * x * (1 - x), 0.0)) - linear) / (4 * n)
    return np.asarray(b - c - n * x), np.sqrt(np.maximum(n * (2 * q + x * (1 - x)), 0.0))


def cluster_t(differences: FloatArray, level: float = CONFIDENCE, reach: float = 1.0) -> Interval:
    """Bound a mean difference over queries as `cluster_z`, at a confidence level."""
    return cluster_z(differences, quantile(level), reach)


def cluster_z(differences: FloatArray, z: float, reach: float = 1.0) -> Interval:
    """Bound a mean difference over queries by t, with half a pseudo-query at +1, half at -1 and one at 0.

    They pull the centre to n/(n + 2) of the mean and keep the width above 0 when all queries agree. With one reply per
    query and tier it is the interval of Agresti and Min 2005, Stat. Med. 24:729-740, with t.

    Args:
        differences: Difference of each query, in [-reach, reach].
        z: Normal quantile, 1.96 for 95%; the t quantile of the same tail is used.
        reach: Largest difference there can be.

    Returns:
        Limits in [-reach, reach]; NaN with fewer than 2 queries.
    """
    n = len(differences)
    if n < 2:
        return UNDEFINED
    centre = float(differences.sum()) / (n + 2)
    half = float(student_t.isf(norm.sf(z), n - 1)) * cluster_error(differences)
    return Interval(max(-reach, centre - half), min(reach, centre + half))


def cluster_error(differences: FloatArray) -> float:
    """Return the standard error of the mean difference that belongs to `cluster_t`, never 0."""
    n = len(differences) + 2
    centre, square = differences.sum() / n, (np.square(differences).sum() + 1) / n
    return sqrt((square - centre**2) / n)


@lru_cache(maxsize=4096)
def _wilson(successes: float, n: float, z: float) -> Interval:
    if n == 0:
        return UNDEFINED
    low, high = proportion_confint(successes, n, alpha=2 * norm.sf(z), method="wilson")
    return Interval(float(low), float(high))


def effective_size(means: FloatArray, sizes: IntArray) -> float:
    """Return how many independent replies say as much as clusters of replies do; see `clustered_wilson`."""
    clusters, replies, p = float(len(means)), float(sizes.sum()), float(means.mean())
    if clusters == 1 or p in (0, 1):
        return clusters
    variance = float(means.var(ddof=1)) / clusters
    return min(max(p * (1 - p) / variance, clusters), replies) if variance > 0 else replies


def _newcombe_phi(table: Table) -> float:
    """Estimate the correlation between the tiers, corrected for continuity when positive."""
    a, b, c, d = table
    margins, product = (a + b) * (c + d) * (a + c) * (b + d), a * d - b * c
    corrected = max(product - table.n / 2, 0.0) if product > 0 else product
    return corrected / sqrt(margins) if margins else 0.0


def _third_side(x: float, y: float, cosine: float) -> float:
    return sqrt(max(x * x - 2 * cosine * x * y + y * y, 0.0))


def _tango_low(b: int, c: int, n: int, z: float) -> float:
    """Find where the score falls to z; as an angle it stays finite where the standard error is 0."""
    if c == n:
        return -1.0

    def excess(x: float) -> float:
        return atan2(*tango_score(b, c, n, x)) - atan(z)

    return float(brentq(excess, -1.0, (b - c) / n, xtol=1e-12))
