"""What a rate or a gap would be without the grader's errors, as far as labels tell."""

from math import isnan, nan, sqrt
from typing import NamedTuple

from experiment.statistics.agreement import Confusion
from experiment.statistics.intervals import CONFIDENCE, Interval, quantile

MIN_SEPARATION = 0.5
MIN_ERRORS = 4


class Correction(NamedTuple):
    """A corrected rate or gap with its confidence limits.

    Attributes:
        value, low, high: Estimate and limits; NaN when refused.
        refused: Why there is no correction, one sentence; empty when there is one.
    """

    value: float
    low: float
    high: float
    refused: str


class _Grader(NamedTuple):
    """A grader's shares of right verdicts, with one pseudo-reply judged rightly and one wrongly in each class."""

    sensitivity: float
    specificity: float
    sensitivity_variance: float
    specificity_variance: float

    @property
    def separation(self) -> float:
        """How much more often a reply is marked yes when it is one: Youden's J, 1 for a perfect grader, 0 for none."""
        return self.sensitivity + self.specificity - 1

    @property
    def stderr(self) -> float:
        """Standard error of the separation."""
        return sqrt(self.sensitivity_variance + self.specificity_variance)


def corrected_rate(rate: float, n: float, confusion: Confusion, level: float = CONFIDENCE) -> Correction:
    """Estimate the rate that labels would show from the rate that the grader shows.

    The estimate is Rogan and Gladen's, at smoothed sensitivity and specificity; the interval is Lang and Reiczigel's.
    For a rare behaviour read the upper limit: false alarms may be most of the marks.

    Args:
        rate: Share of replies that the grader marks yes, in [0, 1].
        n: Number of replies, or an effective number, which need not be whole.
        confusion: The grader against labels.
        level: Confidence level.

    Returns:
        Rate and limits in [0, 1]; refused as `refusal` says, without a rate, and when the limits lie outside [0, 1].

    Raises:
        ValueError: If the rate is outside [0, 1].

    Reference:
        Rogan and Gladen 1978, Am. J. Epidemiol. 107:71-76; Lang and Reiczigel 2014, Prev. Vet. Med. 113:13-22.
    """
    if isnan(rate) or n == 0:
        return _refused("there is no rate")
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate is in [0, 1], for example 0.05, not {rate}")
    if reason := refusal(confusion):
        return _refused(reason)
    grader = _smoothed(confusion)
    return _within((rate + grader.specificity - 1) / grader.separation, _rate_limits(rate, n, grader, level), 0.0)


def corrected_gap(gap: float, stderr: float, confusion: Confusion, level: float = CONFIDENCE) -> Correction:
    """Estimate the gap that labels would show from the gap that the grader shows.

    False alarms cancel in a difference and misses shrink it, so it is divided by sensitivity + specificity - 1. The
    variance is the delta method's, with smoothed shares. This assumes equal error rates in both tiers;
    `gap_from_unequal_errors` shows what that is worth.

    Args:
        gap: Difference between the tiers by the grader, in [-1, 1].
        stderr: Its standard error, `Gap.stderr`.
        confusion: The grader against labels of both tiers.
        level: Confidence level.

    Returns:
        Gap and limits in [-1, 1]; refused as `refusal` says, without a gap, and when the limits lie outside [-1, 1].

    Raises:
        ValueError: If the gap is outside [-1, 1].

    Reference:
        Division by J: Rogan and Gladen 1978, Am. J. Epidemiol. 107:71-76; the interval is ours.
    """
    if isnan(gap) or isnan(stderr):
        return _refused("there is no gap")
    if not -1 <= gap <= 1:
        raise ValueError(f"a gap is in [-1, 1], for example 0.05, not {gap}")
    if reason := refusal(confusion):
        return _refused(reason)
    grader = _smoothed(confusion)
    value = gap / grader.separation
    half = quantile(level) * sqrt(stderr**2 + (value * grader.stderr) ** 2) / grader.separation
    return _within(value, Interval(value - half, value + half), -1.0)


def gap_from_unequal_errors(confusion: Confusion, rate: float, difference: float) -> float:
    """Return the corrected gap that would appear, with no true gap, if the grader's specificity differed by tier.

    Args:
        confusion: The grader against labels.
        rate: True rate in both tiers, in [0, 1].
        difference: Specificity in the second tier minus that in the first.

    Returns:
        The false gap, of the sign of the difference; NaN when a correction is refused. Ours: the tiers' false alarms
        differ by difference * (1 - rate), and the correction divides that by J.
    """
    return nan if refusal(confusion) else difference * (1 - rate) / _smoothed(confusion).separation


def refusal(confusion: Confusion) -> str:
    """Say why labels cannot support a correction.

    They must hold both classes, and J = sensitivity + specificity - 1, smoothed, must be at least 0.5 and at least 4 of
    its standard errors. Both limits are ours, from simulated widths and coverage.

    Returns:
        One sentence with the numbers; empty when a correction is supported.
    """
    if not confusion.positives or not confusion.negatives:
        label, share = ("no", "specificity") if confusion.positives else ("yes", "sensitivity")
        return f"no reply is labelled {label}, so the grader's {share} is unknown"
    grader = _smoothed(confusion)
    j, error = grader.separation, grader.stderr
    if j < MIN_SEPARATION:
        shares = f"sensitivity {grader.sensitivity:.2f} and specificity {grader.specificity:.2f}"
        return f"{shares} make J {j:.2f}, below {MIN_SEPARATION}: a correction would more than double every error"
    if j < MIN_ERRORS * error:
        counts = f"{confusion.positives} labelled yes and {confusion.negatives} labelled no"
        return (
            f"with {counts}, J is {j:.2f} with standard error {error:.2f}, below {MIN_ERRORS} of them: too few labels"
        )
    return ""


def _smoothed(confusion: Confusion) -> _Grader:
    n1, n0 = confusion.positives + 2, confusion.negatives + 2
    se, sp = (confusion.hits + 1) / n1, (confusion.rejections + 1) / n0
    return _Grader(se, sp, se * (1 - se) / n1, sp * (1 - sp) / n0)


def _rate_limits(rate: float, n: float, grader: _Grader, level: float) -> Interval:
    """Return Lang and Reiczigel's limits, unclipped, in their order: modified counts, shift, variance."""
    z = quantile(level)
    size = n + z**2
    marked = (n * rate + z**2 / 2) / size
    centre = (marked + grader.specificity - 1) / grader.separation
    from_se, from_sp = grader.sensitivity_variance, grader.specificity_variance
    shifted = centre + 2 * z**2 * (centre * from_se - (1 - centre) * from_sp)
    variance = marked * (1 - marked) / size + centre**2 * from_se + (1 - centre) ** 2 * from_sp
    half = z * sqrt(variance) / grader.separation
    return Interval(shifted - half, shifted + half)


def _within(value: float, limits: Interval, floor: float) -> Correction:
    """Clip to [floor, 1]; limits wholly outside would clip to a zero width that claims certainty."""
    low, high = limits
    if high <= floor or low >= 1:
        found = f"the corrected limits {low:.3f} and {high:.3f} lie outside [{floor:.0f}, 1]"
        return _refused(f"{found}: the grader errs less often on these replies than on the labelled ones")
    low, value, high = (min(1.0, max(floor, each)) for each in (low, value, high))
    return Correction(value, low, high, "")


def _refused(reason: str) -> Correction:
    return Correction(nan, nan, nan, reason)
