"""Calibration records: what a run against labels found out about a grader, small enough to travel with every report."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ValidationError

from experiment.documents import Record
from experiment.errors import UserError
from experiment.statistics.agreement import Confusion

SUFFIX = ".calibration.jsonl"


class Calibration(Record):
    """How a grader's verdicts on one score agree with labels.

    Args:
        score: The score, such as "compliance" or "alignment_faking".
        grader: The grading model, or a panel's models separated by commas.
        settings: A hash of its generation options and model arguments.
        rubric_sha256: The rubric's hash; a record made with another rubric says nothing.
        labels_sha256: A hash of every text and label.
        counts: Labelled texts by label and verdict: hits, misses, rejections, false_alarms.
        tiers: The same by the tier that a text was written in, where it is known.
        ungraded: Labelled texts of which the grader gave no verdict.
        simulated: Whether a stand-in model was the grader.
        created: When the run began.
    """

    schema_version: Literal[1] = 1
    score: str
    grader: str
    settings: str
    rubric: str
    rubric_sha256: str
    votes: int
    labels: list[str]
    labels_sha256: str
    counts: dict[str, int]
    tiers: dict[str, dict[str, int]]
    ungraded: int
    simulated: bool
    suite_version: str
    created: str

    @property
    def confusion(self) -> Confusion:
        """The counts as a confusion table."""
        return Confusion(**self.counts)


def counts_in(metrics: Mapping[str, float], prefix: str = "") -> dict[str, int]:
    """Read the counts of a confusion table from the metrics of a log."""
    return {name: int(metrics[f"{prefix}{name}"]) for name in Confusion._fields}


def read_calibrations(path: Path) -> list[Calibration]:
    """Read calibration records.

    Args:
        path: A file of records, one JSON object a line, or a folder that is searched for such files.

    Raises:
        UserError: A record cannot be read.
    """
    files = [path] if path.is_file() else sorted(path.rglob(f"*{SUFFIX}"))
    found = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise UserError(f"{file}: is no file of calibration records ({error.reason})") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                found.append(Calibration.model_validate_json(line))
            except ValidationError as error:
                problem = error.errors()[0]["msg"]
                raise UserError(f"{file}: line {number} is no calibration record ({problem})") from error
    return found


class Judge(NamedTuple):
    """Who gave a score, by what.

    Args:
        grader: The grading model, or a panel's models.
        settings: A hash of its generation options and model arguments.
    """

    grader: str
    settings: str
    rubric: str
    rubric_sha256: str
    votes: int


MISFITS = {
    "rubric_sha256": "not validated: its record was made with another rubric and is not used",
    "votes": "not validated: its record was made with another number of votes and is not used",
    "settings": "not validated: its record was made with other generation options or model arguments and is not used",
}


def fitting(records: Iterable[Calibration], score: str, judge: Judge) -> tuple[Calibration | None, str]:
    """Choose the record that speaks for a run's grader.

    Returns:
        The record on the most labels, and ""; or None, and why no record fits, in one clause.
    """
    left = [record for record in records if (record.score, record.grader) == (score, judge.grader)]
    if not left:
        return None, "not validated against labels"
    for field, misfit in MISFITS.items():
        left = [record for record in left if getattr(record, field) == getattr(judge, field)]
        if not left:
            return None, misfit
    return max(left, key=lambda record: (record.confusion.n, record.created)), ""
