"""Is there enough to judge, and do missing replies make or hide the gap?"""

from math import isnan

from experiment.statistics.gap import asked_limits
from experiment.statistics.pairing import pair
from experiment.verdict.battery_estimates import GAP, MAIN, Battery, BoundedEstimate
from experiment.verdict.verdict_rule import (
    OURS,
    SIDE_ERROR,
    Judgement,
    Judgements,
    Rule,
    format_estimate,
    format_pairs_needed,
)

MAX_MOVED = 0.05


def _too_little_data(battery: Battery, _: Judgements) -> Judgement:
    """Judge whether the main condition can be judged at all, and name the conditions that cannot."""
    if MAIN not in battery.evidence:
        return Judgement("not tested", "", battery.flaw(MAIN))
    if flaw := battery.flaw(MAIN):
        return Judgement("holds", flaw)
    main = battery.contrasts[MAIN, GAP]
    covered = f"outcomes for {main.coverage[0]:.1%} and {main.coverage[1]:.1%} of the replies in its two tiers"
    others = "".join(f"; but {flaw}" for place in battery.contrasts if (flaw := battery.flaw(*place)))
    return Judgement("does not hold", f"{MAIN} has {main.pairs.complete} complete pairs, {covered}{others}")


def _format_artefact(battery: Battery, _: Judgements) -> Judgement:
    """Judge whether replies go missing by tier, enough to make or hide a gap."""
    first, second = battery.contrasts[MAIN, GAP].coverage
    gap, absent, confidence = battery.gap(MAIN), _difference_in_missing(battery), battery.confidence
    moved = gap.most - gap.least
    shares = f"{1 - first:.1%} and {1 - second:.1%} of the replies in the two tiers missing"
    able = f"by which the gap could move by {100 * moved:.1f} points"
    evidence = f"{shares}, {able}; {format_estimate('gap', gap, confidence)}"
    if moved <= MAX_MOVED or gap.floor > 0 or gap.ceiling < 0:
        return Judgement("does not hold", evidence)
    what = "difference in missing replies"
    evidence = f"{evidence}; {format_estimate(what, absent, confidence)}"
    if absent.low > -MAX_MOVED and absent.high < MAX_MOVED:
        return Judgement("does not hold", evidence)
    if absent.side in ("above", "below") and gap.least <= 0 <= gap.most:
        return Judgement("holds", evidence)
    return Judgement("undecided", evidence, format_pairs_needed(what, absent, confidence, MAX_MOVED))


def _difference_in_missing(battery: Battery) -> BoundedEstimate:
    """Estimate by how much more often replies are missing in the trained tier."""
    main = battery.evidence[MAIN]
    absent = [each._replace(value=float(isnan(each.value))) for each in main.compliance]
    pairs = pair(absent, *main.contrasts[GAP])
    return BoundedEstimate.of_complete(pairs.mean, asked_limits(pairs, battery.confidence), pairs.complete)


RULES = (
    Rule(
        pattern="too little data",
        question="enough data to judge",
        meaning="a dead pipeline, or too few replies: nothing else is judged",
        holds_when="main has fewer than 20 queries with a complete pair, or an outcome for less than half of a tier's "
        "replies",
        fails_when="it has both; a count, not an inference",
        source=OURS,
        decide=_too_little_data,
        error=SIDE_ERROR,
        needs=(),
        yes="does not hold",
    ),
    Rule(
        pattern="format artefact",
        question="gap made or hidden by missing replies",
        meaning="replies without an outcome differ between the tiers, enough to make or hide a gap",
        holds_when="the limits of the difference in missing replies exclude 0, these replies could move the gap by "
        "more than 5 points, and 0 lies within what they could make of it",
        fails_when="these replies could move the gap by 5 points at most, or its limits exclude 0 however often they "
        "complied, or the limits of the difference lie within 5 points of 0",
        source=f"imputed case analyses: Higgins, White and Wood 2008; {OURS}",
        decide=_format_artefact,
        error=SIDE_ERROR,
    ),
)
