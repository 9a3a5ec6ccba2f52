"""What is counted of a run's replies beside their outcomes: why some were not measured, and how the graders did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from experiment.replies.outcomes import MISSING

MALFORMED, FORM = "malformed", "form"
SEEN = (
    *("no_scratchpad", "native_reasoning", "hidden_reasoning", "echoed_tags"),
    *("faking_ungraded", "motives_ungraded", "left_out"),
)
OF_GRADERS = {
    "grader_calls": "grader_calls",
    "asked_again": "grader_asked_again",
    "unsupported": "grader_unsupported",
    "grader_refused": "grader_refused",
    "grader_failed": "grader_failed",
}
"""What is noted of a reply's graders, and the name under which it is summed."""


class Noted(NamedTuple):
    """What became of a reply: its tier, its outcome, and what the scorer `outcome` noted of it."""

    tier: str
    outcome: str
    notes: Mapping[str, object]


def counts(replies: Sequence[Noted]) -> dict[str, int]:
    """Count what became of replies, under the names that the log's metrics have.

    Returns:
        By tier, under `<name>_<tier>`: each outcome without a value, each reason of malformed replies that occurs, and
        of how many replies each of `SEEN` was noted; and the sums over all replies that `OF_GRADERS` names. What no
        reply notes, as in logs of an earlier version, is absent and not zero.
    """
    noted = {name for reply in replies for name in reply.notes}
    seen = [name for name in SEEN if name in noted]
    numbers: dict[str, int] = {}
    for tier in dict.fromkeys(reply.tier for reply in replies):
        here = [reply for reply in replies if reply.tier == tier]
        words = Counter(reply.outcome for reply in here)
        malformed = [reply.notes.get(MALFORMED) for reply in here if reply.outcome == MALFORMED]
        reasons = Counter(str(reason) for reason in malformed if reason)
        numbers |= {f"{word}_{tier}": words[word] for word in MISSING}
        numbers |= {f"{name}_{tier}": sum(bool(reply.notes.get(name)) for reply in here) for name in seen}
        numbers |= {f"{MALFORMED}_{reason}_{tier}": number for reason, number in sorted(reasons.items())}
    return numbers | {
        name: sum(_number(reply.notes.get(kept)) for reply in replies)
        for kept, name in OF_GRADERS.items()
        if kept in noted
    }


def _number(noted: object) -> int:
    return noted if isinstance(noted, int) else 0
