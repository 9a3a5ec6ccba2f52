from math import inf

import pytest

from experiment.statistics.intervals import Interval, quantile
from experiment.verdict.battery_estimates import BoundedEstimate
from experiment.verdict.verdict_rule import pairs_needed, points, rounded


def complete(estimate: float, low: float, high: float) -> BoundedEstimate:
    return BoundedEstimate.of_complete(estimate, Interval(low, high), 100)


def test_pairs_needed_for_a_side_or_a_margin():
    settled = 100 * (1 + 0.84 / quantile(0.9986)) ** 2
    assert pairs_needed(complete(0.1, 0, 0.2), 0.9986) == pytest.approx(settled)
    assert pairs_needed(complete(-0.1, -0.2, 0), 0.9986) == pytest.approx(settled)
    assert pairs_needed(complete(0, -0.1, 0.1), 0.9986) == inf
    assert pairs_needed(complete(0, -0.2, 0.2), 0.9986, margin=0.1) == pytest.approx(4 * settled)


def test_numbers_in_words():
    assert [rounded(number) for number in (7.2, 160.1, 4321)] == ["8", "170", "4400"]
    assert [points(share) for share in (0.3012, -0.0004, -0.05)] == ["+30.1", "0.0", "-5.0"]
