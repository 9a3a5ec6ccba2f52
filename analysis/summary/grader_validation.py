"""What labels say of the grader of a run, and what its rates and gap would be without the grader's errors."""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.reading.logs import Run
from experiment.statistics.agreement import Confusion, Estimate, sensitivity, specificity
from experiment.statistics.calibration_records import Calibration, Judge, fitting
from experiment.statistics.gap import Gap, Rate
from experiment.statistics.grader_error_correction import (
    Correction,
    corrected_gap,
    corrected_rate,
    gap_from_unequal_errors,
)

DIFFERENCES = (0.01, 0.02, 0.05)
UNGRADED = "nothing was graded"


class Validation(NamedTuple):
    """What is known of a grader's errors on one score.

    Args:
        judge: The grader, None where nothing was graded.
        record: The calibration record, None where none fits.
        problem: Why none fits, "" where one does.
    """

    judge: Judge | None
    record: Calibration | None
    problem: str

    @property
    def sensitivity(self) -> Estimate:
        """The share of labelled cases that the grader finds."""
        return sensitivity(self._counts)

    @property
    def specificity(self) -> Estimate:
        """The share of labelled non-cases that the grader lets pass."""
        return specificity(self._counts)

    @property
    def _counts(self) -> Confusion:
        return self.record.confusion if self.record else Confusion(0, 0, 0, 0)

    def rate(self, rate: Rate) -> Correction | None:
        """Return a rate without the grader's errors, None without a record."""
        return corrected_rate(rate.estimate, rate.effective, self.record.confusion) if self.record else None

    def gap(self, gap: Gap) -> Correction | None:
        """Return a gap without the grader's errors, None without a record."""
        return corrected_gap(gap.estimate, gap.stderr, self.record.confusion) if self.record else None

    def false_gaps(self, untrained: Rate) -> dict[float, float]:
        """Return the gaps that would show, without any true one, if the specificity differed by tier.

        Returns:
            Difference in specificity, in [0, 1], to the gap, at the corrected rate; nothing without a record.
        """
        rate = self.rate(untrained)
        if not self.record or not rate:
            return {}
        return {each: gap_from_unequal_errors(self.record.confusion, rate.value, each) for each in DIFFERENCES}


def validate(run: Run, score: str, calibrations: Sequence[Calibration]) -> Validation:
    """Find what labels say of the grader of a run."""
    judge = run.judges.get(score)
    if judge is None:
        return Validation(None, None, UNGRADED)
    record, problem = fitting(calibrations, score, judge)
    return Validation(judge, record, problem)
