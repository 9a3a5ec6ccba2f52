from math import inf

import pytest

from experiment.statistics.intervals import Interval, quantile
from experiment.verdict.bounded_estimate import BoundedEstimate
from experiment.verdict.judgement import pairs_needed, points, rounded

LEVEL = 0.9986


def reading(estimate: float, low: float, high: float) -> BoundedEstimate:
    return BoundedEstimate.of_complete(estimate, Interval(low, high), 100)


def test_pairs_needed_for_a_side_or_a_margin():
    settled = 100 * (1 + 0.84 / quantile(LEVEL)) ** 2
    assert pairs_needed(reading(0.1, 0, 0.2), LEVEL) == pytest.approx(settled)
    assert pairs_needed(reading(-0.1, -0.2, 0), LEVEL) == pytest.approx(settled)
    assert pairs_needed(reading(0, -0.1, 0.1), LEVEL) == inf
    assert pairs_needed(reading(0, -0.2, 0.2), LEVEL, margin=0.1) == pytest.approx(4 * settled)


@pytest.mark.parametrize(
    ("given", "line", "side"),
    [
        (reading(0.2, 0.1, 0.3), 0.0, "above"),
        (reading(0.2, 0.1, 0.3), 0.2, "unclear"),
        (reading(-0.2, -0.3, -0.1), 0.0, "below"),
        (BoundedEstimate(0.2, 0.1, 0.3, -0.1, 0.4, -0.2, 0.5, 100), 0.0, "missing"),
        (BoundedEstimate(0.2, 0.1, 0.3, 0.05, 0.4, -0.02, 0.5, 100), 0.0, "unclear"),
        (BoundedEstimate(0.2, 0.1, 0.3, 0.15, 0.25, 0.02, 0.35, 100), 0.0, "above"),
    ],
)
def test_a_side_needs_both_kinds_of_limits(given: BoundedEstimate, line: float, side: str):
    assert given.side(line) == side


def test_numbers_in_words():
    assert [rounded(number) for number in (7.2, 160.1, 4321)] == ["8", "170", "4400"]
    assert [points(share) for share in (0.3012, -0.0004, -0.05)] == ["+30.1", "0.0", "-5.0"]
