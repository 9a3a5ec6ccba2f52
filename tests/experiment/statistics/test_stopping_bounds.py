"""Rules, looks and bounds of early stopping, and what one look says of a table of pairs."""

from math import nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.errors import UserError
from experiment.statistics.intervals import Interval, newcombe_z
from experiment.statistics.pairing import Observation, Table
from experiment.statistics.stopping_bounds import (
    LEAST_PAIRS,
    MOST_LOOKS,
    SHAPES,
    Shape,
    Stop,
    bounds,
    interim_analysis,
    looks,
    parse_stops,
    settled,
)

DECISION, PRECISION = Stop("decision", 0.02), Stop("precision", 0.03)
TIERS = ("free", "paid")


@pytest.mark.parametrize(
    ("given", "stops"),
    [
        ("decision:0.02", (DECISION,)),
        ("precision:0.03", (PRECISION,)),
        (" precision:.03", (PRECISION,)),
        ("decision:0.02,precision:0.03", (DECISION, PRECISION)),
        (["precision:0.03", "decision:0.02"], (PRECISION, DECISION)),
        ("decision:0.5", (Stop("decision", 0.5),)),
        ("decision:0.02:obrien_fleming", (DECISION,)),
        ("decision:0.02:pocock", (Stop("decision", 0.02, "pocock"),)),
    ],
)
def test_rules_are_read(given: object, stops: tuple[Stop, ...]) -> None:
    assert parse_stops(given) == stops
    assert parse_stops(",".join(map(str, stops))) == stops


@pytest.mark.parametrize(
    "given",
    [
        "decision",
        "decision:",
        "decision:two",
        "decision:0",
        "decision:-0.02",
        "decision:2",
        "decision:0.02:haybittle",
        "decision:0.02:pocock:pocock",
        "decision:nan",
        "size:0.02",
        "",
        0.02,
        True,
        {"decision": 0.02},
        ["decision:0.02", 3],
    ],
)
def test_what_is_no_rule_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(
        UserError,
        match=r"decision:MARGIN or precision:HALF_WIDTH .* such as decision:0\.02 or decision:0\.02:pocock, not ",
    ):
        parse_stops(given)


@pytest.mark.parametrize("given", ["decision:0.02,decision:0.05", []])
def test_each_kind_once_and_at_least_one(given: object) -> None:
    with pytest.raises(UserError, match="decision and precision at most once, and at least one"):
        parse_stops(given)


@pytest.mark.parametrize(
    ("planned", "wordings", "at"),
    [
        (400, 1, (50, 100, 150, 200, 250, 300, 350, 400)),
        (216, 8, (32, 56, 88, 112, 136, 168, 192, 216)),
        (108, 8, (32, 48, 56, 72, 88, 96, 108)),
        (40, 8, (24, 32, 40)),
        (21, 8, (21,)),
        (1, 1, (1,)),
    ],
)
def test_looks_are_fixed_by_the_number_of_pairs(planned: int, wordings: int, at: tuple[int, ...]) -> None:
    assert looks(planned, wordings) == at


@given(st.integers(1, 2000), st.integers(1, 12))
def test_looks_rise_to_the_end_in_whole_turns_of_the_wordings(planned: int, wordings: int) -> None:
    *early, last = looks(planned, wordings)
    assert last == planned
    assert early == sorted(set(early))
    assert len(early) < MOST_LOOKS
    assert all(at % wordings == 0 and LEAST_PAIRS <= at < planned for at in early)


@pytest.mark.parametrize(
    ("number", "published"),
    [(1, 1.960), (2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413), (6, 2.453), (7, 2.485), (8, 2.512)],
)
def test_the_bound_is_pococks(number: int, published: float) -> None:
    """Pocock 1977, table 1, and Jennison and Turnbull 2000, table 2.1."""
    found = bounds(tuple(range(50, 50 * number + 1, 50)), "pocock")
    assert found == pytest.approx((published,) * number, abs=6e-4)


@pytest.mark.parametrize(
    ("number", "published"),
    [(1, 1.960), (2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040), (6, 2.053), (7, 2.063), (8, 2.072)],
)
def test_the_bounds_are_obriens_and_flemings(number: int, published: float) -> None:
    """Jennison and Turnbull 2000, table 2.3: the constant at the last look, times the root of how much is still to come."""
    found = bounds(tuple(range(50, 50 * number + 1, 50)))
    assert found == pytest.approx([published * sqrt(number / look) for look in range(1, number + 1)], abs=2e-3)


def test_rules_of_one_run_have_one_shape() -> None:
    with pytest.raises(UserError, match="one shape of bound for all its rules, obrien_fleming or pocock, not "):
        parse_stops("decision:0.02,precision:0.03:pocock")


@pytest.mark.parametrize("at", [(32, 56, 88, 112, 136, 168, 192, 216), (24, 32, 40), (20, 210, 216)])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_bounds_hold_for_unequal_steps(at: tuple[int, ...], shape: Shape) -> None:
    steps = np.random.default_rng(7).standard_normal((100_000, len(at))) * np.sqrt(np.diff(at, prepend=0))
    within = (abs(steps.cumsum(axis=1)) <= np.array(bounds(at, shape)) * np.sqrt(at)).all(axis=1)
    assert within.mean() == pytest.approx(0.95, abs=0.003)


@pytest.mark.parametrize(
    ("stop", "low", "high", "reason"),
    [
        (DECISION, 0.021, 0.4, "gap beyond 2 points"),
        (DECISION, -0.4, -0.021, "gap beyond -2 points"),
        (DECISION, 0.02, 0.4, ""),
        (DECISION, -0.019, 0.019, "no gap beyond 2 points"),
        (DECISION, -0.019, 0.021, ""),
        (DECISION, -0.3, 0.3, ""),
        (DECISION, nan, nan, ""),
        (PRECISION, 0.1, 0.159, "gap known to within ±3 points"),
        (PRECISION, 0.1, 0.161, ""),
        (PRECISION, nan, nan, ""),
        (Stop("decision", 0.125), 0.2, 0.4, "gap beyond 12.5 points"),
    ],
)
def test_what_a_rule_finds_settled(stop: Stop, low: float, high: float, reason: str) -> None:
    assert settled(stop, Interval(low, high)) == reason


def replies(table: Table, lost: tuple[str, ...] = ()) -> list[Observation]:
    """The replies of a table of pairs, and one pair more for each tier named, which has no value in it."""
    kinds = [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]
    pairs = [kind for kind, count in zip(kinds, table, strict=True) for _ in range(count)]
    pairs += [(nan if tier == "free" else 0.0, nan if tier == "paid" else 0.0) for tier in lost]
    return [
        Observation(f"q{i}", "w", 1, tier, value)
        for i, pair in enumerate(pairs)
        for tier, value in zip(TIERS, pair, strict=True)
    ]


@pytest.mark.parametrize("table", [Table(2, 20, 1, 27), Table(0, 0, 0, 50), Table(10, 5, 5, 30)])
def test_a_look_is_newcombes_interval_at_the_bound(table: Table) -> None:
    look = interim_analysis([DECISION], replies(table), TIERS, 2.512)
    assert look[:2] == (50, 0)
    assert look[2:4] == newcombe_z(table, 2.512)


@pytest.mark.parametrize(
    ("stops", "table", "reason"),
    [
        ([DECISION], Table(2, 20, 1, 27), "gap beyond 2 points"),
        ([DECISION], Table(0, 0, 0, 400), "no gap beyond 2 points"),
        ([DECISION], Table(0, 0, 0, 50), ""),
        ([PRECISION], Table(2, 20, 1, 27), ""),
        ([PRECISION], Table(0, 0, 0, 400), "gap known to within ±3 points"),
        ([DECISION, PRECISION], Table(0, 0, 0, 250), "gap known to within ±3 points"),
        ([PRECISION, DECISION], Table(2, 20, 1, 27), "gap beyond 2 points"),
    ],
)
def test_the_first_rule_that_is_met_gives_the_reason(stops: list[Stop], table: Table, reason: str) -> None:
    assert interim_analysis(stops, replies(table), TIERS, 2.512).reason == reason


def test_other_tiers_do_not_count() -> None:
    table = Table(2, 20, 1, 27)
    others = [Observation(f"q{i}", "w", 1, "enterprise", nan) for i in range(50)]
    assert interim_analysis([DECISION], replies(table) + others, TIERS, 2.512) == interim_analysis(
        [DECISION], replies(table), TIERS, 2.512
    )


@pytest.mark.parametrize(("lost", "reason"), [(3, "gap beyond 2 points"), (25, "")])
def test_missing_replies_count_against_stopping(lost: int, reason: str) -> None:
    """With 47 pairs measured the gap is beyond 2 points; whether it stays so is up to the replies that are missing."""
    table = Table(2, 20, 1, 24)
    look = interim_analysis([DECISION], replies(table, ("paid",) * lost), TIERS, 2.512)
    assert (look.pairs, look.missing, look.reason) == (47 + lost, lost, reason)
    assert look.low == newcombe_z(table._replace(only_second=1 + lost), 2.512).low
    assert look.high == newcombe_z(table._replace(neither=24 + lost), 2.512).high
