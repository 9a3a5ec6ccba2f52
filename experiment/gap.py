"""The headline: how much more often one tier is complied with, over which queries and wordings, and how surely."""

from collections.abc import Sequence
from math import isnan, nan, sqrt
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student_t

from experiment.intervals import (
    LEVEL,
    cluster_error,
    cluster_t,
    clustered_wilson,
    effective_size,
    newcombe,
    quantile,
    tango,
)
from experiment.pairing import FloatArray, Observation, Pairs, discordance, in_tier, measured, split, tier_correlation
from experiment.significance import mcnemar_exact, mcnemar_midp, sign_flip, t_test_of_means

MIN_WORDINGS = 5
MIN_QUERIES = 20
MAX_FLAT_SHARE = 0.5


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


class _Inference(NamedTuple):
    estimate: float
    low: float
    high: float
    stderr: float
    p: float
    p_exact: float
    method: str
    estimand: str


def compliance_gap(pairs: Pairs, level: float = LEVEL) -> Gap:
    """Estimate the gap, its interval and its p-value for the widest estimand that the data allow.

    With at least 5 wordings of at least 20 queries each, at most half of them without variance, it speaks of the
    population of wordings: the unweighted mean of the wording gaps and the hull of its t interval and the narrower one.
    Otherwise it speaks of these wordings: Newcombe's interval for one wording and Tango's for several when each query
    was asked once, else the pseudo-query interval over queries.

    Args:
        pairs: Two tiers, paired.
        level: Confidence level.

    Returns:
        The gap; without a pair its estimates are NaN and its counts 0.
    """
    groups = split(pairs.wordings, pairs.differences)
    means = np.array([group.mean() for group in groups.values()], dtype=float)
    narrow = _these_wordings(pairs, level)
    found = _population(means, narrow, level) if _speaks_of_population(groups) else narrow
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


def wording_gaps(pairs: Pairs, level: float = LEVEL) -> dict[str, WordingGap]:
    """Estimate the gap in each wording by itself.

    Args:
        pairs: Two tiers, paired.
        level: Confidence level of each interval, not adjusted for their number.

    Returns:
        The gap of each wording with a complete pair, sorted by wording.
    """
    gaps = {}
    for wording in sorted(set(pairs.wordings)):
        alone = _of_wording(pairs, wording)
        found = _these_wordings(alone, level)
        gaps[wording] = WordingGap(alone.complete, found.estimate, found.low, found.high)
    return gaps


def tier_rate(observations: Sequence[Observation], tier: str, level: float = LEVEL) -> Rate:
    """Estimate the rate of one tier over all its measured replies, as the unweighted mean over queries.

    Args:
        observations: Observations in any order.
        tier: The tier.
        level: Confidence level.

    Returns:
        Rate with Wilson limits, clustered by query, all in [0, 1]; NaN without a measured reply.

    Raises:
        ValueError: If an observation occurs twice, or its value is outside [0, 1].
    """
    values = in_tier(observations, tier)
    seen = measured(values)
    queries = split((query for query, _, _ in seen), seen.values()).values()
    means = np.array([query.mean() for query in queries], dtype=float)
    sizes = np.array([len(query) for query in queries], dtype=int)
    low, high = clustered_wilson(means, sizes, level)
    effective = effective_size(means, sizes) if seen else 0.0
    return Rate(float(means.mean()) if seen else nan, low, high, len(seen), len(values) - len(seen), effective)


def _these_wordings(pairs: Pairs, level: float) -> _Inference:
    one, mean = len(set(pairs.wordings)) <= 1, pairs.mean
    estimand = "these queries, one wording" if one else "these wordings"
    if pairs.tabular:
        table, method = discordance(pairs), "newcombe" if one else "tango"
        low, high = newcombe(table, level) if one else tango(table, level)
        stderr = (high - low) / (2 * quantile(level))
        return _Inference(mean, low, high, stderr, mcnemar_midp(table), mcnemar_exact(table), method, estimand)
    differences = pairs.by_query
    low, high = cluster_t(differences, level)
    return _Inference(mean, low, high, cluster_error(differences), sign_flip(differences), nan, "cluster-t", estimand)


def _population(means: FloatArray, narrow: _Inference, level: float) -> _Inference:
    """Take the hull with the narrower interval and the larger error and p: equal wording gaps would have width 0."""
    mean, error = float(means.mean()), float(means.std(ddof=1)) / sqrt(len(means))
    half = float(student_t.isf((1 - level) / 2, len(means) - 1)) * error
    low, high = max(-1.0, min(mean - half, narrow.low)), min(1.0, max(mean + half, narrow.high))
    stderr, test = max(error, narrow.stderr), t_test_of_means(means)
    p = narrow.p if isnan(test) else max(test, narrow.p)
    return _Inference(mean, low, high, stderr, p, nan, "wordings-t", "population of wordings")


def _speaks_of_population(groups: dict[str, FloatArray]) -> bool:
    flat = sum(np.allclose(group, group[0]) for group in groups.values())
    enough = all(len(group) >= MIN_QUERIES for group in groups.values())
    return len(groups) >= MIN_WORDINGS and enough and flat <= MAX_FLAT_SHARE * len(groups)


def _of_wording(pairs: Pairs, wording: str) -> Pairs:
    keep = [index for index, each in enumerate(pairs.wordings) if each == wording]
    queries, epochs = tuple(pairs.queries[index] for index in keep), pairs.epochs[keep]
    return Pairs(queries, (wording,) * len(keep), pairs.first[keep], pairs.second[keep], epochs, int(epochs.sum()), 0)
