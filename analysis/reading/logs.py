"""Reading Inspect logs into runs, without loading transcripts."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from inspect_ai.log import EvalLog, list_eval_logs, read_eval_log
from pydantic import ValidationError

from analysis.reading.incomplete_runs import Stopped, cancelled, skipped, stopped, under_way
from analysis.reading.log_metadata import RunMetadata
from analysis.reading.reply_table import replies
from analysis.reading.sample_summaries import UNREADABLE, SampleSummary, read_summaries
from analysis.reading.scoring_passes import OUTCOME, Grading, gradings, judges
from experiment.errors import UserError
from experiment.resume_hint import mistake, resume
from experiment.statistics.calibration_records import Judge

SUITE = "suite_version"
REPLY = ("query", "wording", "tier", "epoch")

LOG_BEGINS = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"(?:status|eval)"\s*:')

Watch = Callable[[list[str]], Iterable[str]]


class Part(NamedTuple):
    """What one log holds.

    Args:
        path: The log.
        status: Inspect's word for how it ended.
        held: Samples with an outcome.
        planned: Samples that it was to have, counting epochs, without those that an early stop made superfluous.
        errored: Finished samples that ended in an error of their own and so have no outcome.
        skipped: Samples that an early stop made superfluous.
        under_way: Samples that were under way when the run ended; None where nothing remembers how many.
        in_set: Whether the log is one of a set's, such as a grid's, whose own command resumes it.
        invalidated: Samples that a person invalidated; they count until the run is resumed, which asks them again.
    """

    path: str
    status: str
    held: int
    planned: int
    errored: int
    skipped: int = 0
    under_way: int | None = 0
    in_set: bool = False
    invalidated: int = 0

    @property
    def absent(self) -> int:
        """Samples that are neither held nor ended in an error of their own: under way at the end, or not begun."""
        return self.planned - self.held - self.errored


class Run(NamedTuple):
    """One log as graded once, or several logs of one condition that share no reply: a header, and a row for each reply.

    Args:
        log: The header, of several logs the oldest.
        parts: The logs.
        samples: See `analysis.reading.reply_table.replies`, and in `log` the log that holds the reply.
        judges: Who gave each score; a scorer that graded nothing is absent.
        scores: Each scorer's name in this grading of the log: `compliance1` where it was graded again.
        grading: Which grading of the log this is, from 1.
        stopped: How it was looked at, where it could end early.
    """

    log: EvalLog
    parts: tuple[Part, ...]
    samples: pd.DataFrame
    judges: dict[str, Judge]
    scores: Grading
    grading: int
    stopped: Stopped | None = None


class LeftOut(NamedTuple):
    """A log that the report does not use, and why."""

    path: str
    reason: str


def read_logs(folder: str, watch: Watch = iter) -> tuple[list[Run], list[LeftOut]]:
    """Read every log of the suite in a folder.

    Args:
        folder: A folder, searched with its subfolders, or one log; local or an fsspec URL.
        watch: What the paths pass through while they are read, to show progress.

    Returns:
        The runs, oldest first, one for each time that a log was graded; and the logs that were left out.

    Raises:
        UserError: There is no such folder, or it holds no log.
    """
    paths = sorted(_paths(folder))
    if not paths:
        raise UserError(f"{folder}: holds no .eval or .json log; run `inspect eval evals/alignment_faking.py` first")
    runs: list[Run] = []
    left_out: list[LeftOut] = []
    for path in watch(paths):
        found = _read(path)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            runs += found
    return sorted(runs, key=_order), left_out


def _order(run: Run) -> tuple[str, str, str, int]:
    return run.log.eval.created, run.log.eval.model, run.log.eval.task, run.grading


def _paths(folder: str) -> Iterator[str]:
    local = "://" not in folder
    if local and Path(folder).is_file():
        yield folder
        return
    if local and not Path(folder).is_dir():
        raise UserError(f"{folder}: no such folder or log")
    listed = [info.name.removeprefix("file://") for info in list_eval_logs(folder)]
    yield from listed
    if local:
        known = {Path(path).resolve() for path in listed}
        yield from (str(path) for path in Path(folder).rglob("*.json") if path.resolve() not in known and _is_log(path))


def _is_log(path: Path) -> bool:
    """Tell whether a JSON file is a log by how it begins: Inspect lists only those that bear a log's usual name."""
    try:
        with path.open("rb") as file:
            return LOG_BEGINS.match(file.read(400)) is not None
    except OSError:
        return False


def _read(path: str) -> list[Run] | LeftOut:
    try:
        log = read_eval_log(path, header_only=True)
        if reason := _foreign(log):
            return LeftOut(path, reason)
        RunMetadata.model_validate(log.eval.metadata)
        return _runs(path, log, [summary for summary in read_summaries(path) if summary.completed])
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        return LeftOut(path, f"cannot be read: {'.'.join(map(str, problem['loc']))}: {problem['msg']}")
    except UNREADABLE as error:
        return LeftOut(path, f"cannot be read: {type(error).__name__}: {error}")


def _foreign(log: EvalLog) -> str:
    """Say why a log is none of this evaluation, "" where it is one."""
    facts = log.eval.metadata or {}
    if "labels_sha256" in facts:
        return "a grader's run against labels; the report uses its calibration record"
    if SUITE not in facts:
        return f"another task: {log.eval.task}"
    missing = [name for name, field in RunMetadata.model_fields.items() if field.is_required() and name not in facts]
    return f"its metadata lack {missing[0]!r}" if missing else ""


def _runs(path: str, log: EvalLog, done: list[SampleSummary]) -> list[Run] | LeftOut:
    scored = [summary for summary in done if OUTCOME in (summary.scores or {})]
    errored = sum(OUTCOME not in (summary.scores or {}) and not cancelled(summary) for summary in done)
    in_set = bool(log.eval.eval_set_id)
    part = Part(
        path=path,
        status=log.status,
        held=len(scored),
        planned=_planned(log),
        errored=errored,
        skipped=skipped(log),
        under_way=under_way(path, log.status, done),
        in_set=in_set,
        invalidated=sum(summary.invalidation is not None for summary in scored),
    )
    if not scored:
        held = f"{errored} of {part.planned} samples, which ended in an error" if errored else "no finished sample"
        why = mistake(log.error.message) if log.error else ""
        further = f"it cannot be run so: {why}" if why else resume(path, in_set)
        return LeftOut(path, f"holds {held} (status {log.status}); {further}")
    if len({summary.metadata["material"] for summary in scored}) > 1:
        return LeftOut(path, "was resumed with other queries or prompts; its samples are not of one run")
    runs = [
        Run(
            log,
            (part,),
            replies(scored, grading).assign(log=path),
            judges(scored, grading),
            grading,
            number,
            stopped(log),
        )
        for number, grading in enumerate(gradings(scored), start=1)
    ]
    twice = runs[0].samples[runs[0].samples.duplicated(list(REPLY))]
    if len(twice):
        return LeftOut(path, f"holds the reply to {twice['sample'].iloc[0]} (epoch {twice['epoch'].iloc[0]}) twice")
    return runs


def _planned(log: EvalLog) -> int:
    epochs = log.eval.config.epochs or 1
    total = log.results.total_samples if log.results else len(log.eval.dataset.sample_ids or []) * epochs
    return total - skipped(log)
