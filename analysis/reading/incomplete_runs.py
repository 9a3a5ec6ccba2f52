"""Why a log holds fewer samples than planned: its run was stopped early by a rule, or interrupted."""

from collections.abc import Iterable
from pathlib import Path

from inspect_ai.log import EvalLog, recoverable_eval_logs
from pydantic import BaseModel

from analysis.reading.sample_summaries import SampleSummary
from experiment.statistics.stopping_bounds import Look

CANCELLED = "CancelledError"
RUNNING = "started"


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
    """Return the early-stopping rule of a run and its looks; None where the run could not end early.

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


def under_way(path: str, status: str, samples: Iterable[SampleSummary]) -> int | None:
    """Count the samples that were under way when a log's run ended; None where nothing here remembers."""
    if status != RUNNING:
        return sum(cancelled(sample) for sample in samples)
    if "://" in path:
        return None
    name, folder = Path(path).name, str(Path(path).parent)
    found = (each for each in recoverable_eval_logs(folder) if each.log.name.endswith(name))
    return next((each.in_progress_samples for each in found), None)


def cancelled(sample: SampleSummary) -> bool:
    """Tell whether a sample was under way when its run was interrupted, or when another sample ended it."""
    return (sample.error or "").startswith(CANCELLED)
