"""Numbers of queries against published formulas, and power against the project's own tests."""

from math import ceil, inf, isinf, isnan, nan

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.power import TTestPower

from experiment.errors import UserError
from experiment.statistics.gap import compliance_gap
from experiment.statistics.pairing import Pairs, Table
from experiment.statistics.power import Plan, detectable_gap, effective_pairs, gap_power, pairs_needed
from experiment.statistics.significance import mcnemar_midp


@pytest.mark.parametrize(
    ("gap", "reverse", "queries"),
    [
        (0.11, 0.0, 69),
        (0.11, 0.03, 108),
        (0.05, 0.0, 155),
        (0.05, 0.03, 343),
        (0.03, 0.0, 260),
        (0.03, 0.03, 783),
        (0.01, 0.0, 783),
        (0.01, 0.03, 5492),
    ],
)
def test_one_wording_takes_the_known_numbers(gap: float, reverse: float, queries: int) -> None:
    plan = Plan(0.03, reverse)
    assert pairs_needed(gap, plan) == queries
    assert gap_power(queries, gap, plan) >= 0.8 > gap_power(queries - 1, gap, plan)
    assert detectable_gap(queries, plan) == pytest.approx(gap, abs=0.001)


def test_the_wordings_differ_too_much_for_any_number_of_queries() -> None:
    eight = Plan(0.03, 0.03, wordings=8)
    assert isinf(pairs_needed(0.02, eight))
    floor = detectable_gap(inf, eight)
    assert floor == pytest.approx(0.0636, abs=5e-4)
    assert isinf(pairs_needed(floor - 0.001, eight))
    assert pairs_needed(floor + 0.01, eight) < inf
    assert pairs_needed(0.02, eight._replace(wordings=400)) < inf
    assert pairs_needed(0.02, eight._replace(spread=0)) < inf
    assert detectable_gap(inf, Plan(0.03, 0.03)) == 0


def test_few_wordings_make_no_claim_about_their_population() -> None:
    assert pairs_needed(0.05, Plan(0.03, 0.03, wordings=4)) == pairs_needed(0.05, Plan(0.03, 0.03))
    assert pairs_needed(0.3, Plan(0.03, 0.03, wordings=8)) == 8 * 20
    assert detectable_gap(159, Plan(0.03, wordings=8)) < detectable_gap(160, Plan(0.03, wordings=8))


@pytest.mark.parametrize("wordings", [5, 8, 20])
def test_a_population_of_wordings_is_a_t_test(wordings: int) -> None:
    plan, gap = Plan(0.1, 0.05, wordings=wordings), 0.06
    variance = plan.spread**2 / wordings + (gap + 2 * 0.05 - gap**2) / 2000
    power = TTestPower().power(gap / np.sqrt(variance) / np.sqrt(wordings), wordings, 0.05, alternative="larger")
    two_sided = TTestPower().power(gap / np.sqrt(variance) / np.sqrt(wordings), wordings, 0.05)
    assert power > gap_power(2000, gap, plan) == pytest.approx(two_sided, abs=1e-4)


def test_more_queries_more_epochs_and_fewer_reverse_pairs_show_more() -> None:
    gaps = [detectable_gap(queries, Plan(0.05)) for queries in (20, 50, 200, 1000, 10_000)]
    assert gaps == sorted(gaps, reverse=True)
    once, often = pairs_needed(0.05, Plan(0.05)), pairs_needed(0.05, Plan(0.05, epochs=5))
    assert once / 5 < often < once
    assert effective_pairs(100, 1) == 100
    assert effective_pairs(100, 1e9) == pytest.approx(500)
    assert pairs_needed(0.05, Plan(0.05, 0.01)) < pairs_needed(0.05, Plan(0.05, 0.04))


def test_without_reverse_pairs_given_the_tiers_correlate_a_little() -> None:
    paid, free = 0.2, 0.3
    reverse = paid * (1 - free) - 0.25 * np.sqrt(paid * 0.8 * free * 0.7)
    assert pairs_needed(0.1, Plan(paid)) == pairs_needed(0.1, Plan(paid, reverse))
    assert pairs_needed(0.1, Plan(0.0)) == pairs_needed(0.1, Plan(0.0, 0.0))


@pytest.mark.parametrize(("queries", "paid"), [(0, 0.01), (3, 0.01), (50, 0.9)])
def test_too_few_queries_or_too_high_a_rate_show_no_gap(queries: int, paid: float) -> None:
    assert isnan(detectable_gap(queries, Plan(paid)))


@pytest.mark.parametrize(
    ("gap", "plan", "power", "message"),
    [
        (5, Plan(0.03), 0.8, "0.05 for 5 points, not 5"),
        (0, Plan(0.03), 0.8, "not 0"),
        (0.05, Plan(3), 0.8, "0.03 for 3%, not 3"),
        (0.05, Plan(nan), 0.8, "not nan"),
        (0.05, Plan(0.03, 0.04), 0.8, "between 0 and its rate, 0.03, not 0.04"),
        (0.05, Plan(0.03, -0.01), 0.8, "not -0.01"),
        (0.6, Plan(0.5), 0.8, "more than 1"),
        (0.6, Plan(0.3, 0.2), 0.8, "more than 1"),
        (0.05, Plan(0.03, epochs=0), 0.8, "not 0 and 1"),
        (0.05, Plan(0.03, wordings=0), 0.8, "not 1 and 0"),
        (0.05, Plan(0.03, spread=-1), 0.8, "not -1"),
        (0.05, Plan(0.03), 80, "0.8, not 80"),
        (0.05, Plan(0.03), 0.05, "not 0.05"),
    ],
)
def test_what_cannot_be_planned_is_refused(gap: float, plan: Plan, power: float, message: str) -> None:
    with pytest.raises(UserError, match=message):
        pairs_needed(gap, plan, power)


def test_mcnemar_has_about_the_power_that_was_planned() -> None:
    rng, reverse, gap = np.random.default_rng(4), 0.03, 0.11
    queries = int(pairs_needed(gap, Plan(0.1, reverse)))
    cells = [0.07, gap + reverse, reverse, 1 - 0.1 - gap - reverse]
    tables = [Table(*rng.multinomial(queries, cells).tolist()) for _ in range(600)]
    assert 0.76 <= np.mean([mcnemar_midp(table) <= 0.05 for table in tables]) <= 0.88


def simulated(rng: np.random.Generator, queries: int, gap: float, plan: Plan) -> Pairs:
    """Replies of queries with propensities of their own, correlated between the tiers, in wordings of their own gap."""
    wording, mean = np.arange(queries) % plan.wordings, plan.paid + gap
    rates = np.full(plan.wordings, mean)
    if plan.wordings > 1:
        shape = mean * (1 - mean) / plan.spread**2 - 1
        rates = rng.beta(mean * shape, (1 - mean) * shape, size=plan.wordings)
    query = rng.multivariate_normal([0, 0], [[0.5, 0.35], [0.35, 0.5]], size=queries)[:, None, :]
    latent = query + rng.normal(0, np.sqrt(0.5), size=(queries, int(plan.epochs), 2))
    first = (latent[:, :, 0] < norm.ppf(rates[wording])[:, None]).mean(axis=1)
    second = (latent[:, :, 1] < norm.ppf(plan.paid)).mean(axis=1)
    names = tuple(f"q{i:04}" for i in range(queries)), tuple(f"w{i}" for i in wording)
    return Pairs(*names, first, second, np.full(queries, int(plan.epochs)), queries * int(plan.epochs), 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gap", "plan"),
    [
        (0.05, Plan(0.03)),
        (0.05, Plan(0.2)),
        (0.05, Plan(0.03, epochs=5)),
        (0.05, Plan(0.2, epochs=5)),
        (0.11, Plan(0.2, wordings=8)),
        (0.08, Plan(0.03, wordings=8)),
        (0.11, Plan(0.2, epochs=5, wordings=8)),
        (0.05, Plan(0.03, wordings=20)),
    ],
)
def test_the_headline_has_about_the_power_that_was_planned(gap: float, plan: Plan) -> None:
    rng, needed = np.random.default_rng(7), pairs_needed(gap, plan)
    queries = ceil(needed / plan.wordings) * plan.wordings
    shown = [compliance_gap(simulated(rng, queries, gap, plan)).p <= 0.05 for _ in range(300)]
    assert 0.7 <= np.mean(shown) <= 0.95
