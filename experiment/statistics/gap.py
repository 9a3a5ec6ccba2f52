"""The headline: how much more often one tier is complied with, over which queries and wordings, and how surely."""

from collections.abc import Sequence
from math import isnan, nan, sqrt
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student_t

from experiment.statistics.intervals import (
    CONFIDENCE,
    Interval,
    cluster_error,
    cluster_t,
    clustered_wilson,
    effective_size,
    newcombe,
    quantile,
    tango,
)
from experiment.statistics.pairing import (
    MIN_QUERIES,
    MIN_WORDINGS,
    FloatArray,
    IntArray,
    Observation,
    Pairs,
    discordance,
    in_tier,
    measured,
    split,
    tier_correlation,
)
from experiment.statistics.significance import mcnemar_exact, mcnemar_midp, sign_flip, t_test_of_means

MAX_FLAT_SHARE = 0.5
FLAT = 1e-9
RARE = 0.05
POPULATION = "population of wordings"


class Gap(NamedTuple):
    """The difference in compliance between two tiers, with all that a reader needs to judge it.

    Attributes:
        estimate, low, high: First minus second tier with its confidence limits, in [-1, 1].
        stderr: Standard error that belongs to the method; for Newcombe and Tango the width over twice the quantile.
        p: Two-sided p-value: mid-p McNemar, sign-flip or t test, by the method.
        p_exact: Exact McNemar beside the mid-p, else NaN.
        pairs: Number of complete (query, wording, epoch) pairs.
        queries, wordings: Numbers of them with a complete pair.
        unpaired: Number of measured values without a partner.
        epochs: Largest number of complete epochs of one query in one wording.
        both, only_first, only_second, neither: Pairs by which tier complied; NaN with several epochs or graded values.
        correlation: Correlation between the tiers, NaN when undefined.
        spread: Standard deviation between wording gaps, sampling error included; NaN with one wording.
        method: "newcombe", "tango", "cluster-t" or "wordings-t".
        estimand: What the interval speaks of: "these queries, one wording", "these wordings" or
            "population of wordings".
    """

    estimate: float
    low: float
    high: float
    stderr: float
    p: float
    p_exact: float
    pairs: int
    queries: int
    unpaired: int
    wordings: int
    epochs: int
    both: float
    only_first: float
    only_second: float
    neither: float
    correlation: float
    spread: float
    method: str
    estimand: str


class WordingGap(NamedTuple):
    """The gap in one wording, with the limits of that wording alone."""

    pairs: int
    estimate: float
    low: float
    high: float


class Rate(NamedTuple):
    """Compliance in one tier, with its limits, the number of values it rests on and lacks, and its effective size."""

    estimate: float
    low: float
    high: float
    measured: int
    missing: int
    effective: float


class Share(NamedTuple):
    """A rate, the number of values it rests on and lacks, and each query's mean and number of values."""

    estimate: float
    measured: int
    missing: int
    means: FloatArray
    sizes: IntArray


class Inference(NamedTuple):
    """An estimate with what is inferred of it, and what it speaks of, as in `Gap`."""

    estimate: float
    low: float
    high: float
    stderr: float
    p: float
    p_exact: float
    method: str
    estimand: str


def compliance_gap(pairs: Pairs, level: float = CONFIDENCE) -> Gap:
    """Estimate the gap, its interval and its p-value for the widest estimand that the data allow.

    With at least 5 wordings of at least 20 queries each, at most half of them without variance, and an outcome that is
    not rare in both tiers, it speaks of the population of wordings: the unweighted mean of the wording gaps and the
    hull of its t interval and the narrower one.
    Otherwise it speaks of these wordings: Newcombe's interval for one wording and Tango's for several when each query
    was asked once, else the pseudo-query interval over queries.

    Returns:
        The gap; without a pair its estimates are NaN and its counts 0.
    """
    groups = split(pairs.wordings, pairs.differences)
    means = np.array([group.mean() for group in groups.values()], dtype=float)
    narrow = _these_wordings(pairs, level)
    wide = generalizes_over_wordings(groups) and not rare(pairs)
    found = over_wordings(means, narrow, level) if wide else narrow
    both, only_first, only_second, neither = map(float, discordance(pairs)) if pairs.binary else (nan,) * 4
    return Gap(
        *found[:6],
        pairs=pairs.complete,
        queries=len(set(pairs.queries)),
        unpaired=pairs.unpaired,
        wordings=len(groups),
        epochs=max(pairs.epochs.tolist(), default=0),
        both=both,
        only_first=only_first,
        only_second=only_second,
        neither=neither,
        correlation=tier_correlation(pairs),
        spread=float(means.std(ddof=1)) if len(means) > 1 else nan,
        method=found.method,
        estimand=found.estimand,
    )


def wording_gaps(pairs: Pairs, level: float = CONFIDENCE) -> dict[str, WordingGap]:
    """Estimate the gap in each wording by itself.

    Returns:
        The gap of each wording with a complete pair, sorted by wording.
    """
    gaps = {}
    for wording in sorted(set(pairs.wordings)):
        alone = _of_wording(pairs, wording)
        found = _these_wordings(alone, level)
        gaps[wording] = WordingGap(alone.complete, found.estimate, found.low, found.high)
    return gaps


def tier_rate(observations: Sequence[Observation], tier: str, level: float = CONFIDENCE) -> Rate:
    """Estimate the rate of one tier over all its measured replies, as the unweighted mean over queries.

    Returns:
        Rate with Wilson limits, clustered by query, all in [0, 1]; NaN without a measured reply.
    """
    share = tier_share(observations, tier)
    low, high = clustered_wilson(share.means, share.sizes, level)
    effective = effective_size(share.means, share.sizes) if share.measured else 0.0
    return Rate(share.estimate, low, high, share.measured, share.missing, effective)


def tier_share(observations: Sequence[Observation], tier: str) -> Share:
    """Return what `tier_rate` rests on, without its limits, for a log's metrics, which are computed again and again.

    Returns:
        The rate in [0, 1], NaN without a measured reply.
    """
    values = in_tier(observations, tier)
    seen = measured(values)
    _, cluster = np.unique([query for query, _, _ in seen], return_inverse=True)
    sizes = np.bincount(cluster)
    means = np.bincount(cluster, list(seen.values())) / sizes
    estimate = float(means.mean()) if seen else nan
    return Share(estimate, len(seen), len(values) - len(seen), means, sizes)


def asked_limits(pairs: Pairs, level: float = CONFIDENCE) -> Interval:
    """Bound a gap for the queries and wordings that were asked, the narrower estimand.

    Returns:
        Newcombe's limits for one wording, Tango's for several, the pseudo-query interval with several epochs.
    """
    if not pairs.tabular:
        return cluster_t(pairs.by_query, level)
    return (newcombe if len(set(pairs.wordings)) <= 1 else tango)(discordance(pairs), level)


def _these_wordings(pairs: Pairs, level: float) -> Inference:
    one, mean = len(set(pairs.wordings)) <= 1, pairs.mean
    estimand = "these queries, one wording" if one else "these wordings"
    low, high = asked_limits(pairs, level)
    if pairs.tabular:
        table, method = discordance(pairs), "newcombe" if one else "tango"
        stderr = (high - low) / (2 * quantile(level))
        return Inference(mean, low, high, stderr, mcnemar_midp(table), mcnemar_exact(table), method, estimand)
    differences = pairs.by_query
    error = nan if isnan(low) else cluster_error(differences)
    return Inference(mean, low, high, error, sign_flip(differences), nan, "cluster-t", estimand)


def over_wordings(means: FloatArray, narrow: Inference, level: float, reach: float = 1.0) -> Inference:
    """Estimate the mean over a population of wordings.

    It takes the hull with the narrower interval and the larger error and p: equal wording gaps would have width 0.

    Args:
        means: Mean of each wording, at least 2.
        narrow: What is inferred for these wordings.
        level: Confidence level.
        reach: Largest mean there can be.

    Returns:
        The unweighted mean, with limits in [-reach, reach].
    """
    mean, error = float(means.mean()), float(means.std(ddof=1)) / sqrt(len(means))
    half = float(student_t.isf((1 - level) / 2, len(means) - 1)) * error
    low, high = max(-reach, min(mean - half, narrow.low)), min(reach, max(mean + half, narrow.high))
    stderr, test = max(error, narrow.stderr), t_test_of_means(means)
    p = narrow.p if isnan(test) else max(test, narrow.p)
    return Inference(mean, low, high, stderr, p, nan, "wordings-t", POPULATION)


def generalizes_over_wordings(groups: dict[str, FloatArray]) -> bool:
    """Tell whether there are enough wordings, with enough queries and variance, to speak of their population."""
    flat = sum(bool(np.ptp(group) < FLAT) for group in groups.values())
    enough = all(len(group) >= MIN_QUERIES for group in groups.values())
    return len(groups) >= MIN_WORDINGS and enough and flat <= MAX_FLAT_SHARE * len(groups)


def rare(pairs: Pairs) -> bool:
    """Tell whether each tier nearly always does the same: the other outcome in fewer than 5% of its pairs.

    A few wordings then hold most of what is seen, and those drawn say little of the others. Ours, chosen on a pilot of
    the study in benchmarks/statistics.md and tested there on fresh seeds.
    """
    rates = (float(pairs.first.mean()), float(pairs.second.mean()))
    return max(min(rate, 1 - rate) for rate in rates) < RARE


def _of_wording(pairs: Pairs, wording: str) -> Pairs:
    keep = [index for index, each in enumerate(pairs.wordings) if each == wording]
    queries, epochs = tuple(pairs.queries[index] for index in keep), pairs.epochs[keep]
    return Pairs(queries, (wording,) * len(keep), pairs.first[keep], pairs.second[keep], epochs, int(epochs.sum()), 0)
