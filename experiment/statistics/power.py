"""How many queries show a gap, and which gap a number of queries could have shown."""

from collections.abc import Callable
from math import ceil, inf, nan, sqrt
from typing import NamedTuple

from scipy.optimize import brentq
from scipy.stats import nct, norm
from scipy.stats import t as student_t

from experiment.errors import UserError
from experiment.statistics.pairing import MIN_QUERIES, MIN_WORDINGS
from experiment.statistics.significance import SIGNIFICANCE

POWER = 0.80
TIER_CORRELATION = 0.25
EPOCH_CORRELATION = 0.2
WORDING_SPREAD = 0.055
LEAST_GAP = 1e-6
NEGLIGIBLE = 1e-12


class Plan(NamedTuple):
    """What a run's power depends on, the gap and the number of queries apart.

    Attributes:
        paid: Compliance in the untrained tier, in [0, 1].
        reverse: Share of pairs in which only the untrained tier complies; None takes what follows where the replies of
            the two tiers correlate by 0.25.
        epochs: Replies per query and tier, at least 1.
        wordings: Wordings that the queries are dealt to; from 5 on the claim is about their population.
        spread: Standard deviation between the true gaps of wordings; 5.5 points in Greenblatt et al. 2024.
        asked: Wordings in which each query is asked: 1 where queries are dealt, all with `-T wording=all`.
    """

    paid: float
    reverse: float | None = None
    epochs: float = 1
    wordings: int = 1
    spread: float = WORDING_SPREAD
    asked: float = 1


def pairs_needed(gap: float, plan: Plan, power: float = POWER) -> float:
    """Find how many queries, each in both tiers, show a gap.

    Args:
        gap: True gap, in (0, 1).
        plan: The rest of the design.
        power: Chance of p < 0.05, in (0.05, 1).

    Returns:
        A whole number, so large that 20 are asked in each wording for a claim about their population; infinity where
        the wordings differ so much that no number of queries would do.

    Raises:
        UserError: If the numbers cannot be true together.

    Reference:
        As in `gap_power`; for one wording the numbers of Connor 1987.
    """
    _check(plan, power)
    _check_gap(gap, plan)
    if gap_power(inf, gap, plan) < power:
        return inf
    least = _least(plan)
    return float(smallest(lambda queries: gap_power(queries, gap, plan) >= power, least - 1, least))


def detectable_gap(queries: float, plan: Plan, power: float = POWER) -> float:
    """Find the smallest gap that a number of queries shows; beside a null, the gap that it would not have missed.

    Args:
        queries: Number of queries, each in both tiers; infinity asks what the wordings alone allow.
        plan: The rest of the design.
        power: Chance of p < 0.05, in (0.05, 1).

    Returns:
        Gap in [0, 1]; NaN where even the largest gap above this rate would be missed, or without a query.

    Raises:
        UserError: If the numbers cannot be true together.
    """
    _check(plan, power)
    most = 1 - plan.paid - (plan.reverse or 0.0)
    if most <= LEAST_GAP or not queries or gap_power(queries, most, plan) < power:
        return nan
    if gap_power(queries, LEAST_GAP, plan) >= power:
        return 0.0
    return float(brentq(lambda gap: gap_power(queries, gap, plan) - power, LEAST_GAP, most, xtol=LEAST_GAP))


def gap_power(queries: float, gap: float, plan: Plan) -> float:
    """Return the chance that a gap is shown at two-sided 5%.

    For these queries by the normal formula for McNemar's test, which errs low where discordant pairs are few; epochs
    count for what they add. For a population of wordings by the t test of their gaps, whose variance is that between
    wordings over their number, which more queries do not cure, and that of the queries, less what wordings share
    because they were asked the same ones.

    Returns:
        The chance, in [0, 1].

    Reference:
        Connor 1987, Biometrics 43:207-211. The allowance for epochs and wordings is ours.
    """
    discordant = gap + 2 * _reverse(gap, plan)
    variance, pairs = max(discordant - gap**2, NEGLIGIBLE), effective_pairs(queries, plan.epochs * plan.asked)
    narrow = float(norm.cdf((gap * sqrt(pairs) - norm.isf(SIGNIFICANCE / 2) * sqrt(discordant)) / sqrt(variance)))
    if plan.wordings < MIN_WORDINGS or queries < _least(plan):
        return narrow
    apart = EPOCH_CORRELATION * (plan.wordings - plan.asked) / (plan.wordings - 1)
    of_queries = variance * (apart + (1 - EPOCH_CORRELATION) / plan.epochs) / (queries * plan.asked)
    error = sqrt(plan.spread**2 / plan.wordings + of_queries)
    return min(narrow, _t_power(gap / error, plan.wordings - 1) if error else 1.0)


def effective_pairs(queries: float, epochs: float) -> float:
    """Return how many queries asked once say as much as queries asked several times.

    The differences of one query's epochs are taken to correlate by 0.2, so that five epochs are worth 2.8 queries. In
    simulations where the replies of a query in one tier correlate by 0.5 before rounding to 0 and 1, and between the
    tiers by 0.7 of that, they were worth 3.0.

    Args:
        queries: Number of queries; may be infinite.
        epochs: Replies per query and tier, at least 1.
    """
    return queries / (EPOCH_CORRELATION + (1 - EPOCH_CORRELATION) / epochs)


def smallest(reaches: Callable[[int], bool], short: int, enough: int) -> int:
    """Find by doubling, then bisection, about the smallest number that reaches a goal.

    Args:
        reaches: Whether a number does.
        short: A number that does not, or is not to be tried.
        enough: The first to try.
    """
    while not reaches(enough):
        short, enough = enough, 2 * enough
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if reaches(middle) else (middle, enough)
    return enough


def _t_power(ratio: float, freedom: int) -> float:
    """Return the chance that a two-sided t test sees a mean that is so many standard errors from 0."""
    critical = float(student_t.isf(SIGNIFICANCE / 2, freedom))
    return float(nct.sf(critical, freedom, ratio))


def _reverse(gap: float, plan: Plan) -> float:
    if plan.reverse is not None:
        return plan.reverse
    free = min(plan.paid + gap, 1.0)
    covariance = TIER_CORRELATION * sqrt(free * (1 - free) * plan.paid * (1 - plan.paid))
    return max(plan.paid * (1 - free) - covariance, 0.0)


def _least(plan: Plan) -> int:
    """Return how many queries a claim needs at least: 20 in each wording, if it is about their population."""
    return ceil(MIN_QUERIES * plan.wordings / plan.asked) if plan.wordings >= MIN_WORDINGS else 1


def _check_gap(gap: float, plan: Plan) -> None:
    if not 0 < gap < 1:
        raise UserError(f"a gap to be shown is a share in (0, 1), for example 0.05 for 5 points, not {gap}")
    if gap + plan.paid + (plan.reverse or 0.0) > 1:
        raise UserError(
            f"a gap of {gap}, a paid rate of {plan.paid} and reverse pairs of {plan.reverse or 0.0} are together more "
            "than 1: reverse pairs refuse in the trained tier, which complies in gap + paid"
        )


def _check(plan: Plan, power: float) -> None:
    if not 0 <= plan.paid < 1:
        raise UserError(f"a paid rate is a share in [0, 1), for example 0.03 for 3%, not {plan.paid}")
    if plan.reverse is not None and not 0 <= plan.reverse <= plan.paid:
        raise UserError(
            f"reverse pairs comply in the untrained tier, so their share is between 0 and its rate, {plan.paid}, "
            f"not {plan.reverse}"
        )
    if plan.epochs < 1 or plan.wordings < 1:
        raise UserError(f"epochs and wordings are at least 1, not {plan.epochs} and {plan.wordings}")
    if not 1 <= plan.asked <= plan.wordings:
        raise UserError(f"a query is asked in 1 to all {plan.wordings} wordings, not in {plan.asked}")
    if plan.spread < 0:
        raise UserError(f"a standard deviation between wordings is at least 0, for example 0.055, not {plan.spread}")
    if not SIGNIFICANCE < power < 1:
        raise UserError(f"a power is in ({SIGNIFICANCE}, 1), for example 0.8, not {power}")
