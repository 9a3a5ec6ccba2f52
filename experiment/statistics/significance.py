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
    """Test whether all wordings have the same gap, whatever their rates, by a studentised permutation test.

    The statistic is Wald's for equal means, with the covariance of the wordings' means clustered by query: a wording
    whose replies vary more, as at a base rate of 50% beside others of 2%, may differ more by chance. As in `cluster_z`
    each wording has half a pseudo-query at +1, half at -1 and one at 0, here around the mean of all, about which the
    variance is taken too, as in score tests. Where each query was asked in one wording, wordings are exchanged between
    queries; where queries were asked in several, among the replies to one query. It stops after 999 exchanges where p
    is then above 0.02, after 4,999 where it is above 0.002, as Besag and Clifford's do.

    Args:
        pairs: Pairs, at least one.

    Returns:
        p in (0, 1], at least 0.00004; 1 when every difference is equal.

    Reference:
        Chung and Romano 2013, Ann. Stat. 41:484-507; queries in several wordings: Konietschke and Pauly 2014, Stat.
        Comput. 24:283-296; stopping: Besag and Clifford 1991, Biometrika 78:301-304. The pseudo-queries and the
        variance about the common mean are ours: of 4,000 simulations without a gap, at base rates of 50% in one
        wording and 2% in seven, 0.22% had p of at most 0.0005 (216 queries).
    """
    query = np.unique(pairs.queries, return_inverse=True)[1]
    order = np.argsort(query, kind="stable")
    wording = np.unique(pairs.wordings, return_inverse=True)[1][order]
    query, values = query[order], (pairs.differences - pairs.differences.mean())[order]
    if np.ptp(values) < TIE:
        return 1.0
    rng = np.random.default_rng(EXCHANGE_SEED)
    p = _exchange_p(values, wording, query, EXCHANGES[0], rng)
    for exchanges, clearly_not in zip(EXCHANGES[1:], CLEARLY_NOT, strict=True):
        if p <= clearly_not:
            p = _exchange_p(values, wording, query, exchanges, rng)
    return p


def _exchange_p(
    values: FloatArray, wording: IntArray, query: IntArray, exchanges: int, rng: np.random.Generator
) -> float:
    least = _wald(values[np.newaxis], wording, query)[0] - TIE
    chunk = max(1, MAX_CELLS // len(values))
    sizes = [min(chunk, exchanges - start) for start in range(0, exchanges, chunk)]
    extreme = sum(int((_wald(_exchanged(values, query, size, rng), wording, query) >= least).sum()) for size in sizes)
    return (1 + extreme) / (1 + exchanges)


def _exchanged(values: FloatArray, query: IntArray, exchanges: int, rng: np.random.Generator) -> FloatArray:
    """Shuffle the values once per row: within each query, which must be sorted, or all where each has one value."""
    rows = np.tile(values, (exchanges, 1))
    if _asked_once(query):
        return rng.permuted(rows, axis=1)
    return np.take_along_axis(rows, np.argsort(query + rng.random(rows.shape), axis=1), axis=1)


def _wald(rows: FloatArray, wording: IntArray, query: IntArray) -> FloatArray:
    """Return Wald's statistic for equal means of the wordings, of each row of values around their common mean."""
    member = np.eye(int(wording.max()) + 1)[wording]
    sizes = member.sum(axis=0) + 2
    means = rows @ member / sizes
    if _asked_once(query):  # the wordings' means are independent
        weights = sizes**2 / (rows**2 @ member + 1)
        weighted = weights * means
    else:
        replies = np.zeros((len(rows), int(query.max()) + 1, len(sizes)))
        replies[:, query, wording] = rows
        covariance = (replies.swapaxes(1, 2) @ replies + np.eye(len(sizes))) / np.outer(sizes, sizes)
        solved = np.linalg.solve(covariance, np.stack([means, np.ones_like(means)], axis=2))
        weighted, weights = solved[..., 0], solved[..., 1]
    return np.asarray((weighted * means).sum(axis=1) - weighted.sum(axis=1) ** 2 / weights.sum(axis=1))


def _asked_once(query: IntArray) -> bool:
    """Tell whether each query has one value, by their numbers from 0 on."""
    return len(query) == int(query.max()) + 1
