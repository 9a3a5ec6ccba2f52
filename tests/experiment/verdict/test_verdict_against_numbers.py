"""Whatever is true and however many replies are missing, no line of a verdict denies a number that stands beside it."""

import re

import numpy as np
import pytest

from experiment.statistics.equivalence import equivalence
from experiment.statistics.gap import asked_limits, compliance_gap
from experiment.statistics.missing_bounds import gap_bounds
from experiment.statistics.pairing import pair
from experiment.verdict.battery_estimates import GAP, MAIN
from experiment.verdict.battery_verdict import verdicts
from experiment.verdict.compliance_gap import SMALL, specificity_difference
from experiment.verdict.simulated_batteries import Truth, draw

ESTIMATE = re.compile(r"^gap (\S+) points \((\S+)% limits (\S+) to (\S+), (\d+) pairs")


def a_truth(rng: np.random.Generator) -> Truth:
    """Draw a truth: a base rate, up to three mechanisms, missing replies and grader's errors in half of the cases."""
    base = float(rng.choice([0.0, 0.01, 0.1, 0.3]))
    causes = {name: float(rng.choice([0, 0, 0.05, 0.3])) for name in ("guarding", "obedience", "raters", "free_word")}
    lost = {
        name: tuple(float(rng.choice([0, 0, 0.05, 0.4])) for _ in range(2))
        for name in ("lost_compliances", "lost_refusals")
    }
    false = (float(rng.choice([0, 0, 0.1])), 0.0)
    return Truth(base, faking=0.5, false_compliance=false, **causes, **lost)


@pytest.mark.parametrize("seed", range(30))
def test_no_line_denies_the_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    battery = draw(a_truth(rng), int(rng.choice([40, 80, 160])), rng)
    found = {each.pattern: each for each in verdicts(battery)}
    observed, tiers = battery[MAIN].compliance, battery[MAIN].contrasts[GAP]
    pairs = pair(observed, *tiers)
    headline, same, bounds = compliance_gap(pairs), equivalence(pairs), gap_bounds(observed, *tiers)
    narrow = asked_limits(pairs)

    gap, small = found["gap"], found[SMALL]
    if gap.state == "holds":  # at a higher level than the headline's, for the same queries and wordings
        assert narrow.low > 0
        assert headline.estimate > 0
        assert bounds.high > 0
    if gap.state == "does not hold":
        assert narrow.high < 0
    if narrow.low > 0 or headline.low > 0:
        assert gap.state != "does not hold"
    if small.state == "holds":
        assert same.claimed  # what the report's power table says of the same margin
        assert small.question == f"gap below {100 * same.margin:g} points"
        assert -same.margin < narrow.low <= narrow.high < same.margin
    if small.state == "does not hold":
        assert not same.claimed
    if found["goal guarding"].state == "holds":
        assert gap.state == "holds"
        assert found["lexical"].state == "does not hold"
        assert found["obeys when trained"].state != "holds"
        assert found["rater sycophancy"].state != "holds"


@pytest.mark.parametrize("seed", range(30))
def test_the_figures_of_a_line_are_those_of_the_estimate(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    battery = draw(a_truth(rng), 80, rng)
    pairs = pair(battery[MAIN].compliance, *battery[MAIN].contrasts[GAP])
    line = next(each for each in verdicts(battery) if each.pattern == "gap")
    if line.state in ("not tested", "does not hold"):
        return
    written = ESTIMATE.match(line.evidence)
    assert written, line
    estimate, level, low, high, number = map(float, written.groups())
    limits = asked_limits(pairs, level / 100)
    assert estimate == pytest.approx(100 * pairs.mean, abs=0.06)
    assert (low, high) == pytest.approx((100 * limits.low, 100 * limits.high), abs=0.1)
    assert number == pairs.complete
    if undone := re.search(r"a specificity (\S+) points lower", line.evidence):
        least = 100 * specificity_difference(limits.low, float(pairs.first.mean()))
        assert 0 < float(undone[1]) <= least + 0.1
