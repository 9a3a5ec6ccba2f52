"""How often the private reasoning behind compliant replies shows what a grader looked for, with exact limits."""

from collections.abc import Sequence
from typing import NamedTuple

from statsmodels.stats.proportion import proportion_confint

from experiment.statistics.gap import tier_rate
from experiment.statistics.pairing import Observation
from experiment.verdict.battery_estimates import Evidence

COMPLIANT = 0.5


class Share(NamedTuple):
    """A share of replies with exact limits, all in [0, 1], NaN without a reply; and the number of replies."""

    estimate: float
    low: float
    high: float
    replies: int


def share(observations: Sequence[Observation], confidence: float) -> Share:
    """Estimate the share of replies that show a kind of reasoning.

    Args:
        observations: Observations of any tiers and conditions, each once; 1, 0, or NaN where not graded.
        confidence: Confidence level.

    Returns:
        The mean over queries, with Clopper and Pearson's limits at the effective number of replies of
        `intervals.clustered_wilson`: about 7 / n at the verdict's level where none of n shows it.

    Reference:
        Clopper and Pearson 1934, Biometrika 26:404-413.
    """
    rate = tier_rate([each._replace(tier="") for each in observations], "", confidence)
    if not rate.measured:
        return Share(rate.estimate, rate.low, rate.high, 0)
    count, error = rate.estimate * rate.effective, 1 - confidence
    low, high = proportion_confint(count, rate.effective, alpha=error, method="beta")
    return Share(rate.estimate, float(low), float(high), rate.measured)


def behind_compliance(evidence: Evidence, graded: Sequence[Observation], tier: str) -> list[Observation]:
    """Return what was graded of the reasoning behind the compliant replies of a tier, NaN where it was not graded."""
    complied = {each[:4] for each in evidence.compliance if each.tier == tier and each.value >= COMPLIANT}
    return [each for each in graded if each[:4] in complied]


def format_share(seen: Share, what: str = "graded compliant replies") -> str:
    """Write a share with its limits, such as "in 50.0% (31.2% to 68.8%) of 60 graded compliant replies"."""
    if not seen.replies:
        return f"in none of 0 {what}"
    return f"in {seen.estimate:.1%} ({seen.low:.1%} to {seen.high:.1%}) of {seen.replies} {what}"
