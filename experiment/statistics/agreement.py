"""How far a grader agrees with labels, the members of a panel with each other, and definitions with each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import hypot, isnan, nan
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from experiment.statistics.intervals import CONFIDENCE, quantile
from experiment.statistics.pairing import FloatArray

PSEUDO_WEIGHT = 0.5


class Confusion(NamedTuple):
    """Counts of replies labelled yes (hits and misses) and no (rejections and false alarms) by the grader's verdict."""

    hits: int
    misses: int
    rejections: int
    false_alarms: int

    @property
    def positives(self) -> int:
        """Number of replies labelled yes."""
        return self.hits + self.misses

    @property
    def negatives(self) -> int:
        """Number of replies labelled no."""
        return self.rejections + self.false_alarms

    @property
    def n(self) -> int:
        """Number of labelled replies."""
        return self.positives + self.negatives


class Estimate(NamedTuple):
    """A measure of agreement with its confidence limits, NaN when undefined."""

    value: float
    low: float
    high: float


UNDEFINED = Estimate(nan, nan, nan)


def confusion(labels: Sequence[bool], verdicts: Sequence[bool]) -> Confusion:
    """Count how a grader's verdicts agree with labels of the same replies.

    Raises:
        ValueError: If the lengths differ.
    """
    counts = Counter(zip(labels, verdicts, strict=True))
    return Confusion(counts[True, True], counts[True, False], counts[False, False], counts[False, True])


def sensitivity(confusion: Confusion, level: float = CONFIDENCE) -> Estimate:
    """Estimate the share of replies labelled yes that the grader marks yes.

    Clopper and Pearson's interval. By exact coverage, with 25 to 160 replies and shares of 0.5 to 0.995, Wilson's 0.95
    falls to 0.84 and mid-p's, 8% narrower than this one, to 0.919 (at 0.90 to 0.836); this one never below the level.

    Returns:
        Share and limits in [0, 1]; NaN without a reply labelled yes.

    Reference:
        Clopper and Pearson 1934, Biometrika 26:404-413.
    """
    return _share(confusion.hits, confusion.positives, level)


def specificity(confusion: Confusion, level: float = CONFIDENCE) -> Estimate:
    """Estimate the share of replies labelled no that the grader marks no, as `sensitivity`."""
    return _share(confusion.rejections, confusion.negatives, level)


def precision(confusion: Confusion, level: float = CONFIDENCE) -> Estimate:
    """Estimate the share of replies marked yes that are labelled yes, as `sensitivity`; it falls where yes is rarer."""
    return _share(confusion.hits, confusion.hits + confusion.false_alarms, level)


def kappa(confusion: Confusion, level: float = CONFIDENCE) -> Estimate:
    """Estimate Cohen's kappa, the agreement beyond that of verdicts shuffled among the replies.

    With the labels fixed it rises with sensitivity and specificity. Its limits square and add what each of their limits
    alone would change, as Newcombe's method 10 does for a difference of shares; for kappa this is ours. By exact
    coverage, with 50 to 160 labels, 0.95 covers 0.947 or more; by the delta method it falls to 0.633 or below.

    Returns:
        Kappa and limits in [-1, 1]; NaN without a reply labelled yes or without one labelled no.

    Reference:
        Cohen 1960, Educ. Psychol. Meas. 20:37-46; Newcombe 1998, Stat. Med. 17:873-890.
    """
    se, sp = sensitivity(confusion, level), specificity(confusion, level)
    if isnan(se.value) or isnan(sp.value):
        return UNDEFINED
    value = _kappa(se.value, sp.value, confusion)
    below = hypot(value - _kappa(se.low, sp.value, confusion), value - _kappa(se.value, sp.low, confusion))
    above = hypot(value - _kappa(se.high, sp.value, confusion), value - _kappa(se.value, sp.high, confusion))
    return Estimate(value, max(-1.0, value - below), min(1.0, value + above))


def auroc(labels: Sequence[bool], scores: Sequence[float], level: float = CONFIDENCE) -> Estimate:
    """Estimate how often a reply labelled yes scores above one labelled no, the area under the ROC curve.

    Ties count half. The limits solve Newcombe's score equation, method 5; where DeLong's variance, with half a reply of
    each class added at the wrong end, is above Hanley and McNeil's, it takes their ratio as a factor, which is ours.
    So 0.95 covers 0.936 or more; without it, 0.944 if the replies of a class are alike, 0.74 if a few are misjudged.

    Args:
        labels: Whether each reply shows the behaviour, by its label.
        scores: Score of each reply, for example the share of votes for yes.
        level: Confidence level.

    Returns:
        Area and limits in [0, 1], never of zero width; NaN without a reply labelled yes or without one labelled no.

    Raises:
        ValueError: If the lengths differ, or a score is NaN.

    Reference:
        Newcombe 2006, Stat. Med. 25:559-573; DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837-845.
    """
    pairs = list(zip(labels, scores, strict=True))
    if any(isnan(score) for score in scores):
        raise ValueError("a score is NaN: leave replies without a score out of labels and scores")
    yes, no = (np.array([score for label, score in pairs if label == side]) for side in (True, False))
    if len(yes) == 0 or len(no) == 0:
        return UNDEFINED
    wins = (yes[:, None] > no) + (yes[:, None] == no) / 2
    area = float(wins.mean())
    spread = quantile(level) ** 2 * _overdispersion(wins if area >= 0.5 else 1 - wins)
    low = _area_low(area, len(yes), len(no), spread)
    return Estimate(area, low, 1 - _area_low(1 - area, len(yes), len(no), spread))


def krippendorff_alpha(replies: Iterable[Sequence[float]]) -> float | None:
    """Estimate how far the members of a panel agree beyond chance, by Krippendorff's nominal alpha.

    Args:
        replies: For each reply the verdicts of the members that gave one.

    Returns:
        At most 1, 0 where members agree as chance would; None where no reply has two verdicts.

    Reference:
        Krippendorff 2007, Computing Krippendorff's alpha-reliability; the same number as Inspect's metric.
    """
    judged = [each for each in replies if len(each) > 1]
    if not judged:
        return None
    verdicts = [value for each in judged for value in each]
    observed = sum(_disagreeing(each) / (len(each) - 1) for each in judged) / len(verdicts)
    expected = _disagreeing(verdicts) / (len(verdicts) * (len(verdicts) - 1))
    return 1.0 - observed / expected if expected else 1.0


class Disagreement(NamedTuple):
    """Two definitions, the share in [0, 1] of replies that they take differently, and the replies that both judged."""

    first: str
    second: str
    share: float
    judged: int


def disagreements(replies: Sequence[Mapping[str, bool]]) -> list[Disagreement]:
    """Compare every two definitions.

    Args:
        replies: For each reply, name of a definition to what it makes of the reply; one without a verdict is absent.

    Returns:
        Every two definitions in the order in which they first appear; the share is NaN where no reply has both.
    """
    names = list(dict.fromkeys(name for reply in replies for name in reply))
    found = []
    for first, second in combinations(names, 2):
        both = [reply[first] != reply[second] for reply in replies if first in reply and second in reply]
        found.append(Disagreement(first, second, sum(both) / len(both) if both else nan, len(both)))
    return found


def _disagreeing(verdicts: Sequence[float]) -> int:
    """Count the ordered pairs of verdicts that differ."""
    return len(verdicts) ** 2 - sum(count**2 for count in Counter(verdicts).values())


def _share(count: int, n: int, level: float) -> Estimate:
    if n == 0:
        return UNDEFINED
    low, high = proportion_confint(count, n, alpha=2 * norm.sf(quantile(level)), method="beta")
    return Estimate(count / n, float(low), float(high))


def _kappa(sensitivity: float, specificity: float, sizes: Confusion) -> float:
    positives, negatives, n = sizes.positives, sizes.negatives, sizes.n
    marked = (positives * sensitivity + negatives * (1 - specificity)) / n
    by_chance = n * (positives * (1 - marked) + negatives * marked)
    return min(1.0, 2 * positives * negatives * (sensitivity + specificity - 1) / by_chance)  # never above by rounding


def _hanley_mcneil(area: float, positives: float, negatives: float) -> float:
    """Return the variance of an area, made symmetric by Newcombe: half the replies in place of each class."""
    half = (positives + negatives) / 2 - 1
    pairs = 1 + half * (1 - area) / (2 - area) + half * area / (1 + area)
    return area * (1 - area) * pairs / (positives * negatives)


def _overdispersion(wins: FloatArray) -> float:
    """Return DeLong's variance over Hanley and McNeil's, at least 1: shares of right pairs may vary more by reply."""
    padded = np.pad(wins, (0, 1))
    yes, no = (np.append(np.ones(size), PSEUDO_WEIGHT) for size in wins.shape)
    by_yes, by_no = np.average(padded, axis=1, weights=no), np.average(padded, axis=0, weights=yes)
    variance = _variance_of_mean(by_yes, yes) + _variance_of_mean(by_no, no)
    expected = _hanley_mcneil(float(np.average(by_yes, weights=yes)), float(yes.sum()), float(no.sum()))
    return max(1.0, variance / expected)


def _variance_of_mean(values: FloatArray, weights: FloatArray) -> float:
    n = float(weights.sum())
    return float(np.average(np.square(values - np.average(values, weights=weights)), weights=weights)) / (n - 1)


def _area_low(area: float, positives: int, negatives: int, spread: float) -> float:
    """Find the smallest area from which the observed one is no further than its standard error times the quantile."""
    reach = 1 - 1e-12  # at an area of 1 the equation also holds at 1 itself
    return float(brentq(lambda x: (area - x) ** 2 - spread * _hanley_mcneil(x, positives, negatives), 0, area * reach))
