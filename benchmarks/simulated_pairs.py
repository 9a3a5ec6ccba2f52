"""Pairs of replies drawn with a known gap between the tiers: the data model of the simulation studies."""

from collections.abc import Iterator
from math import sqrt
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experiment.statistics.pairing import FloatArray, Pairs

ENTROPY = 271_828_182
ICC = 0.5
TINY = 1e-300

BoolArray: TypeAlias = NDArray[np.bool_]


class Cell(NamedTuple):
    """One condition of the study.

    Attributes:
        epochs: Replies per query and tier.
        wordings: Number of wordings, each with its share of the queries, the same in both tiers.
        n: Number of queries.
        paid: Rate of the second tier.
        correlation: Between the tiers: of the replies with one epoch, of the latent propensities with several.
        truth: First minus second tier, over the population of wordings.
        spread: Standard deviation of a rate between wordings; 0 with one wording.
        either: Whether in each wording a coin decides which tier's rate varies, so that the spread of the gap is
            symmetric; otherwise it is the first tier's. Only where the truth is 0.
    """

    epochs: int
    wordings: int
    n: int
    paid: float
    correlation: float
    truth: float
    spread: float
    either: bool = False


class Draw(NamedTuple):
    """One simulated data set: its pairs, and the true gap of the wordings that it happened to draw."""

    pairs: Pairs
    drawn: float


def draws(cell: Cell) -> Iterator[Draw]:
    """Draw data sets of one cell without end, the same ones at every call.

    Each wording has a rate of its own in the first tier, from a beta distribution with mean paid + truth and the
    cell's spread; the rate of the second tier is the same in every wording. Queries are dealt to the wordings in turn.
    """
    shares = (cell.paid, cell.correlation, cell.truth, cell.spread)
    key = [cell.epochs, cell.wordings, cell.n, *(round(1000 * each) for each in shares), cell.either]
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=key))
    wording = np.arange(cell.n) % cell.wordings
    queries, wordings = tuple(f"q{i:04}" for i in range(cell.n)), tuple(f"w{w}" for w in wording)
    epochs = np.full(cell.n, cell.epochs)
    while True:
        free, paid = (rates[wording] for rates in _wording_rates(cell, rng))
        first, second = (_clustered if cell.epochs > 1 else _single)(cell, free, paid, rng)
        pairs = Pairs(queries, wordings, first, second, epochs, cell.n * cell.epochs, 0)
        yield Draw(pairs, float((free - paid).mean()))


def feasible_correlation(first: float, second: float) -> float:
    """Return the largest correlation that two binary replies with these rates can have."""
    low, high = sorted((first, second))
    return sqrt(low * (1 - high) / (high * (1 - low))) if low > 0 else 0.0


def _wording_rates(cell: Cell, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Draw the rates of both tiers in each wording."""
    paid = np.full(cell.wordings, cell.paid)
    varied = beta_rates(cell.paid + cell.truth, cell.spread, cell.wordings, rng)
    if cell.spread == 0:
        return varied, paid
    swapped = rng.random(cell.wordings) < 0.5 if cell.either else np.zeros(cell.wordings, dtype=bool)
    return np.where(swapped, paid, varied), np.where(swapped, varied, paid)


def beta_rates(mean: float, spread: float, wordings: int, rng: np.random.Generator) -> FloatArray:
    """Draw a rate for each wording from a beta distribution with this standard deviation; with 0 all are the mean."""
    if spread == 0:
        return np.full(wordings, mean)
    size = mean * (1 - mean) / spread**2 - 1
    return rng.beta(mean * size, (1 - mean) * size, wordings)


def single_replies(
    first: FloatArray, second: FloatArray, correlation: float, rng: np.random.Generator
) -> tuple[BoolArray, BoolArray]:
    """Draw one reply per query and tier, with the correlation or the largest that the rates allow."""
    both = first * second + correlation * np.sqrt(first * (1 - first) * second * (1 - second))
    both = np.minimum(both, np.minimum(first, second))
    drawn = rng.random(len(second)) < second
    chance = np.where(drawn, both / np.maximum(second, TINY), (first - both) / (1 - second))
    return rng.random(len(first)) < chance, drawn


def _single(
    cell: Cell, first: FloatArray, second: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    one, other = single_replies(first, second, cell.correlation, rng)
    return one.astype(float), other.astype(float)


def _clustered(
    cell: Cell, first: FloatArray, second: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw replies from a probit model: half the latent variance lies between queries."""
    shared, own = rng.standard_normal(cell.n), rng.standard_normal(cell.n)
    other = cell.correlation * shared + sqrt(1 - cell.correlation**2) * own
    return _replies(cell.epochs, first, shared, rng), _replies(cell.epochs, second, other, rng)


def _replies(epochs: int, rates: FloatArray, latent: FloatArray, rng: np.random.Generator) -> FloatArray:
    propensity = ndtr((ndtri(rates) + sqrt(ICC) * latent) / sqrt(1 - ICC))
    return rng.binomial(epochs, propensity) / epochs
