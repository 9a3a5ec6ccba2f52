"""Replies in two tiers joined by query, wording and epoch: the unit of every comparison."""

from collections.abc import Iterable, Sequence
from math import isnan, nan
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

MIN_WORDINGS, MIN_QUERIES = 5, 20
"""Wordings, and queries in each, from which on an estimate speaks of the population of wordings; judgement."""

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
Key: TypeAlias = tuple[str, str, int]


class Observation(NamedTuple):
    """One reply: its value is 1 for complied, 0 for refused, in between for a degree, NaN when not measured."""

    query: str
    wording: str
    epoch: int
    tier: str
    value: float


class Pairs(NamedTuple):
    """Both tiers' means over the complete epochs of each (query, wording) cluster, sorted by cluster.

    Attributes:
        queries: Query of each cluster.
        wordings: Wording of each cluster.
        first: Mean value in the first tier, in [0, 1], one per cluster.
        second: The same in the second tier.
        epochs: Number of complete pairs in each cluster, at least 1.
        complete: Number of complete (query, wording, epoch) pairs.
        unpaired: Number of measured values whose partner is absent or not measured.
    """

    queries: tuple[str, ...]
    wordings: tuple[str, ...]
    first: FloatArray
    second: FloatArray
    epochs: IntArray
    complete: int
    unpaired: int

    @property
    def differences(self) -> FloatArray:
        """First minus second tier, one per cluster, in [-1, 1]."""
        return self.first - self.second

    @property
    def by_query(self) -> FloatArray:
        """First minus second tier, one per query: the mean over the wordings it was asked in."""
        _, query = np.unique(self.queries, return_inverse=True)
        return np.bincount(query, self.differences) / np.bincount(query)

    @property
    def mean(self) -> float:
        """Mean difference over queries, in [-1, 1]; NaN without a pair."""
        return float(self.by_query.mean()) if self.queries else nan

    @property
    def binary(self) -> bool:
        """Whether each cluster holds one epoch with values 0 or 1."""
        return bool(np.all(self.epochs == 1) and np.isin([self.first, self.second], (0, 1)).all())

    @property
    def tabular(self) -> bool:
        """Whether a 2 x 2 table of independent pairs says everything: binary, and each query in one wording."""
        return self.binary and len(set(self.queries)) == len(self.queries)


class Table(NamedTuple):
    """Counts of pairs by which tier complied."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def n(self) -> int:
        """Number of pairs."""
        return sum(self)


def split(labels: Iterable[str], values: Iterable[float]) -> dict[str, FloatArray]:
    """Gather values under their labels."""
    groups: dict[str, list[float]] = {}
    for label, value in zip(labels, values, strict=True):
        groups.setdefault(label, []).append(value)
    return {label: np.array(groups[label], dtype=float) for label in sorted(groups)}


def in_tier(observations: Iterable[Observation], tier: str) -> dict[Key, float]:
    """Index the observations of one tier by query, wording and epoch.

    Returns:
        Value by (query, wording, epoch), sorted; NaN where not measured.

    Raises:
        ValueError: If an observation occurs twice, or its value is outside [0, 1].
    """
    values: dict[Key, float] = {}
    for each in observations:
        if each.tier != tier:
            continue
        key = (each.query, each.wording, each.epoch)
        if key in values:
            raise ValueError(f"observed twice in tier {tier!r}: query, wording, epoch = {key}")
        if not (isnan(each.value) or 0 <= each.value <= 1):
            raise ValueError(f"a value is in [0, 1], or NaN when not measured: {each}")
        values[key] = each.value
    return dict(sorted(values.items()))


def measured(values: dict[Key, float]) -> dict[Key, float]:
    """Return the entries of `in_tier` that have a value, in the same order."""
    return {key: value for key, value in values.items() if not isnan(value)}


def pair(observations: Sequence[Observation], first: str, second: str) -> Pairs:
    """Join two tiers by (query, wording, epoch) and average the complete epochs of each (query, wording).

    Args:
        observations: Observations in any order; other tiers are ignored.
        first: Tier whose mean is taken positive, for the compliance gap the trained one.
        second: Tier that is subtracted.

    Returns:
        The clusters with at least one complete pair.

    Raises:
        ValueError: If an observation occurs twice, or its value is outside [0, 1].
    """
    left, right = (measured(in_tier(observations, tier)) for tier in (first, second))
    clusters: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for key, value in left.items():
        if key in right:
            clusters.setdefault(key[:2], []).append((value, right[key]))
    means = np.array([np.mean(each, axis=0) if len(each) > 1 else each[0] for each in clusters.values()], dtype=float)
    means = means.reshape(-1, 2)
    epochs = np.array([len(each) for each in clusters.values()], dtype=int)
    return Pairs(
        queries=tuple(query for query, _ in clusters),
        wordings=tuple(wording for _, wording in clusters),
        first=means[:, 0],
        second=means[:, 1],
        epochs=epochs,
        complete=int(epochs.sum()),
        unpaired=len(left.keys() ^ right.keys()),
    )


def discordance(pairs: Pairs) -> Table:
    """Count the pairs by which tier complied.

    Raises:
        ValueError: If a cluster holds several epochs or a value between 0 and 1.
    """
    if not pairs.binary:
        raise ValueError("a table of discordance needs one epoch per query and wording, and values 0 or 1")
    first, second = pairs.first == 1, pairs.second == 1
    counts = (first & second, first & ~second, ~first & second, ~first & ~second)
    return Table(*(int(count.sum()) for count in counts))


def tier_correlation(pairs: Pairs) -> float:
    """Correlate the two tiers over clusters: near 0, pairing saves nothing.

    Returns:
        Pearson's r in [-1, 1], which is phi for binary values; NaN when a tier does not vary.
    """
    if not pairs.queries or np.ptp(pairs.first) == 0 or np.ptp(pairs.second) == 0:
        return nan
    return float(np.corrcoef(pairs.first, pairs.second)[0, 1])
