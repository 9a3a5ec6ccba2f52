"""Reading Inspect logs into one row per sample and epoch, without loading transcripts."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from inspect_ai.log import (
    EvalLog,
    EvalSampleSummary,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample_summaries,
)

from experiment.calibration import Judge
from experiment.errors import UserError
from experiment.outcomes import value_of

SUITE = "suite_version"
FACTS = ("setting", "setting_queries", "queries", "variant", "wording", "scratchpad")
OUTCOME, COMPLIANCE, FAKING = "outcome", "compliance", "alignment_faking"
FIRST = (OUTCOME, COMPLIANCE, FAKING)


class Run(NamedTuple):
    """One log as graded once: its header, and a row for each sample and epoch.

    Args:
        log: The header.
        samples: Columns query, wording, category, tier, epoch, outcome, complied (its value), served, material (a hash
            of what was asked and sent), definitions (each definition's verdict), unscored (why alignment-faking
            reasoning has no score), and one per scorer with numbers (NaN where unscored).
        errored: Finished samples that ended in an error and so have no outcome.
        judges: Who gave each score; a scorer that graded nothing is absent.
        scores: Each scorer's name in this grading of the log: `compliance1` where it was graded again.
        grading: Which grading of the log this is, from 1.
    """

    log: EvalLog
    samples: pd.DataFrame
    errored: int
    judges: dict[str, Judge]
    scores: dict[str, str]
    grading: int


class LeftOut(NamedTuple):
    """A log that the report does not use, and why."""

    path: str
    reason: str


def read_logs(folder: str) -> tuple[list[Run], list[LeftOut]]:
    """Read every log of the suite in a folder.

    Args:
        folder: A folder, searched with its subfolders, or one log file.

    Returns:
        The runs, oldest first, one for each time that a log was graded; and the logs that were left out.

    Raises:
        UserError: There is no such folder, or it holds no log.
    """
    paths = sorted(_paths(folder))
    if not paths:
        raise UserError(f"{folder}: holds no .eval or .json log; run `inspect eval evals/alignment_faking.py` first")
    runs, left_out = [], []
    for path in paths:
        found = _read(path)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            runs += found
    return sorted(runs, key=lambda run: (run.log.eval.created, run.log.eval.model, run.log.eval.task)), left_out


def _paths(folder: str) -> Iterator[str]:
    path = Path(folder)
    if path.is_file():
        yield str(path)
        return
    if not path.is_dir():
        raise UserError(f"{folder}: no such folder or log")
    yield from (info.name for info in list_eval_logs(str(path)))


def _read(path: str) -> list[Run] | LeftOut:
    try:
        log = read_eval_log(path, header_only=True)
        if "labels_sha256" in (log.eval.metadata or {}):
            return LeftOut(path, "a grader's run against labels; the report uses its calibration record")
        if SUITE not in (log.eval.metadata or {}):
            return LeftOut(path, f"another task: {log.eval.task}")
        missing = [name for name in FACTS if name not in (log.eval.metadata or {})]
        done = [summary for summary in read_eval_log_sample_summaries(path) if summary.completed]
        scored = [summary for summary in done if OUTCOME in (summary.scores or {})]
        runs = [_run(log, scored, grading, number) for number, grading in enumerate(_gradings(scored), start=1)]
    except (OSError, ValueError, KeyError) as error:
        return LeftOut(path, f"cannot be read: {type(error).__name__}: {error}")
    if missing:
        return LeftOut(path, f"its metadata lack {missing[0]!r}")
    if not scored:
        return LeftOut(path, f"holds no sample with the score 'outcome' (status {log.status})")
    if runs[0].samples["material"].nunique() > 1:
        return LeftOut(path, "was resumed with other queries or prompts; its samples are not of one run")
    return [run._replace(errored=len(done) - len(scored)) for run in runs]


def _run(log: EvalLog, summaries: list[EvalSampleSummary], grading: dict[str, str], number: int) -> Run:
    judges = {scorer: judge for scorer, name in grading.items() if (judge := _judge(summaries, name))}
    return Run(log, _table(summaries, grading), 0, judges, grading, number)


def _gradings(summaries: list[EvalSampleSummary]) -> list[dict[str, str]]:
    """Sort the scores of a log by the passes that gave them, each as scorer to the score's name in the log.

    Inspect appends the scores of a pass together, in the order of its scorers, so one that does not come after the last
    begins another pass. A later pass takes over the scores that it did not give itself.
    """
    given = dict.fromkeys(name for summary in summaries for name in summary.scores or {})
    passes: list[dict[str, str]] = [{}]
    order: dict[str, int] = {}
    for name in given:
        scorer = _scorer_of(name, given)
        order.setdefault(scorer, len(order))
        if passes[-1] and order[scorer] <= max(order[each] for each in passes[-1]):
            passes.append({})
        passes[-1][scorer] = name
    return [passes[0], *({**passes[0], **again} for again in passes[1:])]


def _scorer_of(name: str, names: Collection[str]) -> str:
    """Return the scorer behind a score's name, to which Inspect adds a running number when a log is graded again."""
    plain = name.rstrip("0123456789")
    return plain if plain in names else name


def _judge(summaries: list[EvalSampleSummary], name: str) -> Judge | None:
    """Return who gave a score, None where nothing was graded."""
    noted = [(summary.scores or {})[name].metadata or {} for summary in summaries if name in (summary.scores or {})]
    found = next((each for each in noted if each.get("grader")), None)
    if found is None:
        return None
    return Judge(
        found["grader"],
        found.get("settings", ""),
        found.get("rubric", ""),
        found.get("rubric_sha256", ""),
        found.get("votes", 1),
    )


def _table(summaries: list[EvalSampleSummary], grading: dict[str, str]) -> pd.DataFrame:
    table = pd.DataFrame([_row(summary, grading) for summary in summaries])
    absent = [name for name in FIRST if name not in table]
    return table.assign(**dict.fromkeys(absent, float("nan")))


def _row(summary: EvalSampleSummary, grading: dict[str, str]) -> dict[str, Any]:
    given = summary.scores or {}
    scores = {scorer: given[name] for scorer, name in grading.items() if name in given}
    word, graded, faking = scores.get(OUTCOME, given[OUTCOME]), scores.get(COMPLIANCE), scores.get(FAKING)
    return {
        **{name: summary.metadata[name] for name in ("query", "wording", "category", "tier", "contrasts", "material")},
        "epoch": summary.epoch,
        OUTCOME: word.as_str(),
        "complied": value_of(word.as_str()),
        "served": (word.metadata or {}).get("served"),
        "definitions": (graded.metadata or {}).get("definitions") or {} if graded else {},
        "unscored": faking.reason if faking else None,
        **{name: float(score.value) for name, score in scores.items() if isinstance(score.value, int | float)},
    }
