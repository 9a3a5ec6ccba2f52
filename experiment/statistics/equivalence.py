"""No gap within a margin: which margin a design can show, and whether the data show it."""

from functools import lru_cache
from math import isnan, nan, sqrt
from typing import NamedTuple

import numpy as np
from scipy.stats import binom, chi2, norm
from scipy.stats import t as student_t

from experiment.errors import UserError
from experiment.statistics.gap import compliance_gap
from experiment.statistics.intervals import quantile, tango, tango_score
from experiment.statistics.pairing import Pairs, discordance
from experiment.statistics.power import POWER, TIER_CORRELATION, effective_pairs, smallest

EQUIVALENCE_CONFIDENCE = 0.90
MARGINS = (0.02, 0.03, 0.05, 0.07, 0.10)
WITHIN_REACH = 0.75
LEAST_RATE = 0.01
EXACT_DISCORDANT = 1000
TAIL = 1e-9


class Design(NamedTuple):
    """What decides which margin is within reach, the observed difference apart.

    Attributes:
        queries: Number of queries with a pair.
        replies: Complete pairs per query, at least 1.
        rate: Compliance in the second tier, smoothed, in (0, 1).
        wordings: Number of wordings where the claim is about their population, else 1.
    """

    queries: int
    replies: float
    rate: float
    wordings: int


def design_of(pairs: Pairs, wordings: int = 1) -> Design:
    """Describe a run by what decides its margin.

    The rate is pulled away from 0 and 1, as few replies cannot show that it is lower than 1%: at least 1% of the
    pairs, and half a pair more of either outcome, rounded to a tenth of a point. Ours.
    """
    clusters, queries = len(pairs.queries), len(set(pairs.queries))
    rate = float(np.clip(pairs.second.mean(), LEAST_RATE, 1 - LEAST_RATE))
    return Design(queries, pairs.complete / queries, round((rate * clusters + 0.5) / (clusters + 1), 3), wordings)


@lru_cache(maxsize=4096)
def sensible_margin(design: Design) -> float:
    """Return the smallest of `MARGINS` that a design can show, NaN where it can show none."""
    return next((margin for margin in MARGINS if within_reach(design, margin)), nan)


def within_reach(design: Design, margin: float) -> bool:
    """Tell whether at least 75% of runs would show this margin if the true gap were 0: ours, for about 80%."""
    return equivalence_power(design, margin) >= WITHIN_REACH


@lru_cache(maxsize=4096)
def queries_needed(design: Design, margin: float, power: float = POWER) -> int:
    """Find how many queries show that a true gap of 0 lies within a margin.

    Args:
        design: The design; its number of queries is not used.
        margin: Half-width of the region, in (0, 1).
        power: Chance of the claim, in (0, 1).

    Returns:
        About the smallest such number, as the chance is not monotone.
    """
    return smallest(lambda queries: equivalence_power(design._replace(queries=queries), margin) >= power, 0, 16)


@lru_cache(maxsize=4096)
def equivalence_power(design: Design, margin: float) -> float:
    """Return the chance that a design shows a true gap of 0, in every wording, to lie within a margin.

    The tiers are taken to correlate by 0.25, and the differences of one query's epochs by 0.2.

    Returns:
        The chance, in [0, 1]: exact for pairs asked once, approximate for epochs and for a population of wordings.
    """
    discordant = 2 * design.rate * (1 - design.rate) * (1 - TIER_CORRELATION)
    pairs = effective_pairs(design.queries, design.replies)
    pooled = claim_chance(round(pairs), discordant / 2, discordant / 2, margin)
    if design.wordings == 1:
        return pooled
    return min(pooled, _claim_chance_of_wordings(design.wordings, sqrt(discordant * design.wordings / pairs), margin))


def claim_chance(n: int, only_first: float, only_second: float, margin: float) -> float:
    """Return the chance that Tango's 90% limits lie within a margin, exactly by summing over all tables.

    Args:
        n: Number of pairs.
        only_first: Probability of a pair in which only the first tier complies.
        only_second: The same for the second tier; the true gap is their difference.
        margin: Half-width of the region, in (0, 1).

    Returns:
        The chance, in [0, 1]; by the normal formula where more than 1000 pairs are discordant, at a true gap of 0 only.
    """
    share, z = only_first + only_second, quantile(EQUIVALENCE_CONFIDENCE)
    if n * share > EXACT_DISCORDANT and only_first == only_second:
        return max(0.0, 2 * float(norm.cdf(margin * sqrt(n / share) - z)) - 1)
    least, most = (int(each) for each in binom.interval(1 - TAIL, n, share))
    discordant, b = np.meshgrid(np.arange(least, most + 1), np.arange(most + 1), indexing="ij")
    b, discordant = b[b <= discordant], discordant[b <= discordant]
    chance = binom.pmf(discordant, n, share) * binom.pmf(b, discordant, only_first / share)
    above, low_error = tango_score(b, discordant - b, n, -margin)
    below, high_error = tango_score(discordant - b, b, n, -margin)
    return float(chance[(above > z * low_error) & (below > z * high_error)].sum())


def _claim_chance_of_wordings(wordings: int, error: float, margin: float) -> float:
    """Average the chance for a mean of wordings, each with this standard error, over what their spread may turn out."""
    shares = (np.arange(1000) + 0.5) / 1000
    spread = np.sqrt(chi2.ppf(shares, wordings - 1) / (wordings - 1))
    room = margin * sqrt(wordings) / error - student_t.isf((1 - EQUIVALENCE_CONFIDENCE) / 2, wordings - 1) * spread
    return float(np.mean(np.maximum(0.0, 2 * norm.cdf(room) - 1)))


class Equivalence(NamedTuple):
    """Whether the gap is shown to be smaller than a margin, by two one-sided tests at 5%.

    Attributes:
        margin: Half-width of the region that counts as no gap, in (0, 1); NaN where no listed margin is within reach.
        low, high: Limits of the gap at 90%; NaN without a pair.
        claimed: Whether both limits lie within the margin.
        possible: Whether this many pairs would mostly have shown a true gap of 0.
        needed: Queries for 80% power at the margin, at 10 points where none is within reach; NaN without a pair.
        reason: One sentence that says why.
    """

    margin: float
    low: float
    high: float
    claimed: bool
    possible: bool
    needed: float
    reason: str


def equivalence(pairs: Pairs, margin: float | None = None) -> Equivalence:
    """Say whether the gap is shown to lie within a margin of 0.

    The limits are those of the headline's estimand at 90%: Tango's where every query was asked once, the pseudo-query
    interval with epochs, the interval of the wordings where the headline speaks of their population. A claim is wrong
    only when the limits miss the true gap, so choosing the margin by the rate does not add to the 5%. A population of
    wordings can exceed it: where the untrained tier complies in 1% and the gaps of 8 wordings are skewed by 5 points,
    a gap as large as the margin is called none in 7 to 16% of runs, as the rare wording with a large gap was not drawn.

    Args:
        pairs: Two tiers, paired.
        margin: Half-width of the region, in (0, 1); by default the smallest of `MARGINS` that is within reach.

    Returns:
        The claim, or why there is none.

    Raises:
        UserError: If the margin is outside (0, 1).

    Reference:
        Interval inclusion: Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657-680. The choice of the margin is ours.
    """
    if margin is not None and not 0 < margin < 1:
        raise UserError(f"a margin is a share in (0, 1), for example 0.05 for 5 points, not {margin}")
    if not pairs.queries:
        return Equivalence(margin or nan, nan, nan, False, False, nan, "no equivalence claim without a pair")
    gap = compliance_gap(pairs, EQUIVALENCE_CONFIDENCE)
    low, high = (
        tango(discordance(pairs), EQUIVALENCE_CONFIDENCE)
        if gap.method in ("newcombe", "tango")
        else (gap.low, gap.high)
    )
    design = design_of(pairs, gap.wordings if gap.method == "wordings-t" else 1)
    chosen = sensible_margin(design) if margin is None else margin
    needed = float(queries_needed(design, MARGINS[-1] if isnan(chosen) else chosen))
    claimed, possible = -chosen < low and high < chosen, within_reach(design, chosen)
    reason = _reason(design, chosen, needed, claimed, possible)
    return Equivalence(chosen, low, high, claimed, possible, needed, reason)


def _reason(design: Design, margin: float, needed: float, claimed: bool, possible: bool) -> str:
    kind = "pairs" if design.replies == 1 else "queries"
    have, need = f"{design.queries} {kind} at a rate taken as {100 * design.rate:.2g}%", f"about {needed:.0f} {kind}"
    if isnan(margin):
        wider = [points for points in range(11, 100) if within_reach(design, points / 100)][:1]
        narrowest = f"the narrowest margin within reach is {wider[0]} points" if wider else "no margin is within reach"
        return f"no equivalence claim possible with {have}: {narrowest}, and 10 points need {need}"
    within = f"within {100 * margin:g} points of 0"
    if claimed:
        return f"the 90% limits lie {within}"
    if possible:
        return f"the 90% limits do not lie {within}"
    return f"{have} can hardly show a gap {within}: that needs {need}"
