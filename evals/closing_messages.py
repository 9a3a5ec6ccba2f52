"""What is printed after a run that did not end well or measured little: a sentence each, with the remedy."""

import atexit
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from inspect_ai.hooks import Hooks, RunEnd, TaskStart, hooks
from inspect_ai.log import EvalLog, EvalResults, EvalSpec
from inspect_ai.model import ModelConfig
from inspect_ai.util import display_type

from evals.preflight_checks import ProviderError, check_error
from experiment.front_matter import names
from experiment.prompts.scratchpads import load_scratchpad
from experiment.replies.data_quality import own_judge, quality, shortfalls, unfit, unpaired
from experiment.resume_hint import grade_again, mistake, resume, score
from experiment.terminal_text import print_line
from scorers.grader.provider_errors import in_short

VERSIONS = {"suite_version", "agreement_version"}
OUTCOME = "outcome"
GRADER = "grader"
BY_TIER = "coverage_"
ERRORED = "errored_"  # Inspect does not call such samples completed, whether or not they are scored
UNGRADED = ("ungraded_", "faking_ungraded_", "motives_ungraded_")
PROVIDERS_WORDS = re.compile(r"Error code: 4\d\d - (?P<words>.*)", re.DOTALL)
_OFF: ContextVar[bool] = ContextVar("without_closing_messages", default=False)


@cache
def register_closing_messages() -> None:
    """Register the hook, once; Inspect announces in every command the hooks that it finds when it starts."""
    hooks(name="closing_messages", description=str(ClosingMessages.__doc__))(ClosingMessages)


class ClosingMessages(Hooks):
    """Prints, once for each task, how to resume a run that did not end well and why one measured little."""

    def __init__(self) -> None:
        """Begin with no run."""
        self._begun: dict[str, dict[str, EvalSpec]] = {}

    def enabled(self) -> bool:
        """Tell whether no other command prints this."""
        return not _OFF.get()

    async def on_task_start(self, data: TaskStart) -> None:
        """Note a task of this suite, its last attempt: a run that is interrupted ends without telling its logs."""
        if VERSIONS.intersection(data.spec.metadata or {}):
            self._begun.setdefault(data.run_id, {})[data.spec.task_id] = data.spec

    async def on_run_end(self, data: RunEnd) -> None:
        """Print the messages of each task."""
        logs = {log.eval.eval_id: log for log in data.logs}
        for spec in self._begun.pop(data.run_id, {}).values():
            log = logs.get(spec.eval_id)
            for message in filter(None, [resume_hint(spec, log), *(quality_warnings(log) if log else [])]):
                print_message(message)


@contextmanager
def without_closing_messages() -> Iterator[None]:
    """Print no closing messages, where another command does that."""
    before = _OFF.set(True)
    try:
        yield
    finally:
        _OFF.reset(before)


def print_message(message: str) -> None:
    """Print a sentence; the full display takes all that is printed with it when it closes, so there it waits."""
    if display_type() == "full":
        atexit.register(print_line, message)
    else:
        print_line(message)


def resume_hint(spec: EvalSpec, log: EvalLog | None) -> str:
    """Return in a sentence how to resume a task that did not end well, "" for one that did.

    The log is None where the run was interrupted. What lacks a grade is read off the metrics: the samples of a long
    run are not loaded again for it.
    """
    in_set, name = bool(spec.eval_set_id), f"{spec.task} on {spec.model}"
    if log is None:
        return f"{name} was interrupted (LOG ends in {spec.task_id}.eval): {resume('LOG', in_set)}"
    if log.error and (reason := mistake(log.error.message)):
        return f"{name} cannot be run so: {reason}"
    if log.status != "success":
        return f"{name} ended with status {log.status!r}: {_way_on(log, in_set)}"
    results = log.results or EvalResults()
    if results.completed_samples and not results.scores:
        return f"{name} was not scored: `{score(log.location)}` grades its replies."
    stopped = len(results.early_stopping.early_stops) if results.early_stopping else 0
    if errored := results.total_samples - results.completed_samples - stopped:
        return f"{errored} samples of {name} ended in an error: {resume(log.location, in_set)}"
    if left := _ungraded(results):
        lacking = "1 reply of {} lacks" if left == 1 else f"{left} replies of {{}} lack"
        return f"{lacking.format(name)} a grade: {grade_again(log.location)}"
    return ""


def _way_on(log: EvalLog, in_set: bool) -> str:
    """Return what to do about a run that ended early: where an error would come again, its remedy first."""
    if log.eval.config.log_samples is False:
        return "it keeps no samples (--no-log-samples), so that nothing can be resumed; start it again."
    again = resume(log.location, in_set)
    if not log.error:
        return again
    message = re.sub(r"\\+(['\"])", r"\1", log.error.message)
    told = PROVIDERS_WORDS.search(message)  # Inspect's own message may begin with all that was sent
    cause = in_short(told[0] if told else message)
    mode = (log.eval.metadata or {}).get("scratchpad")
    if told and mode in names("scratchpads"):
        found = check_error(ProviderError(told["words"]), load_scratchpad(mode))
        if found.result == "refused":
            return f"{log.eval.model}: {found.sentence}; a retry as it is would meet the same error."
    return f"{again} Cause: {cause}"


def quality_warnings(log: EvalLog) -> list[str]:
    """Return what makes the numbers of a finished run unreliable, and what to change, in at most five sentences.

    How much was measured is read off the metrics of the log's header, and held against the limits of
    `experiment.replies.data_quality`.
    """
    spec, results = log.eval, log.results or EvalResults()
    mode = (spec.metadata or {}).get("scratchpad")
    counts = next((score.metrics for score in results.scores if score.name == OUTCOME), None)
    if mode is None or counts is None:
        return []
    tiers = [name.removeprefix(BY_TIER) for name in counts if name.startswith(BY_TIER)]
    numbers = {name: each.value for name, each in counts.items()}
    errored = sum(int(value) for name, value in numbers.items() if name.startswith(ERRORED))
    found = quality(numbers, results.completed_samples + errored, tiers)
    longest = spec.model_generate_config.merge(log.plan.config).max_tokens
    problems = [
        *shortfalls(found, mode, longest),
        unpaired(map(str, spec.dataset.sample_ids or []), tiers),
        unfit(found.graders),
        own_judge(spec.model, [each.model for each in graders_of(spec)]),
    ]
    return [f"{spec.task} on {spec.model}: {problem}." for problem in problems if problem]


def graders_of(spec: EvalSpec) -> list[ModelConfig]:
    """Return the graders of a run, one or a panel."""
    bound = (spec.model_roles or {}).get(GRADER, [])
    return bound if isinstance(bound, list) else [bound]


def _ungraded(results: EvalResults) -> int:
    """Return how many replies lack a verdict on compliance, on alignment faking or on motives, whichever are more."""
    found = {name: metric.value for each in results.scores for name, metric in each.metrics.items()}
    return max(sum(int(value) for name, value in found.items() if name.startswith(prefix)) for prefix in UNGRADED)
