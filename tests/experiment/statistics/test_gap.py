"""The headline takes the widest estimand the data allow, and says which."""

from math import isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from experiment.statistics.gap import Gap, Rate, compliance_gap, tier_rate, wording_gaps
from experiment.statistics.intervals import cluster_error, cluster_t, newcombe, tango, wilson
from experiment.statistics.pairing import Observation, Table, pair
from experiment.statistics.significance import mcnemar_exact, mcnemar_midp, sign_flip

G24_PARAPHRASES = (0.058, 0.128, 0.198, 0.012, 0.128, 0.058, 0.186, 0.035)
VALUES = st.sampled_from((0.0, 1.0, nan))
REPLIES = st.dictionaries(
    st.tuples(st.integers(0, 20), st.sampled_from("uv"), st.integers(1, 2)), st.tuples(VALUES, VALUES), max_size=40
)


def asked(table: Table, wording: str = "plain", epoch: int = 1, start: str = "") -> list[Observation]:
    """Observations whose pairs have these counts, one query each."""
    outcomes = [(1, 1)] * table.both + [(1, 0)] * table.only_first + [(0, 1)] * table.only_second
    outcomes += [(0, 0)] * table.neither
    return [
        Observation(f"{start}{i:03}", wording, epoch, tier, float(value))
        for i, values in enumerate(outcomes)
        for tier, value in zip(("free", "paid"), values, strict=True)
    ]


def ensemble(*tables: Table) -> list[Observation]:
    """Observations of an ensemble: every wording with queries of its own."""
    return [each for i, table in enumerate(tables) for each in asked(table, f"w{i}", start=f"w{i}-")]


def gap_of(observations: list[Observation], level: float = 0.95) -> Gap:
    return compliance_gap(pair(observations, "free", "paid"), level)


def test_one_wording_asked_once() -> None:
    table = Table(36, 12, 2, 0)
    gap = gap_of([*asked(table), Observation("alone", "plain", 1, "paid", 1.0)])
    assert (gap.method, gap.estimand) == ("newcombe", "these queries, one wording")
    assert gap.estimate == 0.2
    assert (round(gap.low, 4), round(gap.high, 4)) == (0.0569, 0.3404)
    assert gap.stderr == pytest.approx((0.3404 - 0.0569) / 3.92, abs=5e-5)
    assert (gap.p, gap.p_exact) == (mcnemar_midp(table), mcnemar_exact(table))
    assert (gap.pairs, gap.queries, gap.unpaired, gap.wordings, gap.epochs) == (50, 50, 1, 1, 1)
    assert (gap.both, gap.only_first, gap.only_second, gap.neither) == (36, 12, 2, 0)
    assert gap.correlation == pytest.approx((36 * 0 - 12 * 2) / sqrt(48 * 2 * 38 * 12))
    assert isnan(gap.spread)


def test_several_epochs_are_clustered_by_query() -> None:
    first, second = asked(Table(2, 6, 1, 11), epoch=1), asked(Table(4, 2, 3, 11), epoch=2)
    gap = gap_of(first + second)
    differences = np.array([0, 0, 0.5, 0.5, 1, 1, 0, 0, -1] + [0] * 11)
    assert (gap.method, gap.estimand) == ("cluster-t", "these queries, one wording")
    assert gap.estimate == pytest.approx((6 - 1 + 2 - 3) / 40)
    assert (gap.low, gap.high) == pytest.approx(cluster_t(differences))
    assert gap.stderr == pytest.approx(cluster_error(differences))
    assert gap.p == sign_flip(differences)
    assert (gap.pairs, gap.queries, gap.epochs) == (40, 20, 2)
    assert all(isnan(each) for each in (gap.p_exact, gap.both, gap.only_first, gap.only_second, gap.neither))


def test_graded_values_need_no_table() -> None:
    observations = [each._replace(value=each.value / 2) for each in asked(Table(5, 5, 1, 9))]
    gap = gap_of(observations)
    assert (gap.method, gap.estimate) == ("cluster-t", 0.1)
    assert isnan(gap.both)


def test_a_population_of_wordings() -> None:
    firsts = (1, 3, 5, 0, 3, 2, 4, 1)
    observations = ensemble(*[Table(2, b, 0, 23 - b) for b in firsts])
    gap, means = gap_of(observations), np.array(firsts) / 25
    half = 2.364624 * means.std(ddof=1) / sqrt(8)
    pooled = tango(Table(16, sum(firsts), 0, 184 - sum(firsts)))
    assert (gap.method, gap.estimand, gap.wordings) == ("wordings-t", "population of wordings", 8)
    assert gap.estimate == pytest.approx(means.mean())
    assert gap.low == pytest.approx(min(means.mean() - half, pooled.low), abs=1e-6)
    assert gap.high == pytest.approx(max(means.mean() + half, pooled.high), abs=1e-6)
    assert gap.p == pytest.approx(ttest_1samp(means, 0).pvalue)
    assert gap.spread == pytest.approx(means.std(ddof=1))
    assert isnan(gap.p_exact)
    assert gap.only_first == sum(firsts)


def test_the_interval_is_that_of_the_wordings_where_they_disagree() -> None:
    observations = ensemble(*[Table(0, round(1000 * each), 0, 1000 - round(1000 * each)) for each in G24_PARAPHRASES])
    gap, means = gap_of(observations), np.array(G24_PARAPHRASES)
    half = 2.364624 * means.std(ddof=1) / sqrt(8)
    assert gap.spread == pytest.approx(0.0698, abs=5e-5)
    assert (gap.low, gap.high) == pytest.approx((means.mean() - half, means.mean() + half), abs=1e-6)
    assert gap.stderr == pytest.approx(means.std(ddof=1) / sqrt(8))


def test_the_hull_keeps_the_width_where_all_wordings_agree() -> None:
    gap = gap_of(ensemble(*[Table(1, 2, 0, 22)] * 6))
    pooled = tango(Table(6, 12, 0, 132))
    assert gap.method == "wordings-t"
    assert (gap.low, gap.high) == pytest.approx(pooled)
    assert gap.stderr == pytest.approx((pooled.high - pooled.low) / (2 * 1.959964), abs=1e-7)
    assert gap.spread == 0
    assert gap.p == mcnemar_midp(Table(6, 12, 0, 132))


def test_the_population_p_never_claims_more_than_the_interval() -> None:
    gap = gap_of(ensemble(*[Table(0, 2, 1, 17)] * 7, Table(0, 3, 1, 16)))
    assert gap.method == "wordings-t"
    assert gap.low < 0 < gap.high
    assert gap.p == mcnemar_midp(Table(0, 17, 8, 135)) > 0.05


def test_wordings_weigh_the_same_however_many_queries_they_hold() -> None:
    gap = gap_of(ensemble(Table(0, 90, 0, 10), *[Table(0, 2, 0, 18)] * 4))
    assert gap.estimate == pytest.approx((0.9 + 4 * 0.1) / 5)


@pytest.mark.parametrize(
    ("tables", "method", "estimand"),
    [
        ([Table(0, 3, 0, 17)] * 5, "wordings-t", "population of wordings"),
        ([Table(0, 3, 0, 17)] * 4, "tango", "these wordings"),
        ([Table(0, 3, 0, 17)] * 5 + [Table(0, 3, 0, 16)], "tango", "these wordings"),
        ([Table(0, 3, 0, 17)] * 3 + [Table(0, 0, 0, 20)] * 3, "wordings-t", "population of wordings"),
        ([Table(0, 3, 0, 17)] * 3 + [Table(0, 0, 0, 20)] * 4, "tango", "these wordings"),
        ([Table(0, 3, 0, 17)] * 3 + [Table(0, 20, 0, 0)] * 4, "tango", "these wordings"),
        ([Table(0, 3, 0, 17)], "newcombe", "these queries, one wording"),
    ],
)
def test_the_estimand_widens_only_where_the_data_allow(tables: list[Table], method: str, estimand: str) -> None:
    gap = gap_of(ensemble(*tables))
    assert (gap.method, gap.estimand, gap.wordings) == (method, estimand, len(tables))
    if method == "tango":
        pooled = Table(*np.sum(tables, axis=0).tolist())
        assert (gap.low, gap.high) == pytest.approx(tango(pooled))
        assert (gap.p, gap.p_exact) == (mcnemar_midp(pooled), mcnemar_exact(pooled))


def test_epochs_do_not_make_a_wording_thick_enough() -> None:
    thin = [Table(1, 3, 0, 6)] * 6
    observations = [each._replace(epoch=epoch) for each in ensemble(*thin) for epoch in range(5)]
    gap = gap_of(observations)
    assert (gap.pairs, gap.method, gap.estimand) == (300, "cluster-t", "these wordings")


def test_a_query_in_every_wording_is_one_query() -> None:
    observations = asked(Table(1, 6, 0, 5), "u") + asked(Table(1, 3, 0, 8), "v")
    gap = gap_of(observations)
    by_query = np.array([0, 1, 1, 1, 0.5, 0.5, 0.5, 0, 0, 0, 0, 0])
    assert (gap.method, gap.estimand) == ("cluster-t", "these wordings")
    assert (gap.pairs, gap.queries, gap.wordings, gap.only_first) == (24, 12, 2, 9)
    assert gap.estimate == pytest.approx(9 / 24)
    assert (gap.low, gap.high) == pytest.approx(cluster_t(by_query))


@pytest.mark.parametrize(
    ("first", "estimand"),
    [
        ((1, 2, 1, 0, 1, 2, 1, 1), "these wordings"),
        ((1, 2, 1, 0, 1, 2, 1, 2), "population of wordings"),
        ((24, 23, 24, 25, 24, 23, 24, 24), "these wordings"),
        ((24, 23, 24, 25, 24, 23, 24, 23), "population of wordings"),
    ],
)
def test_where_nearly_all_replies_are_alike_nothing_is_said_of_other_wordings(first, estimand: str) -> None:
    """9 of 200 are rare, 10 of 200 are not, and 191 of 200 are as rare the other way round."""
    all_alike = 0 if sum(first) < 100 else 25
    tables = [Table(b, 0, all_alike - b, 25 - all_alike) if all_alike else Table(0, b, 0, 25 - b) for b in first]
    assert gap_of(ensemble(*tables)).estimand == estimand


def test_a_population_with_epochs_is_pooled_by_query() -> None:
    observations = [
        each._replace(epoch=epoch) for i in range(5) for epoch in (1, 2) for each in asked(Table(1, 4, 0, 15), f"w{i}")
    ]
    gap = gap_of(observations)
    pooled = cluster_t(np.array([0] + [1] * 4 + [0] * 15))
    assert gap.method == "wordings-t"
    assert (gap.low, gap.high) == pytest.approx(pooled)


@pytest.mark.parametrize("observations", [[], [Observation("a", "plain", 1, "free", 1.0)]])
def test_without_pairs_nothing_is_estimated(observations: list[Observation]) -> None:
    gap = gap_of(observations)
    undefined = (gap.estimate, gap.low, gap.high, gap.stderr, gap.p, gap.p_exact, gap.correlation, gap.spread)
    assert all(isnan(each) for each in undefined)
    assert (gap.pairs, gap.queries, gap.wordings, gap.epochs, gap.unpaired) == (0, 0, 0, 0, len(observations))


def test_a_lower_level_narrows_the_interval_not_the_standard_error() -> None:
    wide, narrow = (gap_of(asked(Table(10, 12, 3, 175)), level) for level in (0.95, 0.9))
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high
    assert narrow.stderr == pytest.approx(wide.stderr, rel=0.05)


@given(REPLIES)
def test_the_gap_is_inside_its_interval_and_turns_with_the_tiers(replies) -> None:
    observations = [
        Observation(f"q{query:02}", wording, epoch, tier, value)
        for (query, wording, epoch), values in replies.items()
        for tier, value in zip(("free", "paid"), values, strict=True)
    ]
    gap, swapped = gap_of(observations), compliance_gap(pair(observations, "paid", "free"))
    turned = (-swapped.estimate, -swapped.high, -swapped.low, swapped.stderr, swapped.p, swapped.p_exact)
    assert gap[:6] == pytest.approx(turned, abs=1e-9, nan_ok=True)
    assert isnan(gap.low) or -1 <= gap.low <= gap.estimate <= gap.high <= 1
    assert gap_of(observations[::-1]) == pytest.approx(gap, nan_ok=True)


def test_each_wording_has_its_own_interval() -> None:
    tables = {"w0": Table(3, 6, 1, 10), "w1": Table(0, 0, 0, 20)}
    gaps = wording_gaps(pair(ensemble(*tables.values()), "free", "paid"))
    assert list(gaps) == ["w0", "w1"]
    for wording, table in tables.items():
        assert gaps[wording].pairs == 20
        assert gaps[wording].estimate == (table.only_first - table.only_second) / 20
        assert gaps[wording][2:] == pytest.approx(newcombe(table))


def test_wordings_asked_several_times_are_clustered() -> None:
    observations = [each._replace(epoch=epoch) for each in asked(Table(1, 3, 0, 6)) for epoch in (1, 2)]
    (alone,) = wording_gaps(pair(observations, "free", "paid")).values()
    assert alone.pairs == 20
    assert alone[2:] == pytest.approx(cluster_t(np.array([0] + [1] * 3 + [0] * 6)))


@pytest.mark.parametrize(
    ("values", "rate"),
    [
        ({("a", 1): 1, ("b", 1): 0, ("c", 1): nan, ("d", 1): 0}, Rate(1 / 3, *wilson(1, 3), 3, 1, 3)),
        ({("a", 1): 0, ("b", 1): 0}, Rate(0, *wilson(0, 2), 2, 0, 2)),
        ({("a", 1): 1, ("a", 2): 1, ("a", 3): nan, ("b", 1): 0}, Rate(0.5, *wilson(1, 2), 3, 1, 2)),
        ({("a", 1): nan}, Rate(nan, nan, nan, 0, 1, 0)),
        ({}, Rate(nan, nan, nan, 0, 0, 0)),
    ],
)
def test_the_rate_of_a_tier_says_what_it_lacks(values: dict[tuple[str, int], float], rate: Rate) -> None:
    observations = [Observation(query, "plain", epoch, "free", value) for (query, epoch), value in values.items()]
    observations.append(Observation("a", "plain", 1, "paid", 1.0))
    assert tier_rate(observations, "free") == pytest.approx(rate, nan_ok=True)
