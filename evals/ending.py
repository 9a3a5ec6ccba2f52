"""What a run of ours that did not end well says last: in one sentence, how it goes on."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import click
from inspect_ai.hooks import Hooks, RunEnd, TaskStart, hooks
from inspect_ai.log import EvalLog, EvalResults, EvalSpec
from inspect_ai.util import display_type

from experiment.errors import UserError
from experiment.resuming import grade_again, resume

OURS = {"suite_version", "agreement_version"}
SAID_ELSEWHERE: ContextVar[bool] = ContextVar("said_elsewhere", default=False)
LACKING = ("ungraded_", "faking_ungraded_", "motives_ungraded_")


@cache
def say_how_it_goes_on() -> None:
    """Register the hook, once; Inspect announces in every command the hooks that it finds when it starts."""
    hooks(name="how_to_go_on", description=str(HowToGoOn.__doc__))(HowToGoOn)


class HowToGoOn(Hooks):
    """Says, once for each task of a run that did not end well, how it goes on; a task that ended well says nothing."""

    def __init__(self) -> None:
        """Begin with no run."""
        self._begun: dict[str, dict[str, EvalSpec]] = {}

    def enabled(self) -> bool:
        """Tell whether nobody else says how a run goes on."""
        return not SAID_ELSEWHERE.get()

    async def on_task_start(self, data: TaskStart) -> None:
        """Note a task of this suite, its last attempt: a run that is interrupted ends without telling its logs."""
        if OURS.intersection(data.spec.metadata or {}):
            self._begun.setdefault(data.run_id, {})[data.spec.task_id] = data.spec

    async def on_run_end(self, data: RunEnd) -> None:
        """Say how each task goes on."""
        logs = {log.eval.eval_id: log for log in data.logs}
        for spec in self._begun.pop(data.run_id, {}).values():
            if words := last_words(spec, logs.get(spec.eval_id)):
                say(words)


@contextmanager
def said_elsewhere() -> Iterator[None]:
    """Leave it to the caller to say how runs go on, where another command does that."""
    before = SAID_ELSEWHERE.set(True)
    try:
        yield
    finally:
        SAID_ELSEWHERE.reset(before)


def say(words: str) -> None:
    """Print a sentence; the full display takes all that is printed with it when it closes, so there it waits."""
    if display_type() == "full":
        atexit.register(click.echo, words, err=True)
    else:
        click.echo(words, err=True)


def last_words(spec: EvalSpec, log: EvalLog | None) -> str:
    """Return what is said of a task at the end of its run.

    Args:
        spec: The task.
        log: Its log, None where the run was interrupted.

    Returns:
        A sentence, "" where there is nothing to say. What lacks a grade is read off the metrics: the samples of a long
        run are not loaded again for it.
    """
    in_set = bool(spec.eval_set_id)
    if log is None:
        return f"{spec.task} on {spec.model} was interrupted (LOG ends in {spec.task_id}.eval): {resume('LOG', in_set)}"
    if log.error and log.error.message.startswith(UserError.__name__):
        return f"{spec.task} on {spec.model} cannot be run so: mend what its error names, and run it anew"
    if log.status != "success":
        return f"{spec.task} on {spec.model} ended with status {log.status!r}: {resume(log.location, in_set)}"
    results = log.results or EvalResults()
    stopped = len(results.early_stopping.early_stops) if results.early_stopping else 0
    if errored := results.total_samples - results.completed_samples - stopped:
        return f"{errored} samples of {spec.task} on {spec.model} ended in an error: {resume(log.location, in_set)}"
    if left := _ungraded(results):
        return f"{left} replies of {spec.task} on {spec.model} lack a grade: {grade_again(log.location)}"
    return ""


def _ungraded(results: EvalResults) -> int:
    """Return how many replies lack a verdict on compliance, on alignment faking or on motives, whichever are more."""
    found = {name: metric.value for score in results.scores for name, metric in score.metrics.items()}
    return max(sum(int(value) for name, value in found.items() if name.startswith(prefix)) for prefix in LACKING)
