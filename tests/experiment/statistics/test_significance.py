"""Tests of no difference against published values, definitions and a seeded error rate."""

from itertools import product
from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.contingency_tables import cochrans_q, mcnemar

from experiment.statistics.pairing import Observation, Pairs, Table, pair
from experiment.statistics.significance import (
    mcnemar_exact,
    mcnemar_midp,
    sign_flip,
    t_test_of_means,
    wordings_differ,
)

TABLES = st.builds(Table, *[st.integers(0, 40)] * 4).filter(lambda table: table.n > 0)


@pytest.mark.parametrize(
    ("table", "midp", "exact"),
    [
        (Table(59, 6, 16, 80), 0.034690, 0.052479),  # Cavo et al. 2012, by the R package contingencytables
        (Table(1, 1, 7, 12), 10 / 256, 18 / 256),  # Bentur et al. 2009: 0.039 and 0.070 in Fagerland et al. 2013
        (Table(5, 3, 0, 9), 1 / 8, 2 / 8),
        (Table(5, 1, 0, 9), 0.5, 1.0),
        (Table(5, 2, 2, 9), 1 - 0.5 * 6 / 16, 1.0),
        (Table(5, 0, 0, 9), 1.0, 1.0),
    ],
)
def test_mcnemar_gives_the_published_p(table: Table, midp: float, exact: float) -> None:
    assert mcnemar_midp(table) == pytest.approx(midp, abs=5e-7)
    assert mcnemar_exact(table) == pytest.approx(exact, abs=5e-7)


@given(TABLES)
def test_midp_is_the_exact_p_less_the_chance_of_the_tie(table: Table) -> None:
    a, b, c, d = table
    exact = mcnemar([[a, b], [c, d]], exact=True).pvalue
    tie = binom.pmf(b, b + c, 0.5) * (0.5 if b == c else 1) if b + c else 0
    assert mcnemar_exact(table) == pytest.approx(exact)
    assert mcnemar_midp(table) == pytest.approx(exact - tie)
    assert 0 < mcnemar_midp(table) <= mcnemar_exact(table) <= 1
    assert mcnemar_midp(Table(a, c, b, d)) == pytest.approx(mcnemar_midp(table))


def test_without_data_p_is_undefined() -> None:
    nothing = Table(0, 0, 0, 0)
    assert isnan(mcnemar_midp(nothing))
    assert isnan(mcnemar_exact(nothing))
    assert isnan(sign_flip(np.array([])))
    assert isnan(t_test_of_means(np.array([])))
    assert isnan(t_test_of_means(np.array([0.1])))


def enumerated(differences: list[float]) -> float:
    """Flip the signs in every way."""
    values = np.array(differences)
    sums = np.array(list(product((-1.0, 1.0), repeat=len(values)))) @ values
    return float(np.mean(np.abs(sums) >= abs(values.sum()) - 1e-9))


def test_with_one_reply_the_sign_flip_is_exact_mcnemar() -> None:
    table = Table(20, 11, 4, 15)
    assert sign_flip(np.repeat([0.0, 1, -1, 0], table)) == pytest.approx(mcnemar_exact(table), rel=1e-9)


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([0, 0, 0], 1.0),
        ([0.2] * 40, 2**-39),
        ([-0.2] * 40, 2**-39),
        ([1] * 216, 2**-215),
        ([0.6], 1.0),
        ([1, -1], 1.0),
        ([0.1, 0.1, 0.1], 0.25),
    ],
)
def test_the_sign_flip_counts_every_way_to_flip(differences, expected) -> None:
    assert sign_flip(np.array(differences, dtype=float)) == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.sampled_from((-1, -0.4, 0, 0.2, 1 / 3, 0.6, 1)), min_size=1, max_size=12))
def test_the_sign_flip_is_that_of_all_flips_and_turns_with_the_tiers(differences) -> None:
    p = sign_flip(np.array(differences, dtype=float))
    assert p == pytest.approx(enumerated(differences), rel=1e-9)
    assert sign_flip(-np.array(differences, dtype=float)) == p


@pytest.mark.parametrize("shift", [0.02, 0.05, 0.1, 0.15])
def test_differences_without_a_common_step_go_by_the_saddlepoint(shift: float) -> None:
    values = np.random.default_rng(3).uniform(-0.5, 0.5, 60) + shift
    rng = np.random.default_rng(4)
    flips = rng.choice((-1.0, 1.0), size=(400_000, 60)) @ values
    share = float(np.mean(np.abs(flips) >= abs(values.sum())))
    assert sign_flip(values) == pytest.approx(share, rel=0.05, abs=2e-5)
    assert sign_flip(np.round(values, 2)) == pytest.approx(sign_flip(np.round(values, 2) + 1e-7), rel=0.05)


def test_the_sign_flip_keeps_its_error_rate() -> None:
    rng = np.random.default_rng(5)
    runs = [sign_flip((rng.binomial(5, 0.3, 100) - rng.binomial(5, 0.3, 100)) / 5) for _ in range(1000)]
    assert 0.03 <= np.mean(np.array(runs) <= 0.05) <= 0.06


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 0.2, 0.3], 1 - sqrt(12) / sqrt(14)),  # t = sqrt(12) with 2 degrees of freedom
        ([-0.1, -0.2, -0.3], 1 - sqrt(12) / sqrt(14)),
        ([0.0, 0.2], 0.5),  # t = 1 with 1 degree of freedom
        ([0.1, -0.1, 0.0], 1.0),
        ([0.0, 0.0, 0.0], 1.0),
        ([0.1, 0.3 - 0.2, 0.1], float("nan")),
    ],
)
def test_the_t_test_of_wording_means(values, expected: float) -> None:
    assert t_test_of_means(np.array(values)) == pytest.approx(expected, nan_ok=True)


def pairs_of(differences: np.ndarray, wordings: list[str], queries: list[str]) -> Pairs:
    rows = [
        Observation(query, wording, 1, tier, float(difference == (1 if tier == "free" else -1)))
        for query, wording, difference in zip(queries, wordings, differences, strict=True)
        for tier in ("free", "paid")
    ]
    return pair(rows, "free", "paid")


def test_exchanging_wordings_within_queries_agrees_with_cochran():
    rng = np.random.default_rng(3)
    values = (rng.random((200, 4)) < [0.3, 0.3, 0.3, 0.38]).astype(float)
    queries, wordings = zip(*product([f"q{index:03}" for index in range(200)], "abcd"), strict=True)
    expected = cochrans_q(values).pvalue
    assert wordings_differ(pairs_of(values.ravel(), list(wordings), list(queries))) == pytest.approx(expected, abs=0.05)


@pytest.mark.slow
def test_exchanging_wordings_between_queries_rejects_equal_ones_as_often_as_it_says():
    rng, queries, wordings = np.random.default_rng(5), [f"q{index:03}" for index in range(160)], list("abcdefgh") * 20
    drawn = (rng.choice([-1, 0, 1], 160, p=[0.02, 0.93, 0.05]) for _ in range(200))
    rejected = [wordings_differ(pairs_of(values, wordings, queries)) <= 0.1 for values in drawn]
    assert np.mean(rejected) < 0.16
    assert wordings_differ(pairs_of(np.zeros(160), wordings, queries)) == 1


def test_wordings_with_one_gap_at_different_rates_do_not_differ() -> None:
    """No gap at 50% in one wording and 2% in seven: a test of equal distributions rejects far too often."""
    rng, n = np.random.default_rng(7), 216
    wordings = [f"w{index % 8}" for index in range(n)]
    rates = np.where(np.arange(n) % 8 == 0, 0.5, 0.02)
    drawn = [(rng.random(n) < rates) * 1.0 - (rng.random(n) < rates) for _ in range(200)]
    ps = np.array([wordings_differ(pairs_of(values, wordings, [f"q{i:03}" for i in range(n)])) for values in drawn])
    assert (ps <= 0.05).mean() <= 0.05
    assert (ps <= 0.0003).sum() <= 1


def test_a_wording_without_the_gap_shows():
    wordings, queries = list("abcdefgh") * 40, [f"q{index:03}" for index in range(320)]
    values = np.array([float(wording != "a") for wording in wordings])
    assert wordings_differ(pairs_of(values, wordings, queries)) == pytest.approx(0.00004)
