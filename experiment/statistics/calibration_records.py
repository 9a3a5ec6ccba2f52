"""Calibration records: what a run against labels found out about a grader, small enough to travel with every report."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, NonNegativeInt, ValidationError

from experiment.front_matter import Record
from experiment.statistics.agreement import Confusion

SUFFIX = ".calibration.jsonl"


def _complete(counts: dict[str, int]) -> dict[str, int]:
    if set(counts) != set(Confusion._fields):
        raise ValueError(f"must have the counts {', '.join(Confusion._fields)}")
    return counts


Counts = Annotated[dict[str, NonNegativeInt], AfterValidator(_complete)]


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
    votes: NonNegativeInt
    labels: list[str]
    labels_sha256: str
    counts: Counts
    tiers: dict[str, Counts]
    ungraded: NonNegativeInt
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


class Refused(NamedTuple):
    """A line that is no calibration record: its place, and why."""

    place: str
    reason: str


def read_calibrations(path: Path) -> tuple[list[Calibration], list[Refused]]:
    """Read calibration records.

    Args:
        path: A file of records, one JSON object a line, or a folder that is searched for such files.

    Returns:
        The records, and the lines that are none.
    """
    files = [path] if path.is_file() else sorted(path.rglob(f"*{SUFFIX}"))
    records, refused = [], []
    for file in files:
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            try:
                records += [Calibration.model_validate_json(line)] if line.strip() else []
            except ValidationError as error:
                problem = error.errors()[0]
                where = ".".join(map(str, problem["loc"]))
                reason = f"no calibration record: {where + ': ' if where else ''}{problem['msg']}"
                refused.append(Refused(f"{file}: line {number}", reason))
    return records, refused


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
