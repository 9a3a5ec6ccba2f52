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
            of what was asked and sent), definitions (each definition's verdict), and one per scorer (NaN where
            unscored).
        errored: Finished samples that ended in an error and so have no outcome.
        judges: Who gave each score; a scorer that graded nothing is absent.
        scores: Each scorer's name in this grading of the log: `compliance1` where it was graded again.
    """

    log: EvalLog
    samples: pd.DataFrame
    errored: int
    judges: dict[str, Judge]
    scores: dict[str, str]


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
        gradings = list(_gradings(scored))
        tables = [_table(scored, grading) for grading, _ in gradings]
    except (OSError, ValueError, KeyError) as error:
        return LeftOut(path, f"cannot be read: {type(error).__name__}: {error}")
    if missing:
        return LeftOut(path, f"its metadata lack {missing[0]!r}")
    if not scored:
        return LeftOut(path, f"holds no sample with the score 'outcome' (status {log.status})")
    if tables[0]["material"].nunique() > 1:
        return LeftOut(path, "was resumed with other queries or prompts; its samples are not of one run")
    errored = len(done) - len(scored)
    return [
        Run(log, table, errored, judges, grading) for table, (grading, judges) in zip(tables, gradings, strict=True)
    ]


def _gradings(summaries: list[EvalSampleSummary]) -> Iterator[tuple[dict[str, str], dict[str, Judge]]]:
    """Sort the scores of a log by the passes that gave them: a log that was graded again holds several.

    A later pass takes over the scores that it did not give itself. Scores of one grader belong to one pass, unless the
    same scorer was run again.
    """
    given = dict.fromkeys(name for summary in summaries for name in summary.scores or {})
    names = {name: _scorer_of(name, given) for name in given}
    judges = {name: judge for name in names if (judge := _judge(summaries, name))}
    first: dict[str, str] = {}
    again: list[dict[str, str]] = []
    for name, scorer in names.items():
        if scorer not in first:
            first[scorer] = name
            continue
        who = judges[name].grader if name in judges else ""
        open_ = (each for each in again if scorer not in each and who in _graders(each, judges))
        pass_ = next(open_, None)
        if pass_ is None:
            again.append({scorer: name})
        else:
            pass_[scorer] = name
    for grading in [first, *({**first, **each} for each in again)]:
        yield grading, {scorer: judges[name] for scorer, name in grading.items() if name in judges}


def _graders(names: dict[str, str], judges: dict[str, Judge]) -> set[str]:
    return {judges[name].grader for name in names.values() if name in judges}


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
    return Judge(found["grader"], found.get("settings", ""), found.get("rubric_sha256", ""), found.get("votes", 1))


def _table(summaries: list[EvalSampleSummary], grading: dict[str, str]) -> pd.DataFrame:
    table = pd.DataFrame([_row(summary, grading) for summary in summaries])
    absent = [name for name in FIRST if name not in table]
    return table.assign(**dict.fromkeys(absent, float("nan")))


def _row(summary: EvalSampleSummary, grading: dict[str, str]) -> dict[str, Any]:
    scores = {
        scorer: (summary.scores or {})[name] for scorer, name in grading.items() if name in (summary.scores or {})
    }
    word, graded = scores[OUTCOME], scores.get(COMPLIANCE)
    return {
        **{name: summary.metadata[name] for name in ("query", "wording", "category", "tier", "contrasts", "material")},
        "epoch": summary.epoch,
        OUTCOME: word.as_str(),
        "complied": value_of(word.as_str()),
        "served": (word.metadata or {}).get("served"),
        "definitions": (graded.metadata or {}).get("definitions") or {} if graded else {},
        **{name: score.as_float() for name, score in scores.items() if name != OUTCOME},
    }
