"""Which scores each pass of the scorers over a log gave, and which grader gave them: a log can be graded again."""

from collections.abc import Collection
from typing import Any

from analysis.reading.sample_summaries import SampleSummary
from experiment.replies.outcomes import OUTCOMES
from experiment.statistics.calibration_records import Judge

OUTCOME = "outcome"
Grading = dict[str, str]
"""Scorer to the name of its score in the log: `compliance1` where the log was graded again."""


def gradings(summaries: list[SampleSummary]) -> list[Grading]:
    """Sort the scores of a log by the passes that gave them.

    Inspect appends the scores of a pass together, in the order of its scorers, so one that does not come after the last
    begins another pass. A later pass takes over the scores that it did not give itself.

    Args:
        summaries: The log's samples.

    Returns:
        The passes, oldest first; one without scores where the log has none.
    """
    given = dict.fromkeys(name for summary in summaries for name in summary.scores or {})
    passes: list[Grading] = [{}]
    order: dict[str, int] = {}
    for name in given:
        scorer = _scorer_of(name, given)
        order.setdefault(scorer, len(order))
        if passes[-1] and order[scorer] <= max(order[each] for each in passes[-1]):
            passes.append({})
        passes[-1][scorer] = name
    whole = [passes[0], *({**passes[0], **again} for again in passes[1:])]
    return [grading for grading in whole if _is_ours(summaries, grading)] or whole[:1]


def judges(summaries: list[SampleSummary], grading: Grading) -> dict[str, Judge]:
    """Return who gave each score of a grading; a scorer that graded nothing is absent."""
    noted = {scorer: _about_judge(summaries, name) for scorer, name in grading.items()}
    # Of scores that share a call, the first says who judged; the others name it.
    found = {scorer: noted.get(str(each.get("with", scorer)), {}) for scorer, each in noted.items()}
    return {scorer: _judge(each) for scorer, each in found.items() if each.get("grader")}


def _scorer_of(name: str, names: Collection[str]) -> str:
    """Return the scorer behind a score's name, to which Inspect adds a running number, from 1, for another grading."""
    plain = name.rstrip("0123456789")
    earlier = (f"{plain}{number}" for number in range(1, int(name[len(plain) :] or 0)))
    return plain if plain in names and all(each in names for each in earlier) else name


def _is_ours(summaries: list[SampleSummary], grading: Grading) -> bool:
    """Tell whether a pass is this suite's, and not that of a scorer of the same name."""
    given = [(summary.scores or {}).get(grading.get(OUTCOME, "")) for summary in summaries]
    return all(score.value in OUTCOMES for score in given if score)


def _about_judge(summaries: list[SampleSummary], name: str) -> dict[str, Any]:
    """Return what the first score of that name with a judge, or with another score's, says of it."""
    noted = [(summary.scores or {})[name].metadata or {} for summary in summaries if name in (summary.scores or {})]
    return next((each for each in noted if each.get("grader") or each.get("with")), {})


def _judge(noted: dict[str, Any]) -> Judge:
    return Judge(
        noted["grader"],
        noted.get("settings", ""),
        noted.get("rubric", ""),
        noted.get("rubric_sha256", ""),
        noted.get("votes", 1),
    )
