"""Running one shard of a cell, and what became of it."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from dotenv import find_dotenv, load_dotenv
from filelock import FileLock, Timeout
from inspect_ai import eval_set
from inspect_ai.hooks import Hooks, SampleEnd, hooks
from inspect_ai.log import EvalLog
from inspect_ai.util import DisplayType
from rich.errors import MarkupError
from rich.text import Text

from evals.closing_messages import quality_warnings, resume_hint, without_closing_messages
from experiment.errors import UserError
from experiment.paths import reading_from
from experiment.queries.labelled_replies import COMPLIANCE
from experiment.secrets import scrubbed
from grids.cells import Shard
from grids.existing_logs import folder_of, headers, reject_changed
from grids.plan import TASK, planned
from scorers.grader.grader_panel import GRADER

DISPLAY: DisplayType = "log"  # "none" would lay out the table of metrics all the same
LONGEST = 500  # characters of an error; some repeat all that was sent
ROOT = Path(__file__).parents[1]
STEPS = 10
LEAST = 25  # samples between two messages of progress
Status = Literal["done", "complete already", "failed", "refused", "ungraded"]


@hooks(name="grid_progress", description="says how far a cell of a grid is")
class Progress(Hooks):
    """Prints how many samples of a shard are done, at about every tenth of them."""

    running: Shard | None = None
    done = 0

    def enabled(self) -> bool:
        """Tell whether this process runs a shard."""
        return Progress.running is not None

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Count one more sample."""
        shard = Progress.running
        Progress.done += 1
        if shard and Progress.done < shard.planned and Progress.done % max(shard.planned // STEPS, LEAST) == 0:
            print(f"{shard.name}: {Progress.done} of {shard.planned} samples", file=sys.stderr, flush=True)


@contextmanager
def _progress_of(shard: Shard) -> Iterator[None]:
    Progress.running, Progress.done = shard, 0
    try:
        yield
    finally:
        Progress.running = None


class Outcome(NamedTuple):
    """What became of a shard.

    Args:
        name: The shard's name.
        status: One word or two.
        samples: How many samples its log holds.
        reason: Why it failed or was refused, or which grades its log lacks, in one sentence without any key.
    """

    name: str
    status: Status
    samples: int
    reason: str = ""


def run_shard(shard: Shard, log_dir: str, prices: str | None = None) -> Outcome:
    """Run what is missing of a shard, in a folder of its own below that of the grid.

    Whatever goes wrong is returned and not raised, so that other shards continue.

    Raises:
        KeyboardInterrupt: Somebody interrupted; the log holds what was finished.
    """
    try:
        # Inspect greets and says that all is complete even where nothing is to be shown.
        with _progress_of(shard), redirect_stdout(io.StringIO()), without_closing_messages(), _locked(shard, log_dir):
            return _run(shard, log_dir, prices)
    except Timeout:
        reason = f"{folder_of(shard, log_dir)} is being run by another process; wait for it, or give another --log-dir"
        return Outcome(shard.name, "refused", 0, reason)
    except Exception as error:  # every provider has errors of its own, and none may stop the other cells
        return Outcome(shard.name, "failed", 0, reason_of(f"{error}", type(error).__name__))


@contextmanager
def _locked(shard: Shard, log_dir: str) -> Iterator[None]:
    """Keep a second process from running the same shard, until this one ends or dies; folders behind URLs are open."""
    folder = folder_of(shard, log_dir)
    if "://" in folder:
        yield
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    with FileLock(Path(folder) / ".lock", timeout=0):
        yield


def reason_of(message: str, kind: str = "error") -> str:
    """Return an error as one line, without markup and without keys."""
    line = " ".join(message.split()) or kind
    with suppress(MarkupError):
        line = Text.from_markup(line).plain
    return scrubbed(line, os.environ)[:LONGEST]  # a key that is cut in two would not be found


def _run(shard: Shard, log_dir: str, prices: str | None) -> Outcome:
    load_dotenv(find_dotenv(usecwd=True))
    cell, run, folder = shard.cell, shard.cell.run, folder_of(shard, log_dir)
    model, graders = cell.model.open(), [grader.open() for grader in cell.graders]
    try:
        reject_changed(planned(cell, [str(model), *map(str, graders)]), shard, model, graders, log_dir)
    except UserError as error:
        return Outcome(shard.name, "refused", 0, reason_of(str(error)))
    before = {log.location for log in headers(folder)}
    with _at_root():
        success, logs = eval_set(
            TASK,
            log_dir=folder,
            model=[model],
            model_roles={GRADER: graders if len(graders) > 1 else graders[0]},
            task_args=cell.task,
            limit=shard.limit,
            epochs=cell.epochs,
            model_cost_config=prices,
            display=DISPLAY,
            score_display=False,
            retry_immediate=run.retry_attempts > 0,
            **run.model_dump(),
        )
    if not logs or any(log.status == "cancelled" for log in logs):
        raise KeyboardInterrupt  # which Inspect turns into a log that says so
    held = sum(log.results.completed_samples if log.results else 0 for log in logs)
    if not success:
        return Outcome(shard.name, "failed", held, _problem(logs))
    lacking = " ".join(filter(None, (resume_hint(log.eval, log) for log in logs)))
    if lacking and any(map(_without_verdict, logs)):
        return Outcome(shard.name, "ungraded", held, lacking)
    status: Status = "complete already" if {log.location for log in logs} <= before else "done"
    weak = " ".join(sentence for log in logs for sentence in quality_warnings(log))
    return Outcome(shard.name, status, held, " ".join(filter(None, (lacking, weak))))


@contextmanager
def _at_root() -> Iterator[None]:
    """Stand where Inspect's name for the task's file is the same for everybody, or it would take a log for foreign."""
    with reading_from(Path.cwd()), chdir(ROOT):
        yield


def _without_verdict(log: EvalLog) -> bool:
    scores = log.results.scores if log.results else []
    return any(score.name == COMPLIANCE and not score.scored_samples for score in scores)


def _problem(logs: list[EvalLog]) -> str:
    messages = [log.error.message if log.error else f"it ended with status {log.status}" for log in logs]
    return reason_of(next(iter(messages), "no log was written"))
