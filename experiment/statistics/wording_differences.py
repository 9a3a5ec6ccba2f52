"""Whether the gap differs between wordings more than chance allows."""

import numpy as np

from experiment.statistics.pairing import FloatArray, IntArray, Pairs

LOOK, DRAWS = 999, 4_999
CLEARLY_NOT = 0.02
SEED = 20240918
CHUNK = 1_000_000
TIE = 1e-9


def wordings_differ(pairs: Pairs) -> float:
    """Test whether all wordings have the same gap, by exchanging the wordings at random.

    The statistic is the sum of squares between wordings. Where each query was asked in one wording, wordings are
    exchanged between queries; where queries were asked in several, among the replies to one query. So it holds for
    rare events too. It stops after 999 exchanges where p is then above 0.02, as Besag and Clifford's do.

    Args:
        pairs: Two tiers, paired, in at least two wordings.

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
    rng = np.random.default_rng(SEED)
    p = _p(values, wording, block, LOOK, rng)
    return p if p > CLEARLY_NOT else _p(values, wording, block, DRAWS, rng)


def _p(values: FloatArray, wording: IntArray, block: IntArray, draws: int, rng: np.random.Generator) -> float:
    least = _between(values[np.newaxis], wording)[0] - TIE
    chunk = max(1, CHUNK // len(values))
    sizes = [min(chunk, draws - start) for start in range(0, draws, chunk)]
    extreme = sum(int((_between(_exchanged(values, block, size, rng), wording) >= least).sum()) for size in sizes)
    return (1 + extreme) / (1 + draws)


def _exchanged(values: FloatArray, block: IntArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Shuffle the values within each block, which must be sorted, once per row."""
    rows = np.tile(values, (draws, 1))
    if block[-1] == 0:
        return rng.permuted(rows, axis=1)
    return np.take_along_axis(rows, np.argsort(block + rng.random(rows.shape), axis=1), axis=1)


def _between(rows: FloatArray, wording: IntArray) -> FloatArray:
    """Return the sum of squares between wordings of each row."""
    member = np.eye(int(wording.max()) + 1)[wording]
    return np.asarray(((rows @ member) ** 2 / member.sum(axis=0)).sum(axis=1))
