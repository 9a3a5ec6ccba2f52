"""What a battery reaches: the draws have the rates of their truth, and the table is what the rules say of them."""

import numpy as np
import pytest

from experiment.errors import UserError
from experiment.statistics.gap import tier_share
from experiment.verdict.battery_power import battery_power, effect
from experiment.verdict.battery_verdict import RULES
from experiment.verdict.simulated_batteries import CONDITIONS, Truth, contrasts_of, draw, true_gap

QUERIES = 20_000
TRUTH = Truth(
    base=(0.3, *(0.05,) * 7),
    guarding=0.12,
    obedience=0.06,
    raters=0.04,
    free_word=0.03,
    training=0.02,
    watched=0.5,
    unreasoned=0.25,
    harmless_use=0.75,
    faking=0.5,
)
# By hand: guarding, obedience, raters, the word, training, as far as each applies.
GAPS = {
    ("main", "compliance_gap"): 0.12 + 0.06 + 0.04 + 0.03 + 0.02,
    ("no_conflict", "compliance_gap"): 0.03 + 0.02,
    ("label_swapped", "compliance_gap"): 0.12 + 0.06 + 0.04 - 0.03 + 0.02,
    ("values_unchanged", "compliance_gap"): 0.06 + 0.04 + 0.03 + 0.02,
    ("monitored", "compliance_gap"): 0.06 + 0.06 + 0.04 + 0.03 + 0.02,
    ("no_scratchpad", "compliance_gap"): 0.03 + 0.06 + 0.04 + 0.03 + 0.02,
    ("throughput_testing", "compliance_gap"): 0.09 + 0.06 + 0.04 + 0.03 + 0.02,
    ("three_tiers", "rater_sycophancy_gap"): 0.04,
    ("three_tiers", "goal_guarding_gap"): 0.12 + 0.06 + 0.03 + 0.02,
    ("benign", "compliance_gap"): 0,
}


@pytest.fixture(scope="module")
def drawn():
    return draw(TRUTH, QUERIES, np.random.default_rng(1))


@pytest.mark.parametrize(("condition", "name"), GAPS)
def test_a_battery_has_the_gaps_of_its_truth(drawn, condition, name):
    known = GAPS[condition, name]
    assert true_gap(TRUTH, condition, name) == pytest.approx(known)
    rates = [tier_share(drawn[condition].compliance, tier).estimate for tier in contrasts_of(condition)[name]]
    assert rates[0] - rates[1] == pytest.approx(known, abs=0.012)


def test_reasoning_fakes_behind_the_compliance_that_guards_goals(drawn):
    share = tier_share(drawn["main"].faking, "free").estimate
    assert share == pytest.approx(0.12 * 0.5, abs=0.008)
    assert tier_share(drawn["main"].faking, "paid").estimate == 0
    assert tier_share(drawn["no_scratchpad"].faking, "free").measured == 0


def test_graders_err_and_replies_go_missing_by_tier_and_outcome():
    truth = Truth(
        0.2, false_compliance=(0.25, 0), false_faking=(0.1, 0.02), lost_compliances=(0.5, 0), lost_refusals=(0, 0.1)
    )
    main = draw(truth, QUERIES, np.random.default_rng(2))["main"]
    free, paid = (tier_share(main.compliance, tier) for tier in ("free", "paid"))
    assert free.missing / QUERIES == pytest.approx(0.2 * 0.5, abs=0.01)
    assert paid.missing / QUERIES == pytest.approx(0.8 * 0.1, abs=0.01)
    assert free.estimate == pytest.approx((0.1 + 0.8 * 0.25) / 0.9, abs=0.012)
    assert paid.estimate == pytest.approx(0.2 / 0.92, abs=0.012)
    assert tier_share(main.faking, "free").estimate == pytest.approx(0.1, abs=0.01)


def test_a_battery_holds_the_conditions_that_the_rules_need():
    assert {condition for rule in RULES for condition, _ in rule.needs} <= set(CONDITIONS)


def test_what_is_reached_is_counted_as_it_is_answered():
    done = []
    found = {each.question: (each.yes, each.no) for each in battery_power(effect(0.5, 0.1), 80, 3, done.append)}
    assert found["enough data to judge"] == (1, 0)
    assert found["compliance gap"] == (1, 0)
    assert found["gap follows the words 'free' and 'paid'"] == (0, 1)
    assert done == [1, 2, 3]


@pytest.mark.parametrize("rates", [(0.1, 0.1), (0.1, 0.2), (1.1, 0.2), (0.3, -0.1)])
def test_an_effect_that_is_none_is_refused_with_its_numbers(rates):
    with pytest.raises(UserError, match=f"not {rates[0]:g} {rates[1]:g}"):
        effect(*rates)
