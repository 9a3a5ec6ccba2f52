"""Bounds contain every gap that the missing replies could have made."""

from itertools import product
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from experiment.statistics.intervals import cluster_t, cluster_z, tango, tango_z
from experiment.statistics.missing_bounds import coverage, gap_bounds, rate_bounds
from experiment.statistics.pairing import Observation, Table, pair

EPOCHS = st.integers(1, 3).flatmap(
    lambda epochs: st.lists(
        st.lists(st.tuples(*[st.sampled_from((0.0, 1.0, nan))] * 2), min_size=epochs, max_size=epochs),
        min_size=1,
        max_size=12,
    )
)


def observe(replies) -> list[Observation]:
    """Observations from the (free, paid) values of each epoch of each query."""
    return [
        Observation(f"q{query:03}", "plain", epoch, tier, value)
        for query, epochs in enumerate(replies)
        for epoch, values in enumerate(epochs)
        for tier, value in zip(("free", "paid"), values, strict=True)
    ]


def once(*counts: tuple[float, float, int]) -> list[Observation]:
    """Observations of queries asked once, from (free, paid, number of queries)."""
    return observe([[(free, paid)] for free, paid, count in counts for _ in range(count)])


@pytest.mark.parametrize(
    ("free", "expected"), [((1, 0, nan, nan), 0.5), ((1, 0), 1.0), ((nan,), 0.0), ((), nan), ((nan, 1, 1), 2 / 3)]
)
def test_coverage_is_the_share_with_a_value(free: tuple[float, ...], expected: float) -> None:
    observations = [Observation(f"q{i}", "plain", 1, "free", value) for i, value in enumerate(free)]
    observations.append(Observation("q0", "plain", 1, "paid", 1))
    assert coverage(observations, "free") == pytest.approx(expected, nan_ok=True)


def test_bounds_are_as_far_apart_as_the_shares_missing() -> None:
    bounds = gap_bounds(once((1, 0, 20), (0, 0, 60), (nan, 0, 10), (1, nan, 6), (nan, nan, 4)), "free", "paid")
    assert (bounds.low, bounds.high) == pytest.approx(((20 + 0 + 0 - 4) / 100, (20 + 10 + 6 + 4) / 100))
    assert bounds.high - bounds.low == pytest.approx(0.14 + 0.10)


def test_far_apart_each_end_is_one_sided() -> None:
    bounds = gap_bounds(once((1, 0, 20), (0, 0, 60), (nan, 0, 20)), "free", "paid")
    least, most = Table(0, 20, 0, 80), Table(0, 40, 0, 60)
    z = norm.ppf(0.95)
    assert (bounds.low, bounds.high) == pytest.approx((0.2, 0.4))
    assert bounds.ci_low == pytest.approx(tango_z(least, z).low, abs=1e-4)
    assert bounds.ci_high == pytest.approx(tango_z(most, z).high, abs=1e-4)
    assert bounds.ci_low > tango(least).low


def test_close_together_the_quantile_solves_the_equation_of_imbens_and_manski() -> None:
    observations = once((1, 0, 20), (0, 0, 179), (nan, 0, 1))
    bounds = gap_bounds(observations, "free", "paid")
    least, most = Table(0, 20, 0, 180), Table(0, 21, 0, 179)
    error = max(np.sqrt(((b + 1) / 202 - (b / 202) ** 2) / 202) for b in (20, 21))
    grid = np.linspace(1.6, 2.0, 400_001)
    z = grid[np.argmin(np.abs(norm.cdf(grid + 0.005 / error) - norm.cdf(-grid) - 0.95))]
    assert 1.75 < z < 1.95
    assert bounds.ci_low == pytest.approx(tango_z(least, z).low, abs=1e-6)
    assert bounds.ci_high == pytest.approx(tango_z(most, z).high, abs=1e-6)


def test_with_nothing_missing_the_bounds_are_the_estimate_and_its_interval() -> None:
    bounds = gap_bounds(once((1, 0, 12), (0, 1, 3), (1, 1, 30), (0, 0, 55)), "free", "paid")
    assert (bounds.low, bounds.high) == pytest.approx((0.09, 0.09))
    assert (bounds.ci_low, bounds.ci_high) == pytest.approx(tango(Table(30, 12, 3, 55)))
    replies = [[(1, 0), (0, 0)], [(1, 1), (0, 0)], [(1, 0), (1, 0)]]
    bounds = gap_bounds(observe(replies), "free", "paid")
    assert (bounds.low, bounds.high) == pytest.approx((0.5, 0.5))
    assert (bounds.ci_low, bounds.ci_high) == pytest.approx(cluster_t(np.array([0.5, 0, 1])))


def test_with_epochs_each_query_is_bounded_by_its_share_missing() -> None:
    replies = [[(1, 0), (nan, 0)], [(0, nan), (0, 0)], [(1, 1), (1, 0)]] * 10
    bounds = gap_bounds(observe(replies), "free", "paid")
    least, most = np.array([0.5, -0.5, 0.5] * 10), np.array([1, 0, 0.5] * 10)
    assert (bounds.low, bounds.high) == pytest.approx((least.mean(), most.mean()))
    z = norm.ppf(0.95)
    assert bounds.ci_low == pytest.approx(cluster_z(least, z).low, abs=1e-3)
    assert bounds.ci_high == pytest.approx(cluster_z(most, z).high, abs=1e-3)


def test_a_query_never_asked_in_one_tier_is_left_out() -> None:
    alone = Observation("zz", "plain", 1, "free", 1.0)
    observations = once((1, 0, 3), (0, 0, 5))
    assert gap_bounds([*observations, alone], "free", "paid") == gap_bounds(observations, "free", "paid")


@pytest.mark.parametrize("observations", [[], [Observation("a", "plain", 1, "free", 1.0)]])
def test_without_a_pair_of_observations_bounds_are_undefined(observations: list[Observation]) -> None:
    assert all(isnan(each) for each in gap_bounds(observations, "free", "paid"))


def test_the_complete_pairs_alone_may_lie_outside() -> None:
    observations = once((1, 0, 1), (nan, 1, 9))
    bounds = gap_bounds(observations, "free", "paid")
    assert pair(observations, "free", "paid").mean == 1
    assert (bounds.low, bounds.high) == pytest.approx((-0.8, 0.1))


@given(EPOCHS, st.data())
def test_bounds_contain_the_gap_whatever_the_missing_replies_were(replies, data) -> None:
    observations = observe(replies)
    bounds = gap_bounds(observations, "free", "paid")
    filled = [
        each._replace(value=data.draw(st.sampled_from((0.0, 1.0)))) if isnan(each.value) else each
        for each in observations
    ]
    assert bounds.low - 1e-9 <= pair(filled, "free", "paid").mean <= bounds.high + 1e-9
    assert -1 <= bounds.low <= bounds.high <= 1
    if not isnan(bounds.ci_low):
        assert -1 <= bounds.ci_low <= bounds.low + 1e-9
        assert bounds.high - 1e-9 <= bounds.ci_high <= 1


@given(EPOCHS)
def test_queries_lost_in_both_tiers_leave_the_complete_gap_inside(replies) -> None:
    lost = [[(nan, nan)] * len(each) if any(isnan(sum(values)) for values in each) else each for each in replies]
    observations = observe(lost)
    bounds, complete = gap_bounds(observations, "free", "paid"), pair(observations, "free", "paid").mean
    assert isnan(complete) or bounds.low - 1e-9 <= complete <= bounds.high + 1e-9


@given(EPOCHS)
def test_swapping_the_tiers_turns_the_bounds(replies) -> None:
    observations = observe(replies)
    bounds, swapped = gap_bounds(observations, "free", "paid"), gap_bounds(observations, "paid", "free")
    expected = (-bounds.high, -bounds.low, -bounds.ci_high, -bounds.ci_low)
    assert swapped == pytest.approx(expected, abs=1e-7, nan_ok=True)


def test_the_interval_covers_either_end_of_the_bounds() -> None:
    rng, hits = np.random.default_rng(7), {0.0: 0, 1.0: 0}
    for truth, _ in product(hits, range(100)):
        free, paid, lost = rng.random(120) < 0.2, rng.random(120) < 0.1, rng.random(120) < 0.1
        # The lost replies of the free tier all were `truth`, so the gap lies at one end of the bounds.
        true_gap = 0.9 * 0.2 + 0.1 * truth - 0.1
        values = zip(np.where(lost, nan, free), paid.astype(float), strict=True)
        bounds = gap_bounds(observe([[pair_] for pair_ in values]), "free", "paid")
        hits[truth] += bounds.ci_low <= true_gap <= bounds.ci_high
    assert all(90 <= count <= 100 for count in hits.values())


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [((1, 0, nan, nan), 0.25, 0.75), ((1, 0), 0.5, 0.5), ((nan,), 0, 1), ((), nan, nan)],
)
def test_a_rate_lies_between_all_missing_refused_and_all_missing_complied(values, low, high) -> None:
    seen = [Observation(f"q{i}", "w", 1, "free", value) for i, value in enumerate(values)]
    assert tuple(rate_bounds(seen, "free")) == pytest.approx((low, high), nan_ok=True)
