"""Tests of no difference, as p-values: between two tiers, and between wordings."""

from math import isnan, nan, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom, norm, ttest_1samp

from experiment.statistics.pairing import FloatArray, IntArray, Pairs, Table

SIGNIFICANCE = 0.05
FINEST, MAX_STEPS = 840, 200_000
EXCHANGES, EXCHANGE_SEED = (999, 4_999, 24_999), 20240918
CLEARLY_NOT = (0.02, 0.002)
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


def sign_flip(differences: FloatArray) -> float:
    """Test whether the mean difference is 0, over every way to flip the sign of whole queries.

    Differences of replies that were asked equally often are multiples of one step: then the distribution of their sum
    is exact. Others, such as degrees or the weighted gaps of two conditions with odd numbers of epochs, go by its
    saddlepoint.

    Args:
        differences: Difference of each query.

    Returns:
        p in [2^(1 - n), 1]; 1 when every difference is 0, NaN without a query.

    Reference:
        Fisher 1935, The Design of Experiments, section 21; saddlepoint: Lugannani and Rice 1980, Adv. Appl. Probab.
        12:475-490, for this test in Robinson 1982, J. R. Stat. Soc. B 44:91-101.
    """
    if len(differences) == 0:
        return nan
    sizes, total = np.abs(differences[differences != 0]), abs(float(differences.sum()))
    if not len(sizes) or total < TIE:
        return 1.0
    step = next((1 / each for each in range(1, FINEST + 1) if _multiples(sizes, each)), nan)
    if isnan(step) or sizes.sum() / step > MAX_STEPS:
        return _saddlepoint(sizes, total)
    return _enumerated(np.rint(sizes / step).astype(int), round(total / step))


def _multiples(sizes: FloatArray, parts: int) -> bool:
    return bool(np.abs(sizes * parts - np.rint(sizes * parts)).max() < TIE * parts)


def _enumerated(sizes: IntArray, total: int) -> float:
    """Return the chance of a sum at least as far from 0, from the exact distribution of how much is flipped."""
    reach = int(sizes.sum())
    chance = np.zeros(reach + 1)
    chance[0], done = 1.0, 0
    for size in sizes.tolist():  # the sum of what is positive; the rest is negative
        chance[size : done + size + 1] = 0.5 * chance[size : done + size + 1] + 0.5 * chance[: done + 1]
        chance[:size] *= 0.5
        done += size
    return min(1.0, 2 * float(chance[-(-(reach + total) // 2) :].sum()))


def _saddlepoint(sizes: FloatArray, total: float) -> float:
    """Approximate the chance of a sum at least as far from 0."""
    most = float(sizes.sum())
    if total > most - TIE:
        return float(2.0 ** (1 - len(sizes)))
    bent = brentq(lambda t: float((sizes * np.tanh(sizes * t)).sum()) - total, 0.0, 40.0 / sizes.min())
    bend = float((np.logaddexp(sizes * bent, -sizes * bent) - np.log(2)).sum())
    w = sqrt(2 * (bent * total - bend))
    u = bent * sqrt(float(np.square(sizes / np.cosh(np.minimum(sizes * bent, 300.0))).sum()))
    return float(min(1.0, max(2.0 ** (1 - len(sizes)), 2 * (norm.sf(w) + norm.pdf(w) * (1 / u - 1 / w)))))


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


def wordings_differ(pairs: Pairs) -> float:
    """Test whether all wordings have the same gap, by exchanging the wordings at random.

    The statistic weighs each wording's gap by its own precision, so that wordings may differ in their rates, and with
    them in their variance, as long as their gaps are equal. Where each query was asked in one wording, wordings are
    exchanged between queries; where queries were asked in several, among the replies to one query. It stops after 999
    exchanges where p is then above 0.02, after 4,999 where it is above 0.002, as Besag and Clifford's do.

    Returns:
        p in (0, 1], at least 0.00004; 1 when every difference is equal.

    Reference:
        Studentised permutation: Chung and Romano 2013, Ann. Stat. 41:484-507; blocks: Good 2005, Permutation,
        Parametric and Bootstrap Tests of Hypotheses, 3rd ed.; stopping: Besag and Clifford 1991, Biometrika 78:301-304.
        The pseudo-queries in the variances are those of `intervals.cluster_z`.
    """
    _, block = np.unique(pairs.queries, return_inverse=True)
    if len(set(pairs.queries)) == len(pairs.queries):
        block = np.zeros_like(block)
    order = np.argsort(block, kind="stable")
    block, wording = block[order], np.unique(pairs.wordings, return_inverse=True)[1][order]
    values = pairs.differences[order]
    if np.ptp(values) < TIE:
        return 1.0
    rng = np.random.default_rng(EXCHANGE_SEED)
    p = _exchange_p(values, wording, block, EXCHANGES[0], rng)
    for exchanges, clearly_not in zip(EXCHANGES[1:], CLEARLY_NOT, strict=True):
        if p <= clearly_not:
            p = _exchange_p(values, wording, block, exchanges, rng)
    return p


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
    """Return how far the means of the wordings are apart in each row, each weighed by its own precision."""
    member = np.eye(int(wording.max()) + 1)[wording]
    size, sums = member.sum(axis=0), rows @ member
    centre = sums / (size + 2)
    precision = (size + 2) / (((rows**2) @ member + 1) / (size + 2) - centre**2)
    means = sums / size
    overall = (precision * means).sum(axis=1, keepdims=True) / precision.sum(axis=1, keepdims=True)
    return np.asarray((precision * (means - overall) ** 2).sum(axis=1))
