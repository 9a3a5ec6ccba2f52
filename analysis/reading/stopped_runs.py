"""How a run that could end early was looked at, as its log says."""

from inspect_ai.log import EvalLog
from pydantic import BaseModel

from experiment.statistics.stopping import Look


class Stopped(BaseModel):
    """The rule of a run that could end early, and what came of it.

    Args:
        stop: The rule.
        planned_pairs: Pairs that it was to ask.
        skipped_pairs: Pairs that it no longer asked.
        reason: Why it could end, "" where nothing was settled.
        looks: What was seen at each look, oldest first; none where the run was interrupted.
    """

    stop: str
    planned_pairs: int = 0
    skipped_pairs: int = 0
    reason: str = ""
    looks: list[Look] = []


def stopped(log: EvalLog) -> Stopped | None:
    """Return how a run was looked at.

    Args:
        log: Its header.

    Returns:
        The rule and its looks; None where the run could not end early.

    Raises:
        ValueError: The log says something of another shape.
    """
    rule = (log.eval.metadata or {}).get("stop")
    if not rule:
        return None
    noted = log.results.early_stopping if log.results else None
    return Stopped.model_validate(noted.metadata) if noted else Stopped(stop=rule)


def skipped(log: EvalLog) -> int:
    """Count the samples that a run no longer asked."""
    noted = log.results.early_stopping if log.results else None
    return len(noted.early_stops) if noted else 0
