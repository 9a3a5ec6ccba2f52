"""Tests of no difference between two tiers, as two-sided p-values."""

from functools import lru_cache
from math import nan

import numpy as np
from scipy.stats import binom, ttest_1samp
from statsmodels.stats.contingency_tables import mcnemar

from experiment.statistics.pairing import FloatArray, Table

FLIPS = 999
SEED = 20241218
TIE = 1e-9


def mcnemar_midp(table: Table) -> float:
    """Test whether either tier complies more often, by McNemar's mid-p.

    Args:
        table: Counts of pairs.

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

    Args:
        table: Counts of pairs.

    Returns:
        p in (0, 1]; 1 without a discordant pair, NaN without a pair.

    Reference:
        McNemar 1947, Psychometrika 12:153-157.
    """
    if table.n == 0:
        return nan
    cells = [[table.both, table.only_first], [table.only_second, table.neither]]
    return float(mcnemar(cells, exact=True).pvalue)


def sign_flip(differences: FloatArray, flips: int = FLIPS, seed: int = SEED) -> float:
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

    Args:
        values: Gap of each wording.

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
