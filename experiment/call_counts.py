"""What a sample costs in calls of the model and of its graders, and which settings change nothing but the calls."""

from typing import NamedTuple

from experiment.prompts.scratchpads import Scratchpad
from experiment.replies.vote_threshold import Tally, next_round, share_rule

TRANSPORT_OPTIONS = {
    *("adaptive_connections", "attempt_timeout", "batch", "cache", "cache_prompt", "max_connections", "max_retries"),
    *("stream_idle_timeout", "timeout"),
}
"""Inspect's generation options that decide how calls are made and not what is answered."""


class Calls(NamedTuple):
    """Calls, where every reply can be graded and every answer of a grader can be used.

    Args:
        subject: Of the model under test, where it calls the scratchpad tool once.
        fewest: Of its graders, where votes agree.
        most: Of its graders, where votes are divided to the last.
    """

    subject: int
    fewest: int
    most: int

    def times(self, samples: int) -> "Calls":
        """Return the calls of several samples."""
        return Calls(*(each * samples for each in self))


def calls_per_sample(mode: Scratchpad, members: int, votes: int, stop_votes: bool) -> Calls:
    """Count the calls of one sample.

    Args:
        mode: The scratchpad mode; without private reasoning only compliance is graded.
        members: How many graders there are, each of which is asked.
        votes: How many votes each has on alignment-faking reasoning.
        stop_votes: Whether asking stops once the verdict cannot change.

    Returns:
        The calls: two of the model in mode `tool`; of each grader one for compliance, the votes, and one for all
        motives.
    """
    least = next_round(Tally(), share_rule(votes), 1) if stop_votes else votes
    reasoning = mode.mode != "none"
    fewest, most = ((1 + least + 1), (1 + votes + 1)) if reasoning else (1, 1)
    return Calls(2 if mode.tool else 1, members * fewest, members * most)
