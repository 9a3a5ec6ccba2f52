"""Pairs are complete, independent of order, and nothing is dropped in silence."""

from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.statistics.pairing import Observation, Pairs, Table, discordance, pair, split, tier_correlation

VALUES = st.sampled_from((0.0, 1.0, nan))
KEYS = st.tuples(st.sampled_from("abc"), st.sampled_from("uv"), st.integers(1, 2), st.sampled_from(("free", "paid")))
OBSERVATIONS = st.dictionaries(KEYS, VALUES).map(lambda found: [Observation(*key, found[key]) for key in found])


def asked_once(free: str, paid: str) -> Pairs:
    """Pairs of one wording from a string of 0, 1 and - per tier, one character a query."""
    values = {"0": 0.0, "1": 1.0, "-": nan}
    tiers = {"free": free, "paid": paid}
    observations = [
        Observation(f"q{i:02}", "plain", 1, tier, values[each])
        for tier, row in tiers.items()
        for i, each in enumerate(row)
    ]
    return pair(observations, "free", "paid")


def test_epochs_are_averaged_over_complete_pairs_only() -> None:
    observations = [
        Observation("b", "plain", 1, "free", 1),
        Observation("a", "plain", 1, "free", 1),
        Observation("a", "plain", 2, "free", 0),
        Observation("a", "plain", 3, "free", 1),
        Observation("a", "plain", 1, "paid", 0),
        Observation("a", "plain", 2, "paid", 0),
        Observation("a", "plain", 3, "paid", nan),
        Observation("b", "plain", 1, "paid", 1),
        Observation("c", "plain", 1, "paid", 1),
        Observation("d", "plain", 1, "pro", 1),
    ]
    pairs = pair(observations, "free", "paid")
    assert pairs.queries == ("a", "b")
    assert pairs.first.tolist() == [0.5, 1]
    assert pairs.second.tolist() == [0, 1]
    assert pairs.epochs.tolist() == [2, 1]
    assert (pairs.complete, pairs.unpaired) == (3, 2)
    assert pairs.differences.tolist() == [0.5, 0]
    assert pairs.mean == 0.25


def test_a_query_counts_once_however_many_wordings_it_was_asked_in() -> None:
    cells = {("a", "u"): 1, ("a", "v"): 0, ("b", "u"): 1}
    observations = [Observation(*cell, 1, "free", value) for cell, value in cells.items()]
    observations += [Observation(*cell, 1, "paid", 0) for cell in cells]
    pairs = pair(observations, "free", "paid")
    assert pairs.wordings == ("u", "v", "u")
    assert pairs.by_query.tolist() == [0.5, 1]
    assert pairs.mean == 0.75
    assert pairs.binary
    assert not pairs.tabular


@pytest.mark.parametrize(
    ("observations", "message"),
    [
        ([("theft", "memo", 2, "free", 1.0), ("theft", "memo", 2, "free", 0.0)], "'free'.*'theft', 'memo', 2"),
        ([("theft", "memo", 2, "paid", nan), ("theft", "memo", 2, "paid", nan)], "'paid'.*'theft', 'memo', 2"),
        ([("theft", "memo", 1, "free", 1.2)], r"\[0, 1\].*1.2"),
        ([("theft", "memo", 1, "free", -0.1)], r"\[0, 1\].*-0.1"),
    ],
)
def test_a_reply_counted_twice_or_off_the_scale_is_refused(observations: list[tuple[object]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pair([Observation(*each) for each in observations], "free", "paid")


@given(OBSERVATIONS, st.randoms())
def test_the_order_of_observations_does_not_matter(observations: list[Observation], random) -> None:
    shuffled = random.sample(observations, len(observations))
    for one, other in zip(pair(observations, "free", "paid"), pair(shuffled, "free", "paid"), strict=True):
        np.testing.assert_array_equal(one, other)


@given(OBSERVATIONS)
def test_every_measured_value_is_in_a_pair_or_counted_as_unpaired(observations: list[Observation]) -> None:
    pairs = pair(observations, "free", "paid")
    assert 2 * pairs.complete + pairs.unpaired == sum(each.value == each.value for each in observations)
    assert pairs.epochs.sum() == pairs.complete


@given(OBSERVATIONS)
def test_swapping_the_tiers_turns_the_sign(observations: list[Observation]) -> None:
    pairs, swapped = pair(observations, "free", "paid"), pair(observations, "paid", "free")
    assert swapped.queries == pairs.queries
    np.testing.assert_array_equal(swapped.differences, -pairs.differences)


@pytest.mark.parametrize(
    ("free", "paid", "table"),
    [
        ("11110000", "11000010", Table(2, 2, 1, 3)),
        ("1-01", "01-1", Table(1, 1, 0, 0)),
        ("", "", Table(0, 0, 0, 0)),
    ],
)
def test_discordance_counts_pairs_by_who_complied(free: str, paid: str, table: Table) -> None:
    assert discordance(asked_once(free, paid)) == table
    assert table.n == sum(table)


@pytest.mark.parametrize("values", [((1, 1.0), (2, 0.0)), ((1, 0.5),)])
def test_discordance_refuses_epochs_and_degrees(values: tuple[tuple[int, float], ...]) -> None:
    observations = [Observation("a", "u", epoch, tier, value) for epoch, value in values for tier in ("free", "paid")]
    with pytest.raises(ValueError, match="one epoch per query and wording, and values 0 or 1"):
        discordance(pair(observations, "free", "paid"))


@pytest.mark.parametrize(
    ("free", "paid", "expected"),
    [
        ("1100", "1100", 1.0),
        ("1100", "0011", -1.0),
        ("11110000", "11000010", (2 * 3 - 2 * 1) / (4 * 4 * 3 * 5) ** 0.5),
        ("1111", "1100", nan),
        ("1100", "0000", nan),
        ("1", "0", nan),
        ("", "", nan),
    ],
)
@pytest.mark.filterwarnings("error")
def test_the_tier_correlation_is_phi(free: str, paid: str, expected: float) -> None:
    assert tier_correlation(asked_once(free, paid)) == pytest.approx(expected, nan_ok=True)


def test_split_gathers_values_and_refuses_unequal_lengths() -> None:
    groups = split(["b", "a", "b"], [1, 2, 3])
    assert {label: values.tolist() for label, values in groups.items()} == {"a": [2], "b": [1, 3]}
    assert list(groups) == ["a", "b"]
    with pytest.raises(ValueError, match="shorter"):
        split(["a", "b"], [1])
