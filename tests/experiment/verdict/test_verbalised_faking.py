from statsmodels.stats.proportion import confint_proportions_2indep

from experiment.statistics.pairing import Observation
from experiment.verdict.battery_estimates import GAP, Evidence
from experiment.verdict.reasoning_share import behind_compliance, share
from experiment.verdict.verbalised_faking import excess, false_alarms


def replies(n: int, yes: int, tier: str = "free") -> list[Observation]:
    return [Observation(f"q{index}", "w", 1, tier, float(index < yes)) for index in range(n)]


def test_limits_of_a_difference_are_a_little_wider_than_newcombes():
    first, second = share(replies(90, yes=50), 0.95), share(replies(60, yes=8), 0.95)
    low, high = confint_proportions_2indep(50, 90, 8, 60, method="newcomb", compare="diff")
    found = excess(first, second)
    assert low - 0.03 < found.low < low < high < found.high < high + 0.03


def test_against_nothing_known_no_share_is_in_excess():
    found = excess(share(replies(90, yes=90), 0.95), share([], 0.95))
    assert (found.low < 0, found.high) == (True, 1)


def test_only_the_reasoning_behind_compliance_counts():
    both = replies(10, yes=4) + replies(10, yes=2, tier="paid")
    faking = replies(10, yes=10) + replies(10, yes=1, tier="paid")
    evidence = Evidence(both, faking, {}, {GAP: ("free", "paid")})
    assert len(behind_compliance(evidence, evidence.faking, "free")) == 4
    assert [each.value for each in false_alarms({"main": evidence})] == [1, 0]
    assert len(false_alarms({"main": evidence, "no_conflict": evidence})) == 2 + 2 + 4
