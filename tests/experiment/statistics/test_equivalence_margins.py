"""The margin within reach, against simulated power and exact sums."""

from itertools import product
from math import isnan

import numpy as np
import pytest
from scipy.stats import multinomial

from experiment.statistics.equivalence import (
    MARGINS,
    Design,
    claim_chance,
    design_of,
    equivalence_power,
    queries_needed,
    sensible_margin,
    within_reach,
)
from experiment.statistics.intervals import tango
from experiment.statistics.pairing import Pairs, Table


@pytest.mark.parametrize(
    ("rate", "margin", "queries", "power"),
    [
        (0.01, 0.02, 200, 0.17),
        (0.01, 0.02, 400, 0.76),
        (0.01, 0.03, 100, 0.23),
        (0.01, 0.03, 200, 0.73),
        (0.01, 0.05, 100, 0.72),
        (0.02, 0.02, 800, 0.86),
        (0.02, 0.03, 400, 0.87),
        (0.2, 0.02, 1000, 0.0),
        (0.2, 0.02, 4000, 0.65),
        (0.2, 0.02, 7000, 0.92),
        (0.2, 0.05, 600, 0.60),
        (0.2, 0.10, 200, 0.77),
    ],
)
def test_power_is_that_of_the_simulation_study(rate: float, margin: float, queries: int, power: float) -> None:
    assert equivalence_power(Design(queries, 1, rate, 1), margin) == pytest.approx(power, abs=0.025)


@pytest.mark.parametrize(
    ("rate", "margin", "low", "high"),
    [
        (0.01, 0.02, 400, 480),
        (0.01, 0.05, 110, 135),
        (0.02, 0.02, 650, 780),
        (0.2, 0.05, 780, 880),
        (0.2, 0.1, 200, 240),
    ],
)
def test_pairs_needed_are_those_of_the_simulation_study(rate: float, margin: float, low: int, high: int) -> None:
    design = Design(1, 1, rate, 1)
    needed = queries_needed(design, margin)
    assert low <= needed <= high
    assert equivalence_power(design._replace(queries=needed), margin) >= 0.8


@pytest.mark.parametrize("share", [(0.1, 0.1), (0.3, 0.1), (0.05, 0.0)])
def test_the_chance_of_a_claim_sums_over_every_table(share: tuple[float, float]) -> None:
    n, margin, chance = 14, 0.35, 0.0
    for b, c in product(range(n + 1), repeat=2):
        if b + c <= n:
            low, high = tango(Table(0, b, c, n - b - c), 0.9)
            weight = multinomial.pmf([b, c, n - b - c], n, [*share, 1 - sum(share)])
            chance += weight * (-margin < low and high < margin)
    assert claim_chance(n, *share, margin) == pytest.approx(chance, abs=1e-8)


def test_the_normal_formula_takes_over_without_a_step() -> None:
    exact, normal = (equivalence_power(Design(n, 1, 0.2, 1), 0.02) for n in (4166, 4168))
    assert exact == pytest.approx(normal, abs=0.02)


@pytest.mark.parametrize(
    ("queries", "complied", "margin"),
    [
        (50, 0, 0.10),
        (50, 3, None),
        (50, 10, None),
        (200, 0, 0.05),
        (200, 4, 0.05),
        (200, 40, 0.10),
        (400, 0, 0.03),
        (400, 4, 0.03),
        (400, 8, 0.03),
        (400, 80, 0.07),
        (450, 0, 0.02),
        (2000, 40, 0.02),
        (2000, 400, 0.05),
    ],
)
def test_the_margin_follows_from_size_and_rate(queries: int, complied: int, margin: float | None) -> None:
    second = np.repeat([1.0, 0.0], [complied, queries - complied])
    for first in (second, 1 - second):  # whatever the gap
        names = tuple(f"q{i:04}" for i in range(queries))
        pairs = Pairs(names, ("w",) * queries, first, second, np.ones(queries, dtype=int), queries, 0)
        found = sensible_margin(design_of(pairs))
        assert isnan(found) if margin is None else found == margin


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_more_of_anything_reaches_narrower_margins(rate: float) -> None:
    for margin in MARGINS:
        powers = [equivalence_power(Design(queries, 1, rate, 1), margin) for queries in (100, 400, 2000)]
        assert powers == pytest.approx(sorted(powers))
    once, often = Design(200, 1, rate, 1), Design(200, 5, rate, 1)
    assert all(equivalence_power(once, margin) <= equivalence_power(often, margin) for margin in MARGINS)
    wordings = [equivalence_power(Design(400, 1, rate, count), 0.07) for count in (5, 8, 20, 1)]
    assert wordings == sorted(wordings)


def test_rates_near_1_are_as_rare_as_rates_near_0() -> None:
    few, many = (equivalence_power(Design(300, 1, rate, 1), 0.03) for rate in (0.02, 0.98))
    assert few == pytest.approx(many)
    assert within_reach(Design(450, 1, 0.01, 1), 0.02)


def test_the_chance_with_wordings_is_that_of_simulated_t_intervals() -> None:
    rng, wordings, error, margin = np.random.default_rng(1), 8, 0.04, 0.05
    means = rng.normal(0, error, size=(20_000, wordings))
    half = 1.894579 * means.std(axis=1, ddof=1) / np.sqrt(wordings)
    simulated = np.mean(np.abs(means.mean(axis=1)) + half < margin)
    rate = 0.2
    queries = round(2 * rate * (1 - rate) * 0.75 * wordings / error**2)
    assert equivalence_power(Design(queries, 1, rate, wordings), margin) == pytest.approx(simulated, abs=0.01)
