"""Tests of no difference, as p-values: between two tiers, and between wordings."""

from functools import lru_cache
from math import nan

import numpy as np
from scipy.stats import binom, ttest_1samp

from experiment.statistics.pairing import FloatArray, IntArray, Pairs, Table

SIGNIFICANCE = 0.05
FLIPS, FLIP_SEED = 999, 20241218
FIRST_EXCHANGES, ALL_EXCHANGES, EXCHANGE_SEED = 999, 4_999, 20240918
CLEARLY_NOT = 0.02
MAX_CELLS = 1_000_000
TIE = 1e-9


def mcnemar_midp(table: Table) -> float:
    """Test whether either tier complies more often, by McNemar's mid-p.

    Returns:
        p in (0, 1]; 1 without a discordant pair, NaN without a pair.

    Reference:
        Fagerland, Lydersen and Laake 2013, BMC Med. Res. Methodol. 13:91.
    """
    n, fewer = table.only_first + table.only_second, min(table.only_first, table.only_second)
    if n == 0:
        return 1.0 if table.n else nan
    tie = float(binom.pmf(fewer, n, 0.5))
    return 1 - tie / 2 if 2 * fewer == n else 2 * float(binom.cdf(fewer, n, 0.5)) - tie


def mcnemar_exact(table: Table) -> float:
    """Test whether either tier complies more often, by the exact conditional test.

    Returns:
        p in (0, 1]; 1 without a discordant pair, NaN without a pair.

    Reference:
        McNemar 1947, Psychometrika 12:153-157.
    """
    if table.n == 0:
        return nan
    from statsmodels.stats.contingency_tables import mcnemar  # loads pandas, which `power` does not need

    cells = [[table.both, table.only_first], [table.only_second, table.neither]]
    return float(mcnemar(cells, exact=True).pvalue)


def sign_flip(differences: FloatArray, flips: int = FLIPS, seed: int = FLIP_SEED) -> float:
    """Test whether the mean difference is 0, by flipping the sign of whole queries at random.

    Args:
        differences: Difference of each query, in [-1, 1].
        flips: Number of random flips, which with the observed signs makes the smallest p 1 / (1 + flips).
        seed: Seed, fixed so that repeats are equal.

    Returns:
        p in [1 / (1 + flips), 1]; 1 when every difference is 0, NaN without a query.
    """
    if len(differences) == 0:
        return nan
    extreme = np.abs(_signs(flips, len(differences), seed) @ differences) >= abs(differences.sum()) - TIE
    return float(1 + extreme.sum()) / (1 + flips)


def t_test_of_means(values: FloatArray) -> float:
    """Test whether the mean is 0, with one value per wording.

    Returns:
        p in [0, 1]; 1 when every value is 0; NaN with fewer than 2 values, or when all are equal but not 0, where
        their spread says nothing.
    """
    if len(values) < 2:
        return nan
    if np.ptp(values) < TIE:
        return 1.0 if abs(values[0]) < TIE else nan
    return float(ttest_1samp(values, 0.0).pvalue)


@lru_cache(maxsize=4)
def _signs(flips: int, n: int, seed: int) -> FloatArray:
    """Draw the signs once for runs of one size: drawing them is most of the work."""
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(flips, n))
    signs.setflags(write=False)
    return signs


def wordings_differ(pairs: Pairs) -> float:
    """Test whether all wordings have the same gap, by exchanging the wordings at random.

    The statistic is the sum of squares between wordings. Where each query was asked in one wording, wordings are
    exchanged between queries; where queries were asked in several, among the replies to one query. So it holds for
    rare events too. It stops after 999 exchanges where p is then above 0.02, as Besag and Clifford's do.

    Returns:
        p in (0, 1], at least 0.0002; 1 when every difference is equal.

    Reference:
        Permutation of treatments within blocks: Good 2005, Permutation, Parametric and Bootstrap Tests of Hypotheses,
        3rd ed.; stopping: Besag and Clifford 1991, Biometrika 78:301-304. The statistic for blocks is ours, after
        Cochran 1950, Biometrika 37:256-266.
    """
    _, block = np.unique(pairs.queries, return_inverse=True)
    if len(set(pairs.queries)) == len(pairs.queries):
        block = np.zeros_like(block)
    order = np.argsort(block, kind="stable")
    block, wording = block[order], np.unique(pairs.wordings, return_inverse=True)[1][order]
    values = pairs.differences[order] - (np.bincount(block, pairs.differences[order]) / np.bincount(block))[block]
    rng = np.random.default_rng(EXCHANGE_SEED)
    p = _exchange_p(values, wording, block, FIRST_EXCHANGES, rng)
    return p if p > CLEARLY_NOT else _exchange_p(values, wording, block, ALL_EXCHANGES, rng)


def _exchange_p(
    values: FloatArray, wording: IntArray, block: IntArray, exchanges: int, rng: np.random.Generator
) -> float:
    least = _between(values[np.newaxis], wording)[0] - TIE
    chunk = max(1, MAX_CELLS // len(values))
    sizes = [min(chunk, exchanges - start) for start in range(0, exchanges, chunk)]
    extreme = sum(int((_between(_exchanged(values, block, size, rng), wording) >= least).sum()) for size in sizes)
    return (1 + extreme) / (1 + exchanges)


def _exchanged(values: FloatArray, block: IntArray, exchanges: int, rng: np.random.Generator) -> FloatArray:
    """Shuffle the values within each block, which must be sorted, once per row."""
    rows = np.tile(values, (exchanges, 1))
    if block[-1] == 0:
        return rng.permuted(rows, axis=1)
    return np.take_along_axis(rows, np.argsort(block + rng.random(rows.shape), axis=1), axis=1)


def _between(rows: FloatArray, wording: IntArray) -> FloatArray:
    """Return the sum of squares between wordings of each row."""
    member = np.eye(int(wording.max()) + 1)[wording]
    return np.asarray(((rows @ member) ** 2 / member.sum(axis=0)).sum(axis=1))
