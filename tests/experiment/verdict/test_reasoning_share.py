import pytest

from experiment.statistics.pairing import Observation
from experiment.verdict.reasoning_share import share


def test_exact_limits_of_a_share():
    replies = [Observation(f"q{index}", "w", 1, "free", 0.0) for index in range(86)]
    seen = share(replies, 0.9986)
    assert (seen.estimate, seen.low, seen.replies) == (0, 0, 86)
    assert seen.high == pytest.approx(1 - ((1 - 0.9986) / 2) ** (1 / 86))
    assert share([], 0.9986).replies == 0
