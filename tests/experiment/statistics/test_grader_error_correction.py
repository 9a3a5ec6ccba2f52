"""Corrections against published values, their refusals, and the coverage of their intervals."""

import re
from itertools import product
from math import isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.statistics.agreement import Confusion
from experiment.statistics.grader_error_correction import (
    corrected_gap,
    corrected_rate,
    gap_from_unequal_errors,
    refusal,
)
from experiment.statistics.intervals import newcombe
from experiment.statistics.pairing import Table

Z95 = 1.959963984540054
HELD = 0.935  # 1.5 points below the level of 0.95
GOOD = Confusion(hits=45, misses=5, rejections=49, false_alarms=1)
GRADERS = ((0.67, 0.99), (0.80, 0.95), (0.95, 0.99), (0.95, 0.90))
RATES = (0.005, 0.01, 0.03, 0.06, 0.11, 0.2, 0.3, 0.5, 0.7)
GAPS = tuple(product((0.01, 0.2, 0.3), (0.0, 0.05, 0.11, 0.3), (0.0, 0.25)))  # paid, gap, correlation of the tiers
CONFUSIONS = st.builds(Confusion, *[st.integers(0, 200)] * 4)


@pytest.mark.parametrize(
    ("rate", "n", "counts", "low", "high", "digits"),
    [  # the examples of Lang and Reiczigel 2014, as in R, asht::prevSeSp
        (4060 / 11284, 11284, Confusion(178, 1, 358, 1), 0.349, 0.372, 3),
        (51 / 2971, 2971, Confusion(32, 1, 20, 0), 0, 0.053, 3),
        (0.06, 11862, Confusion(8, 2, 12, 0), 0, 0.147, 3),
        (259 / 509, 509, Confusion(84, 43, 96, 13), 0.58, 0.87, 2),
        (51 / 509, 509, Confusion(23, 18, 187, 8), 0.037, 0.195, 3),
    ],
)
def test_a_rate_has_the_published_limits(rate, n, counts: Confusion, low, high, digits: int) -> None:
    found = corrected_rate(rate, n, counts)
    assert (round(found.low, digits), round(found.high, digits)) == (low, high)
    assert found.refused == ""


def test_a_rate_by_hand() -> None:
    se, sp = 46 / 52, 50 / 52
    assert corrected_rate(0.2, 150.5, GOOD).value == pytest.approx((0.2 - 2 / 52) / (se + sp - 1))
    assert corrected_rate(0.01, 150.5, GOOD).value == 0
    assert corrected_rate(0.95, 150.5, GOOD).value == 1


def test_a_gap_by_hand() -> None:
    se, sp = 46 / 52, 50 / 52
    j, variance_j = se + sp - 1, se * (1 - se) / 52 + sp * (1 - sp) / 52
    half = Z95 * sqrt(0.03**2 / j**2 + 0.11**2 * variance_j / j**4)
    assert corrected_gap(0.11, 0.03, GOOD) == pytest.approx((0.11 / j, 0.11 / j - half, 0.11 / j + half, ""))


def test_without_grader_errors_nothing_changes() -> None:
    perfect = Confusion(10**7, 0, 10**7, 0)
    assert corrected_gap(0.11, 0.03, perfect)[:3] == pytest.approx(
        (0.11, 0.11 - Z95 * 0.03, 0.11 + Z95 * 0.03), abs=1e-5
    )
    assert corrected_rate(0.3, 200, perfect).value == pytest.approx(0.3, abs=1e-5)


@given(CONFUSIONS, st.floats(-1, 1), st.floats(0.001, 0.3), st.floats(1, 1000))
def test_limits_hold_the_value_and_a_gap_turns_with_the_tiers(counts: Confusion, gap, stderr, n) -> None:
    corrected, rate = corrected_gap(gap, stderr, counts), corrected_rate(abs(gap), n, counts)
    for found, floor in ((corrected, -1), (rate, 0)):
        assert isnan(found.value) == isnan(found.low) == isnan(found.high) == bool(found.refused)
        assert found.refused or floor <= found.low <= found.value <= found.high <= 1
        assert found.refused or found.low < found.high
    turned = corrected_gap(-gap, stderr, counts)
    assert corrected[:3] == pytest.approx((-turned.value, -turned.high, -turned.low), nan_ok=True)


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (Confusion(0, 0, 5, 5), "labelled yes.*sensitivity"),
        (Confusion(5, 5, 0, 0), "labelled no.*specificity"),
        (Confusion(40, 10, 30, 20), r"sensitivity 0\.79 and specificity 0\.60 make J 0\.38, below 0\.5"),
        (Confusion(5, 1, 6, 0), r"6 labelled yes and 6 labelled no, J is 0\.62 with standard error 0\.19, below 4"),
    ],
)
def test_too_little_to_go_by_is_refused_with_its_numbers(counts: Confusion, says: str) -> None:
    assert re.search(says, refusal(counts))
    for found in (corrected_rate(0.1, 200, counts), corrected_gap(0.1, 0.02, counts)):
        assert found == pytest.approx((nan, nan, nan, refusal(counts)), nan_ok=True)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (corrected_rate(0.0, 400, Confusion(180, 20, 180, 20)), "outside [0, 1]"),
        (corrected_rate(1.0, 400, Confusion(150, 50, 200, 0)), "outside [0, 1]"),
        (corrected_gap(0.95, 0.02, Confusion(120, 80, 200, 0)), "outside [-1, 1]"),
        (corrected_rate(nan, 0, GOOD), "no rate"),
        (corrected_gap(nan, nan, GOOD), "no gap"),
    ],
)
def test_what_the_labels_contradict_or_was_never_measured_is_refused(found, says: str) -> None:
    assert says in found.refused
    assert all(isnan(each) for each in found[:3])


@pytest.mark.parametrize("value", [5, -1.5])
def test_percentages_are_refused(value: float) -> None:
    for correct in (corrected_rate, corrected_gap):
        with pytest.raises(ValueError, match=r"0\.05"):
            correct(value, 1, GOOD)


@pytest.mark.parametrize(("difference", "percent"), [(0.01, 1.2), (0.02, 2.3), (0.05, 5.8), (0.0, 0.0), (-0.02, -2.3)])
def test_unequal_specificity_makes_a_gap(difference: float, percent: float) -> None:
    counts = Confusion(1899, 99, 1799, 199)  # J = 0.85
    assert round(100 * gap_from_unequal_errors(counts, 0.01, difference), 1) == percent
    assert isnan(gap_from_unequal_errors(Confusion(0, 0, 5, 5), 0.01, difference))


@pytest.mark.parametrize(("se", "sp", "least", "most"), [(0.75, 0.33, 0, 0.01), (0.67, 0.99, 0.95, 1)])
def test_the_rule_lets_pass_who_can_grade(se: float, sp: float, least: float, most: float) -> None:
    passed = np.mean([not refusal(each) for each in labelled(np.random.default_rng(3), 106, se, sp, 1000)])
    assert least <= passed <= most


def labelled(rng: np.random.Generator, labels: int, se: float, sp: float, runs: int) -> list[Confusion]:
    """Confusions of so many labels, half of them yes."""
    half = labels // 2
    drawn = zip(rng.binomial(half, se, runs).tolist(), rng.binomial(half, sp, runs).tolist(), strict=True)
    return [Confusion(hits, half - hits, kept, half - kept) for hits, kept in drawn]


def rate_coverage(rate: float, n: int, labels: int, se: float, sp: float, runs: int) -> float:
    """How often the interval holds the true rate; a refusal counts against it."""
    rng = np.random.default_rng(2014)
    marked = rng.binomial(n, rate * se + (1 - rate) * (1 - sp), runs) / n
    found = map(corrected_rate, marked.tolist(), [n] * runs, labelled(rng, labels, se, sp, runs))
    return float(np.mean([each.low <= rate <= each.high for each in found]))


def marked_pairs(rng: np.random.Generator, n: int, paid: float, gap: float, correlation: float, se, sp, runs: int):
    """Tables of pairs as a grader marks them, the tiers as correlated as their rates allow."""
    free = paid + gap
    both = min(free * paid + correlation * sqrt(free * (1 - free) * paid * (1 - paid)), paid)
    marks = np.array([[se, 1 - se], [1 - sp, sp]])
    cells = marks.T @ [[both, free - both], [paid - both, 1 - free - paid + both]] @ marks
    return rng.multinomial(n, cells.ravel(), runs)


def newcombe_errors(tables) -> np.ndarray:
    """The stderr of `Gap` for many tables at once; the first is held against `newcombe`."""
    a, b, c, d = tables.T.astype(float)
    n = tables.sum(axis=1)
    p = np.array([a + b, a + c]) / n
    centre, root = (p + Z95**2 / 2 / n) / (1 + Z95**2 / n), np.sqrt(p * (1 - p) / n + Z95**2 / 4 / n**2)
    below, above = (p - centre + sign * Z95 * root / (1 + Z95**2 / n) for sign in (1, -1))
    product_, margins = a * d - b * c, np.maximum((a + b) * (c + d) * (a + c) * (b + d), 1)
    phi = np.where(product_ > 0, np.maximum(product_ - n / 2, 0), product_) / np.sqrt(margins)
    sides = [x**2 + y**2 + 2 * phi * x * y for x, y in ((below[0], above[1]), (above[0], below[1]))]
    errors = np.sqrt(np.maximum(sides, 0)).sum(axis=0) / (2 * Z95)
    low, high = newcombe(Table(*tables[0].tolist()))
    assert errors[0] == pytest.approx((high - low) / (2 * Z95))
    return errors


def gap_coverage(n: int, labels: int, se: float, sp: float, cell: tuple[float, float, float], runs: int) -> float:
    """How often the interval holds the true gap where there is one."""
    rng = np.random.default_rng(1998)
    tables = marked_pairs(rng, n, *cell, se, sp, runs)
    gaps, errors = (tables[:, 1] - tables[:, 2]) / n, newcombe_errors(tables)
    found = map(corrected_gap, gaps.tolist(), errors.tolist(), labelled(rng, labels, se, sp, runs))
    return float(np.mean([each.low <= cell[1] <= each.high for each in found if not each.refused]))


@pytest.mark.parametrize("rate", [0.01, 0.11, 0.5])
@pytest.mark.parametrize(("se", "sp"), [(0.67, 0.99), (0.95, 0.9)])
def test_a_rate_is_covered(rate: float, se: float, sp: float) -> None:
    assert rate_coverage(rate, 400, 400, se, sp, 1000) >= HELD


@pytest.mark.parametrize("cell", [(0.01, 0.0, 0.0), (0.01, 0.11, 0.25), (0.2, 0.05, 0.25), (0.3, 0.3, 0.0)])
@pytest.mark.parametrize(("se", "sp"), [(0.67, 0.99), (0.95, 0.9)])
def test_a_gap_is_covered(cell: tuple[float, float, float], se: float, sp: float) -> None:
    assert gap_coverage(200, 106, se, sp, cell, 1000) >= HELD


@pytest.mark.slow
@pytest.mark.parametrize(("n", "labels"), [*product((50, 200, 400), (106, 400))])
@pytest.mark.parametrize(("se", "sp"), GRADERS)
def test_a_rate_is_covered_over_the_grid(n: int, labels: int, se: float, sp: float) -> None:
    for rate in RATES:
        assert rate_coverage(rate, n, labels, se, sp, 4000) >= HELD, rate


@pytest.mark.slow
@pytest.mark.parametrize(("n", "labels"), [*product((200, 400), (106, 400))])
@pytest.mark.parametrize(("se", "sp"), GRADERS)
def test_a_gap_is_covered_over_the_grid(n: int, labels: int, se: float, sp: float) -> None:
    for cell in GAPS:
        assert gap_coverage(n, labels, se, sp, cell, 4000) >= HELD, cell
