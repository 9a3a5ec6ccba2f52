import pytest

from experiment.statistics.intervals import Interval
from experiment.verdict.battery_estimates import BoundedEstimate


def complete(estimate: float, low: float, high: float) -> BoundedEstimate:
    return BoundedEstimate.of_complete(estimate, Interval(low, high), 100)


@pytest.mark.parametrize(
    ("given", "side"),
    [
        (complete(0.2, 0.1, 0.3), "above"),
        (complete(0.0, -0.1, 0.1), "unclear"),
        (complete(-0.2, -0.3, -0.1), "below"),
        (BoundedEstimate(0.2, 0.1, 0.3, -0.1, 0.4, -0.2, 0.5, 100), "missing"),
        (BoundedEstimate(0.2, 0.1, 0.3, 0.05, 0.4, -0.02, 0.5, 100), "unclear"),
        (BoundedEstimate(0.2, 0.1, 0.3, 0.15, 0.25, 0.02, 0.35, 100), "above"),
    ],
)
def test_a_side_needs_both_kinds_of_limits(given: BoundedEstimate, side: str):
    assert given.side == side
