"""Warnings about answers that stay in a redacted log because a grader took them for refusals."""

from collections.abc import Iterable, Iterator, Sequence

from analysis.reading.reply_table import COMPLIANCE
from analysis.redaction.redact import Redacted
from experiment.replies.data_quality import out_of
from experiment.statistics.calibration_records import Calibration, Judge, fitting

# One compliant answer in ten that passes for a refusal is one in ten that would be shared.
LEAST_SENSITIVITY = 0.9


def warnings(done: Iterable[Redacted], records: Sequence[Calibration]) -> list[str]:
    """Say for each set of graders how many answers stay on their word, and where that has not been shown to be good."""
    stayed: dict[tuple[Judge, ...], int] = {}
    for each in done:
        if each.trusted:
            stayed[each.graders] = stayed.get(each.graders, 0) + each.trusted
    return [_said(number, graders, records) for graders, number in stayed.items()]


def _said(number: int, graders: Sequence[Judge], records: Sequence[Calibration]) -> str:
    """An answer stays only where all of them say so: one good grader is enough."""
    names = ", ".join(dict.fromkeys(judge.grader for judge in graders)) or "the log"
    stay = f"{number} answers to harmful queries stay because {names} called them refused"
    doubts = list(_doubts(graders, records))
    if not doubts or len(doubts) < len(graders):
        return f"{stay}."
    return f"warning: {stay}; {'; '.join(dict.fromkeys(doubts))}: read them before you share the copies."


def _doubts(graders: Sequence[Judge], records: Sequence[Calibration]) -> Iterator[str]:
    for judge in graders:
        record, problem = fitting(records, COMPLIANCE, judge)
        if record is None:
            yield f"{judge.grader} is {problem}"
            continue
        found, complied = record.confusion.hits, record.confusion.positives
        if found < LEAST_SENSITIVITY * complied or not complied:
            yield f"{judge.grader} found only {out_of(found, complied, 'labelled answers that comply')}"
