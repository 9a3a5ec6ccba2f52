"""Equivalence is claimed where the 90% limits lie within a margin that the design could show, and rarely in error."""

from math import isnan, nan

import numpy as np
import pytest

from experiment.errors import UserError
from experiment.statistics.equivalence import MARGINS, claim_chance, design_of, equivalence, sensible_margin
from experiment.statistics.gap import compliance_gap
from experiment.statistics.intervals import cluster_t, tango
from experiment.statistics.pairing import Observation, Pairs, Table, pair


def pairs_of(table: Table, wordings: int = 1, epochs: int = 1) -> Pairs:
    """Pairs with these counts, a query each, dealt to the wordings in turn, equal in every epoch."""
    outcomes = np.repeat([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], table, axis=0)
    names = tuple(f"q{i:04}" for i in range(table.n)), tuple(f"w{i % wordings}" for i in range(table.n))
    counts = np.full(table.n, epochs)
    return Pairs(*names, outcomes[:, 0], outcomes[:, 1], counts, table.n * epochs, 0)


@pytest.mark.parametrize(
    ("table", "margin", "claimed", "possible", "reason"),
    [
        (Table(2, 0, 0, 198), 0.05, True, True, "the 90% limits lie within 5 points of 0"),
        (Table(2, 9, 0, 189), 0.05, False, True, "the 90% limits do not lie within 5 points of 0"),
        (Table(2, 0, 9, 189), 0.07, False, True, "the 90% limits do not lie within 7 points of 0"),
        (Table(30, 12, 10, 148), 0.10, True, True, "the 90% limits lie within 10 points of 0"),
        (
            Table(10, 0, 0, 40),
            nan,
            False,
            False,
            "no equivalence claim possible with 50 pairs at a rate taken as 21%: ",
        ),
    ],
)
def test_one_wording_asked_once(table: Table, margin: float, claimed: bool, possible: bool, reason: str) -> None:
    found = equivalence(pairs_of(table))
    assert found.margin == pytest.approx(margin, nan_ok=True)
    assert (found.low, found.high) == pytest.approx(tango(table, 0.9))
    assert (found.claimed, found.possible) == (claimed, possible)
    assert found.reason.startswith(reason)


def test_where_nothing_can_be_claimed_the_reason_says_what_could() -> None:
    found = equivalence(pairs_of(Table(10, 0, 0, 40)))
    assert 200 < found.needed < 260
    assert found.reason.endswith(
        f"the narrowest margin within reach is 20 points, and 10 points need about {found.needed:.0f} pairs"
    )
    few = equivalence(pairs_of(Table(1, 0, 0, 0)))
    assert "no margin is within reach" in few.reason


def test_a_margin_of_ones_own() -> None:
    found = equivalence(pairs_of(Table(2, 0, 0, 198)), 0.02)
    assert (found.margin, found.claimed, found.possible) == (0.02, True, False)
    hopeless = equivalence(pairs_of(Table(40, 10, 10, 140)), 0.02)
    assert (hopeless.claimed, hopeless.possible) == (False, False)
    assert 5000 < hopeless.needed < 7000
    assert (
        hopeless.reason
        == f"200 pairs at a rate taken as 25% can hardly show a gap within 2 points of 0: that needs about {hopeless.needed:.0f} pairs"
    )


@pytest.mark.parametrize("margin", [0, 1, 5, -0.05, nan])
def test_a_margin_in_points_is_refused(margin: float) -> None:
    with pytest.raises(UserError, match=r"0\.05 for 5 points, not"):
        equivalence(pairs_of(Table(1, 1, 1, 1)), margin)


def test_without_a_pair_nothing_is_claimed() -> None:
    found = equivalence(pair([Observation("a", "w", 1, "free", 0.0)], "free", "paid"))
    assert all(isnan(each) for each in (found.margin, found.low, found.high, found.needed))
    assert (found.claimed, found.possible, found.reason) == (False, False, "no equivalence claim without a pair")


def test_one_query_asked_often_has_no_limits_and_no_claim() -> None:
    found = equivalence(pairs_of(Table(0, 0, 0, 1), epochs=5))
    assert (isnan(found.low), found.claimed, found.possible) == (True, False, False)


def test_epochs_take_the_interval_over_queries() -> None:
    table = Table(2, 1, 1, 196)
    pairs = pairs_of(table, epochs=5)
    found = equivalence(pairs)
    assert (found.low, found.high) == pytest.approx(cluster_t(pairs.by_query, 0.9))
    assert found.margin < equivalence(pairs_of(table)).margin
    assert found.claimed


def test_several_wordings_take_the_limits_of_the_headline() -> None:
    narrow, wide = pairs_of(Table(2, 1, 1, 196), wordings=8), pairs_of(Table(40, 20, 20, 120), wordings=8)
    assert equivalence(narrow)[1:3] == pytest.approx(tango(Table(2, 1, 1, 196), 0.9))
    gap = compliance_gap(wide, 0.9)
    assert gap.method == "wordings-t"
    assert equivalence(wide)[1:3] == (gap.low, gap.high)


def test_the_margin_does_not_depend_on_the_gap() -> None:
    for second in (2, 40):
        margins = {equivalence(pairs_of(Table(0, first, second, 300 - first - second))).margin for first in (0, 5, 60)}
        assert len(margins) == 1


@pytest.mark.parametrize("rate", [0.005, 0.01, 0.05, 0.2])
@pytest.mark.parametrize("queries", [50, 200, 400])
def test_a_gap_as_large_as_the_margin_is_rarely_called_none(queries: int, rate: float) -> None:
    complied = round(rate * queries)
    margin = sensible_margin(design_of(pairs_of(Table(complied, 0, 0, queries - complied))))
    for gap in MARGINS if isnan(margin) else (margin,):
        assert claim_chance(queries, gap + rate, rate, gap) <= 0.0505
        assert claim_chance(queries, gap + rate / 2, rate / 2, gap) <= 0.0505


def test_claims_are_rarely_wrong_when_the_margin_is_chosen_from_the_same_data() -> None:
    rng, gap, paid = np.random.default_rng(3), 0.05, 0.02
    cells = [0.005, gap + 0.015, 0.015, 1 - 0.02 - gap - 0.015]
    wrong = [
        found.claimed and found.margin <= gap
        for found in (equivalence(pairs_of(Table(*rng.multinomial(200, cells).tolist()))) for _ in range(300))
    ]
    assert sum(cells[::2]) == pytest.approx(paid)
    assert np.mean(wrong) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("epochs", "wordings"), [(5, 1), (1, 8), (5, 8)])
@pytest.mark.parametrize(("queries", "paid", "gap"), [(200, 0.01, 0.05), (400, 0.01, 0.03), (400, 0.2, 0.07)])
def test_epochs_and_wordings_are_rarely_wrong(
    epochs: int, wordings: int, queries: int, paid: float, gap: float
) -> None:
    rng, wrong = np.random.default_rng(5), 0
    names = tuple(f"q{i:04}" for i in range(queries)), tuple(f"w{i % wordings}" for i in range(queries))
    for _ in range(300):
        free = rng.random(queries) < paid + gap
        kept = rng.random((2, queries, epochs)) < 0.7  # an epoch repeats its query's reply, or is drawn anew
        first = np.where(kept[0], free[:, None], rng.random((queries, epochs)) < paid + gap).mean(axis=1)
        also = rng.random(queries) < paid
        second = np.where(kept[1], also[:, None], rng.random((queries, epochs)) < paid).mean(axis=1)
        found = equivalence(Pairs(*names, first, second, np.full(queries, epochs), queries * epochs, 0))
        wrong += found.claimed and found.margin <= gap
    assert wrong / 300 <= 0.05 + 2 * 0.0126
