"""Intervals against published values, their own definitions and simulated coverage."""

from math import isnan, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

from experiment.statistics.intervals import (
    cluster_error,
    cluster_t,
    cluster_z,
    clustered_wilson,
    newcombe,
    newcombe_z,
    quantile,
    tango,
    tango_z,
    wilson,
)
from experiment.statistics.pairing import Table

Z95 = 1.959963984540054
CAVO = Table(59, 6, 16, 80)  # Cavo et al. 2012, printed by the authors' R package contingencytables
BENTUR = Table(1, 1, 7, 12)  # Bentur et al. 2009, in Fagerland, Lydersen and Laake 2014
TABLES = st.builds(Table, *[st.integers(0, 60)] * 4).filter(lambda table: table.n > 0)
DIFFERENCES = st.lists(st.sampled_from((-1, -0.6, -0.2, 0, 0.4, 1)), min_size=2, max_size=40).map(np.array)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        (Table(36, 12, 2, 0), 0.0569, 0.3404),
        (Table(14, 5, 0, 22), 0.0115, 0.2265),
        (CAVO, -0.1186, -0.0046),
        (BENTUR, -0.507, -0.026),
        (Table(0, 0, 0, 50), -0.0713, 0.0713),
        (Table(0, 0, 0, 200), -0.0188, 0.0188),
        (Table(0, 0, 0, 400), -0.0095, 0.0095),
    ],
)
def test_newcombe_gives_the_published_limits(table: Table, low: float, high: float) -> None:
    digits = 3 if table == BENTUR else 4
    assert tuple(round(limit, digits) for limit in newcombe(table)) == (low, high)


@pytest.mark.parametrize(
    ("table", "level", "low", "high", "digits"),
    [
        (CAVO, 0.95, -0.1240, -0.0054, 4),
        (BENTUR, 0.95, -0.517, -0.026, 3),
        (Table(3, 7, 0, 4), 0.95, 0.177034, 0.732008, 6),  # R, PropCIs::scoreci.mp(0, 7, 14)
        (Table(300, 28, 25, 265), 0.90, -0.0148, 0.0247, 4),  # R, PropCIs::scoreci.mp(25, 28, 618)
        (Table(0, 0, 0, 50), 0.95, -0.0713, 0.0713, 4),
        (Table(0, 0, 0, 400), 0.95, -0.0095, 0.0095, 4),
    ],
)
def test_tango_gives_the_published_limits(table: Table, level: float, low: float, high: float, digits: int) -> None:
    assert tuple(round(limit, digits) for limit in tango(table, level)) == (low, high)


def score(table: Table, x: float) -> float:
    """Tango's statistic, with the nuisance parameter found by maximising the likelihood under a difference of x."""
    _, b, c, _ = table
    rest = table.n - b - c

    def loss(q: float) -> float:
        return -(b * log(q + x) + c * log(q) + rest * log(1 - 2 * q - x))

    q = minimize_scalar(loss, bounds=(max(0, -x), (1 - x) / 2), method="bounded", options={"xatol": 1e-12}).x
    return (b - c - table.n * x) / sqrt(table.n * (2 * q + x * (1 - x)))


@pytest.mark.parametrize("z", [1.0, Z95, 2.512])
@pytest.mark.parametrize("table", [Table(3, 10, 4, 9), Table(100, 9, 1, 90), CAVO, BENTUR])
def test_tango_inverts_the_score_test(table: Table, z: float) -> None:
    low, high = tango_z(table, z)
    assert score(table, low) == pytest.approx(z, abs=1e-5)
    assert score(table, high) == pytest.approx(-z, abs=1e-5)


@pytest.mark.parametrize(("table", "end"), [(Table(0, 50, 0, 0), 1), (Table(0, 0, 50, 0), -1)])
def test_limits_reach_the_end_of_the_scale_when_every_pair_differs(table: Table, end: int) -> None:
    inner = 1 - 2 * Z95**2 / (50 + Z95**2)
    assert sorted(abs(limit) for limit in tango(table)) == pytest.approx([inner, 1])
    assert end in tango(table)
    assert end in newcombe(table)


def test_newcombe_is_the_wider_when_events_are_rare() -> None:
    table = Table(1, 5, 0, 194)
    assert newcombe(table).high - newcombe(table).low > tango(table).high - tango(table).low


@given(TABLES, st.sampled_from((1.0, Z95, 2.512)), st.sampled_from((newcombe_z, tango_z)))
def test_paired_intervals_hold_the_estimate_and_turn_with_the_tiers(table: Table, z: float, method) -> None:
    low, high = method(table, z)
    estimate = (table.only_first - table.only_second) / table.n
    assert -1 <= low <= estimate <= high <= 1
    assert high - low > 0
    swapped = method(Table(table.both, table.only_second, table.only_first, table.neither), z)
    assert (-swapped.high, -swapped.low) == pytest.approx((low, high), abs=1e-9)
    assert method(table, z + 0.5).low <= low
    assert method(table, z + 0.5).high >= high


@pytest.mark.parametrize("interval", [newcombe, tango])
def test_without_pairs_limits_are_undefined(interval) -> None:
    assert all(isnan(limit) for limit in interval(Table(0, 0, 0, 0)))


@pytest.mark.parametrize("paid", [0.01, 0.1, 0.4])
@pytest.mark.parametrize("gap", [0.0, 0.3])
def test_newcombe_covers_the_true_gap(paid: float, gap: float) -> None:
    free = paid + gap
    cells = [free * paid, free * (1 - paid), (1 - free) * paid, (1 - free) * (1 - paid)]
    tables = [Table(*np.random.default_rng(seed).multinomial(216, cells).tolist()) for seed in range(200)]
    limits = np.array([newcombe(table) for table in tables])
    coverage = np.mean((limits[:, 0] <= gap) & (gap <= limits[:, 1]))
    assert 0.93 <= coverage <= 1.0
    assert np.mean(limits[:, 1] - limits[:, 0]) < 0.2


@pytest.mark.parametrize(("successes", "n", "level"), [(0, 10, 0.95), (3, 10, 0.9), (10, 10, 0.95), (2.5, 7.3, 0.99)])
def test_wilson_solves_its_equation(successes: float, n: float, level: float) -> None:
    low, high = wilson(successes, n, level)
    z, p = norm.ppf((1 + level) / 2), successes / n
    assert (low, high) == pytest.approx(proportion_confint(successes, n, alpha=1 - level, method="wilson"))
    for limit in (low, high):
        assert (p - limit) ** 2 == pytest.approx(z**2 * limit * (1 - limit) / n, abs=1e-12)
    assert 0 <= low <= p <= high <= 1


def test_wilson_of_nothing_is_undefined() -> None:
    assert all(isnan(limit) for limit in wilson(0, 0))


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_in_per_cent_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match=r"0\.95"):
        quantile(level)


@pytest.mark.parametrize(
    ("means", "sizes", "successes", "n"),
    [
        ([1, 0, 0, 1, 0], [1, 1, 1, 1, 1], 2, 5),  # one reply each: Wilson
        ([1, 0, 0, 1, 0], [5, 5, 5, 5, 5], 2, 5),  # epochs that add nothing: as many as clusters
        ([0.2, 0.4, 0.6, 0.8], [5, 5, 5, 5], 7.5, 15),  # 0.25 / (0.2 / 3 / 4) = 15 of 20
        ([0.4, 0.6, 0.4, 0.6], [5, 5, 5, 5], 10, 20),  # less between the clusters than chance: as many as replies
        ([0.5, 0.5, 0.5, 0.5], [6, 6, 6, 6], 12, 24),  # nothing between the clusters: as many as replies
        ([0, 0, 0], [5, 5, 5], 0, 3),  # nothing seen: as many as clusters
        ([1, 1, 1], [5, 5, 5], 3, 3),
        ([0.6], [5], 0.6, 1),
    ],
)
def test_epochs_of_a_rate_count_for_what_they_add(means, sizes, successes: float, n: float) -> None:
    interval = clustered_wilson(np.array(means, dtype=float), np.array(sizes))
    assert interval == pytest.approx(wilson(successes, n))


def test_a_rate_over_no_cluster_is_undefined() -> None:
    assert all(isnan(limit) for limit in clustered_wilson(np.array([]), np.array([], dtype=int)))


@pytest.mark.parametrize("table", [CAVO, BENTUR, Table(0, 0, 0, 50), Table(3, 10, 4, 9)])
def test_with_one_reply_the_pseudo_queries_are_agresti_and_min(table: Table) -> None:
    differences = np.repeat([0, 1, -1, 0], table)
    n, b, c = table.n + 2, table.only_first + 0.5, table.only_second + 0.5
    error = sqrt((b + c - (b - c) ** 2 / n) / n**2)
    half = t.ppf(0.975, table.n - 1) * error
    assert cluster_error(differences) == pytest.approx(error)
    assert cluster_t(differences) == pytest.approx(((b - c) / n - half, (b - c) / n + half))


def test_agresti_and_min_is_the_published_one() -> None:
    centre, error = -10 / 163, cluster_error(np.repeat([0, 1, -1, 0], CAVO))
    assert (round(centre - Z95 * error, 4), round(centre + Z95 * error, 4)) == (-0.1182, -0.0045)


def test_epochs_by_hand() -> None:
    low, high = cluster_t(np.array([0.2, 0.4, 0.0, 0.6]))
    variance = ((0.56 + 1) / 6 - 0.2**2) / 6
    assert (low, high) == pytest.approx((0.2 - 3.182446 * sqrt(variance), 0.2 + 3.182446 * sqrt(variance)), abs=1e-6)


@given(DIFFERENCES)
def test_pseudo_queries_hold_the_mean_and_never_have_zero_width(differences) -> None:
    low, high = cluster_t(differences)
    assert -1 <= low <= differences.mean() <= high <= 1
    assert high - low > 0
    assert cluster_t(-differences) == pytest.approx((-high, -low), abs=1e-12)
    assert cluster_z(differences, Z95) == pytest.approx((low, high))
    assert cluster_z(differences, 2.512).low <= low


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_queries_have_no_interval(n: int) -> None:
    assert all(isnan(limit) for limit in cluster_t(np.ones(n)))


def test_pseudo_queries_cover_where_replies_as_independent_do_not() -> None:
    rng, gap, n, epochs = np.random.default_rng(2), 0.2, 60, 5
    covered, naive = 0, 0
    for _ in range(300):
        always = rng.random(n) < gap  # a query complies in every epoch of the first tier or in none
        differences = always.astype(float)
        low, high = cluster_t(differences)
        covered += low <= gap <= high
        half = Z95 * sqrt(differences.mean() * (1 - differences.mean()) / (n * epochs))
        naive += abs(differences.mean() - gap) <= half
    assert 0.93 <= covered / 300 <= 0.99
    assert naive / 300 < 0.75
