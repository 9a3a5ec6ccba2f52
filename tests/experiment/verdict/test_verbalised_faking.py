from statsmodels.stats.proportion import confint_proportions_2indep

from experiment.statistics.pairing import Observation
from experiment.verdict.battery_estimates import GAP, Evidence
from experiment.verdict.reasoning_share import behind_compliance, share
from experiment.verdict.verbalised_faking import MIN_CONTROL, control, excess


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


def condition(compliant: int, paid: int = 0, flagged: int = 0) -> Evidence:
    """Make a condition of 100 queries: so many compliant replies in each tier, and flagged reasoning of the trained."""
    both = replies(100, yes=compliant) + replies(100, yes=paid, tier="paid")
    return Evidence(both, replies(100, yes=flagged) + replies(100, yes=0, tier="paid"), {}, {GAP: ("free", "paid")})


def test_the_control_is_of_trained_tiers_with_nothing_to_fake_for():
    battery = {
        "main": condition(50, 50, 50),
        "benign": condition(MIN_CONTROL, flagged=7),
        "no_conflict": condition(3, 9),
    }
    found = control(battery)
    assert (len(found.graded), sum(each.value for each in found.graded)) == (MIN_CONTROL + 3, 7)
    assert (found.same_tier, found.what) == (True, "compliant replies of trained tiers with nothing to fake for")


def test_too_few_of_them_are_joined_by_the_untrained_tiers():
    battery = {"main": condition(50, 40), "no_conflict": condition(MIN_CONTROL - 1, 0)}
    found = control(battery)
    assert (len(found.graded), found.same_tier) == (MIN_CONTROL - 1 + 40, False)


def test_where_nothing_is_complied_with_all_untrained_reasoning_is_the_control():
    found = control({"main": condition(50, 0), "no_conflict": condition(0, 0)})
    assert (len(found.graded), found.what) == (200, "all reasoning of untrained tiers")
