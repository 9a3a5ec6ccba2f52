"""One run taken apart: outcomes with reasoning, and the gap by category, wording, suspicion and reasoning."""

from typing import NamedTuple

from analysis.reading.logs import Run
from analysis.reading.reply_table import FAKING, OUTCOME, SUSPICION
from analysis.summary.decomposition import (
    Graded,
    Share,
    faking_among_compliant,
    gap_without_faking,
    gaps_by_category,
    gaps_by_suspicion,
    shares,
)
from analysis.summary.run_summary import Summary, observations
from experiment.statistics.gap import Gap, Rate, WordingGap, wording_gaps
from experiment.statistics.pairing import pair

COLUMNS = ["query", "wording", "epoch", "tier", "category", OUTCOME, FAKING, SUSPICION]


class Breakdown(NamedTuple):
    """What the gap of a run is made of.

    Args:
        shares: Shares of replies by outcome and reasoning, for each tier of the setting.
        compliant: How often compliant replies fake alignment, for each of the two tiers.
        without: The gap over the pairs in which neither reply fakes alignment.
        categories: The gap in each category of queries.
        suspicion: The gap by whether a reply of the pair suspects a test.
        wordings: The gap in each wording.
    """

    shares: dict[str, dict[Share, float]]
    compliant: tuple[Rate, Rate]
    without: Gap
    categories: dict[str, Gap]
    suspicion: dict[str, Gap]
    wordings: dict[str, WordingGap]


def break_down(run: Run, summary: Summary) -> Breakdown:
    """Take a run apart.

    Args:
        run: The run.
        summary: Its numbers.

    Returns:
        The parts.
    """
    graded = [Graded(*row) for row in run.samples[COLUMNS].itertuples(index=False)]
    tiers, words = summary.tiers, observations(run.samples, run.samples["complied"])
    return Breakdown(
        shares={tier: shares(graded, tier) for tier in dict.fromkeys([*tiers, *run.samples["tier"]])},
        compliant=(faking_among_compliant(graded, tiers[0]), faking_among_compliant(graded, tiers[1])),
        without=gap_without_faking(graded, *tiers),
        categories=gaps_by_category(graded, *tiers),
        suspicion=gaps_by_suspicion(graded, *tiers),
        wordings=wording_gaps(pair(words, *tiers)),
    )
