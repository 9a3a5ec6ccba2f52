"""Two models on the same queries: what cancels, what is left out, and how surely."""

from math import isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t, ttest_1samp

from experiment.statistics.gap import compliance_gap
from experiment.statistics.intervals import newcombe
from experiment.statistics.model_comparison import Difference, difference_of_gaps, difference_of_rates
from experiment.statistics.pairing import Observation, Pairs, Table, pair
from experiment.statistics.significance import mcnemar_midp, sign_flip

DIFFERENCES = st.lists(st.tuples(*[st.sampled_from((-1.0, -0.4, 0.0, 0.4, 1.0))] * 2), min_size=2, max_size=30)


def pairs_of(differences, wordings: int = 1, start: int = 0) -> Pairs:
    """Pairs with these differences, a query each, dealt to the wordings in turn."""
    values = np.array(differences, dtype=float)
    numbers = range(start, start + len(values))
    names = tuple(f"q{i:04}" for i in numbers), tuple(f"w{i % wordings}" for i in numbers)
    first, second = np.maximum(values, 0), np.maximum(-values, 0)
    return Pairs(*names, first, second, np.ones(len(values), dtype=int), len(values), 0)


def answers(values: str, tier: str = "free", wording: str = "plain") -> list[Observation]:
    """One reply a query: 1 complied, 0 refused, ? not measured, - not asked."""
    known = {"1": 1.0, "0": 0.0, "?": nan}
    return [Observation(f"q{i:03}", wording, 1, tier, known[each]) for i, each in enumerate(values) if each != "-"]


def test_by_hand() -> None:
    found = difference_of_gaps(pairs_of([1, 1, 0, 0, 1, 0]), pairs_of([0, 1, 0, -1, 0, 0]))
    values = np.array([1, 0, 0, 1, 1, 0])
    variance = ((3 + 2) / 8 - (3 / 8) ** 2) / 8  # a half-weight pseudo-query at each end of each gap
    half = t.ppf(0.975, 5) * sqrt(variance)
    assert found.estimate == 0.5
    assert (found.low, found.high) == pytest.approx((3 / 8 - half, 3 / 8 + half))
    assert found.stderr == pytest.approx(sqrt(variance))
    assert found.p == sign_flip(values.astype(float))
    assert (found.clusters, found.queries, found.wordings) == (6, 6, 1)
    assert (found.method, found.estimand) == ("cluster-t", "these queries, one wording")


def test_what_only_one_of_both_has_is_counted_and_left_out() -> None:
    found = difference_of_gaps(pairs_of([1, 1, 0, 0, 1, 0]), pairs_of([0, 1, 0, 1], start=4))
    assert (found.clusters, found.only_first, found.only_second) == (2, 4, 2)
    assert found.estimate == pytest.approx((1 - 0 + 0 - 1) / 2)


def test_the_same_query_in_another_wording_is_no_partner() -> None:
    first, second = pairs_of([1, 0, 1]), pairs_of([1, 0, 1])._replace(wordings=("w0", "w0", "other"))
    found = difference_of_gaps(first, second)
    assert (found.clusters, found.only_first, found.only_second) == (2, 1, 1)


@pytest.mark.parametrize(("first", "second"), [([], []), ([1, 0], []), ([], [1, 0])])
def test_without_a_shared_query_nothing_is_estimated(first: list[float], second: list[float]) -> None:
    found = difference_of_gaps(pairs_of(first), pairs_of(second))
    assert all(isnan(each) for each in found[:5])
    assert (found.clusters, found.queries, found.wordings) == (0, 0, 0)
    assert (found.only_first, found.only_second) == (len(first), len(second))


def test_one_shared_query_has_no_limits() -> None:
    found = difference_of_gaps(pairs_of([1]), pairs_of([0]))
    assert (found.estimate, found.clusters) == (1, 1)
    assert isnan(found.low)
    assert isnan(found.high)


def test_what_both_share_cancels() -> None:
    shared = np.repeat([1.0, 0.0], [60, 140])
    same = difference_of_gaps(pairs_of(shared), pairs_of(shared))
    assert (same.estimate, same.p) == (0, 1)
    assert 0 < same.high - same.low < 0.06
    apart = difference_of_gaps(pairs_of(shared), pairs_of(shared[::-1]))
    assert apart.estimate == 0
    assert apart.high - apart.low > 4 * (same.high - same.low)


def test_a_query_in_several_wordings_is_one_query() -> None:
    first = pairs_of([1, 1, 0, 0, 1, 0])._replace(queries=tuple("aabbcc"), wordings=tuple("uvuvuv"))
    found = difference_of_gaps(first, first._replace(first=np.zeros(6)))
    assert (found.clusters, found.queries, found.wordings, found.estimand) == (6, 3, 2, "these wordings")
    assert found.p == sign_flip(np.array([1, 0, 0.5]))


def test_enough_wordings_speak_of_their_population() -> None:
    rng = np.random.default_rng(1)
    first, second = (
        rng.random(200) < np.tile(rates, 25) for rates in ([0.1, 0.3, 0.5, 0.2] * 2, [0.2, 0.1, 0.3, 0.1] * 2)
    )
    found = difference_of_gaps(pairs_of(first, wordings=8), pairs_of(second, wordings=8))
    means = (first.astype(float) - second).reshape(25, 8).mean(axis=0)
    half = t.ppf(0.975, 7) * means.std(ddof=1) / sqrt(8)
    assert (found.method, found.estimand, found.wordings) == ("wordings-t", "population of wordings", 8)
    assert found.estimate == pytest.approx(means.mean())
    assert found.low <= means.mean() - half + 1e-12
    assert found.high >= means.mean() + half - 1e-12
    assert found.p >= ttest_1samp(means, 0).pvalue


def test_thin_wordings_speak_of_themselves() -> None:
    found = difference_of_gaps(pairs_of([1, 0] * 40, wordings=8), pairs_of([0, 0] * 40, wordings=8))
    assert (found.method, found.estimand) == ("cluster-t", "these wordings")


@given(DIFFERENCES, st.sampled_from((1.0, 0.5, 2.0)))
def test_the_difference_is_inside_its_limits_and_turns_with_the_models(differences, weight: float) -> None:
    first, second = (pairs_of(each) for each in zip(*differences, strict=True))
    found = difference_of_gaps(first, second, weight)
    assert found.estimate == pytest.approx(first.mean - weight * second.mean)
    assert -1 - weight <= found.low <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.high <= 1 + weight
    assert found.low < found.high
    if weight == 1:
        turned = difference_of_gaps(second, first)
        assert found[:5] == pytest.approx((-turned[0], -turned[2], -turned[1], turned[3], turned[4]))


def test_limits_reach_the_end_of_the_scale() -> None:
    found = difference_of_gaps(pairs_of([1] * 30), pairs_of([-1] * 30))
    assert (found.estimate, found.high) == (2, 2)
    assert 1.5 < found.low < 2


def test_a_lower_level_is_narrower() -> None:
    first, second = pairs_of([1, 0, 0, 0] * 20), pairs_of([0, 0, 1, 0] * 20)
    wide, narrow = (difference_of_gaps(first, second, level=level) for level in (0.95, 0.9))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_rates_of_two_models_are_compared_like_tiers() -> None:
    first, second = "1" * 48 + "00", "1" * 36 + "0" * 12 + "11"
    found = difference_of_rates(answers(first), answers(second), "free")
    assert (found.estimate, found.method, found.estimand) == (0.2, "newcombe", "these queries, one wording")
    assert (found.low, found.high) == pytest.approx(newcombe(Table(36, 12, 2, 0)))
    assert found.p == mcnemar_midp(Table(36, 12, 2, 0))
    assert (found.clusters, found.queries, found.only_first, found.only_second) == (50, 50, 0, 0)


def test_only_the_tier_and_the_shared_replies_count() -> None:
    first = answers("11?0-1") + answers("000000", tier="paid")
    second = answers("0-1011") + answers("111111", tier="paid")
    found = difference_of_rates(first, second, "free")
    assert (found.clusters, found.only_first, found.only_second) == (3, 1, 2)
    assert found.estimate == pytest.approx(1 / 3)


def test_without_a_shared_reply_no_rate_is_compared() -> None:
    found = difference_of_rates(answers("11--"), answers("--10"), "free")
    assert all(isnan(each) for each in found[:5])
    assert (found.clusters, found.only_first, found.only_second) == (0, 2, 2)


def test_epochs_of_two_models_are_clustered() -> None:
    first, second = answers("1100" * 5), answers("1000" * 5)
    twice = [[each._replace(epoch=epoch) for each in given for epoch in (1, 2)] for given in (first, second)]
    found = difference_of_rates(*twice, tier="free")
    relabelled = [each._replace(tier=tier) for tier, given in zip("ab", twice, strict=True) for each in given]
    gap = compliance_gap(pair(relabelled, "a", "b"))
    assert (found.method, found.clusters) == ("cluster-t", 20)
    assert found[:5] == gap[:5]


def test_a_reply_seen_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="observed twice"):
        difference_of_rates(answers("10") * 2, answers("10"), "free")


def simulated(rng: np.random.Generator, queries: int, paid: float, gap: float) -> Pairs:
    reverse = 0.6 * paid
    return pairs_of(rng.choice([1.0, -1.0, 0.0], queries, p=[gap + reverse, reverse, 1 - gap - 2 * reverse]))


def judged(queries: int, paid: float, gaps: tuple[float, float], runs: int) -> tuple[float, float]:
    """Coverage and share of rejections."""
    rng = np.random.default_rng([queries, round(1000 * paid), *(round(100 * gap) for gap in gaps)])
    found: list[Difference] = [
        difference_of_gaps(*(simulated(rng, queries, paid, gap) for gap in gaps)) for _ in range(runs)
    ]
    covered = np.mean([each.low <= gaps[0] - gaps[1] <= each.high for each in found])
    return float(covered), float(np.mean([each.p <= 0.05 for each in found]))


def test_the_difference_covers_and_rejects_as_it_should() -> None:
    covered, rejected = judged(200, 0.01, (0.05, 0.05), 200)
    assert covered >= 0.92
    assert rejected <= 0.1
    assert judged(200, 0.01, (0.30, 0.05), 30)[1] == 1


@pytest.mark.slow
@pytest.mark.parametrize("queries", [50, 200, 400])
@pytest.mark.parametrize("paid", [0.01, 0.2])
@pytest.mark.parametrize("gaps", [(0.0, 0.0), (0.01, 0.0), (0.05, 0.05), (0.11, 0.05), (0.3, 0.0)])
def test_the_difference_covers_with_rare_and_common_replies(
    queries: int, paid: float, gaps: tuple[float, float]
) -> None:
    covered, rejected = judged(queries, paid, gaps, 1000)
    assert covered >= 0.94 - 2 * 0.0075
    assert gaps[0] != gaps[1] or rejected <= 0.055 + 2 * 0.0072
