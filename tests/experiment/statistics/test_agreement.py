"""Agreement with labels against library values, and the coverage of every interval."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.scorer import SampleScore, Score
from inspect_ai.scorer import krippendorff_alpha as inspect_alpha
from scipy.stats import binom, binomtest, mannwhitneyu, norm
from statsmodels.stats.inter_rater import cohens_kappa

from experiment.statistics.agreement import (
    Confusion,
    auroc,
    confusion,
    disagreements,
    kappa,
    krippendorff_alpha,
    precision,
    sensitivity,
    specificity,
)

HELD = 0.935  # 1.5 points below the level of 0.95
CONFUSIONS = st.builds(Confusion, *[st.integers(0, 60)] * 4)
SCORED = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=40)
SENSITIVITIES, SPECIFICITIES = (0.67, 0.8, 0.95, 0.99), (0.8, 0.9, 0.95, 0.99)
SIZES = [(25, 25), *(pytest.param(each, marks=pytest.mark.slow) for each in ((50, 50), (80, 80), (40, 120)))]
ALIKE = {  # chance of a vote for yes on replies labelled yes and on those labelled no
    "blind": ([(1, 0.5)], [(1, 0.5)]),
    "close": ([(1, 0.9)], [(1, 0.8)]),
    "apart": ([(1, 0.7)], [(1, 0.3)]),
    "rare votes": ([(1, 0.2)], [(1, 0.05)]),
    "far apart": ([(1, 0.9)], [(1, 0.1)]),
}
MISJUDGED = {  # the same, where a share of the replies is surely taken for the other class
    "1% of no": ([(1, 0.9)], [(0.99, 0.05), (0.01, 0.95)]),
    "5% of no": ([(1, 0.9)], [(0.95, 0.05), (0.05, 0.95)]),
    "10% of yes": ([(0.9, 0.95), (0.1, 0.05)], [(1, 0.05)]),
    "10% of yes, below all": ([(0.9, 0.9), (0.1, 0.02)], [(1, 0.3)]),
    "20% of yes, 10% of no": ([(0.8, 0.95), (0.2, 0.05)], [(0.9, 0.05), (0.1, 0.95)]),
}


def test_a_confusion_counts_labels_by_verdict() -> None:
    labels, verdicts = [True, True, True, False, False, True], [True, True, False, False, True, True]
    counts = confusion(labels, verdicts)
    assert counts == Confusion(hits=3, misses=1, rejections=1, false_alarms=1)
    assert (counts.positives, counts.negatives, counts.n) == (4, 2, 6)
    assert confusion(np.array(labels), np.array(verdicts)) == counts
    with pytest.raises(ValueError, match="shorter"):
        confusion(labels, verdicts[:-1])


@pytest.mark.parametrize(
    ("measure", "counts", "k", "n"),
    [
        (sensitivity, Confusion(45, 5, 70, 10), 45, 50),
        (specificity, Confusion(45, 5, 70, 10), 70, 80),
        (precision, Confusion(45, 5, 70, 10), 45, 55),
        (sensitivity, Confusion(50, 0, 0, 3), 50, 50),
        (specificity, Confusion(0, 2, 0, 7), 0, 7),
    ],
)
@pytest.mark.parametrize("level", [0.95, 0.9])
def test_shares_have_the_exact_interval(measure, counts: Confusion, k: int, n: int, level: float) -> None:
    exact = binomtest(k, n).proportion_ci(level, method="exact")
    assert measure(counts, level) == pytest.approx((k / n, exact.low, exact.high))


@pytest.mark.parametrize(
    ("measure", "counts"),
    [
        (sensitivity, Confusion(0, 0, 5, 5)),
        (specificity, Confusion(5, 5, 0, 0)),
        (precision, Confusion(0, 5, 5, 0)),
        (kappa, Confusion(0, 0, 5, 5)),
        (kappa, Confusion(5, 5, 0, 0)),
    ],
)
def test_without_the_replies_it_is_a_share_of_a_measure_is_undefined(measure, counts: Confusion) -> None:
    assert all(isnan(each) for each in measure(counts))


def test_a_level_in_per_cent_is_refused() -> None:
    for measure in (sensitivity, specificity, precision, kappa):
        with pytest.raises(ValueError, match=r"0\.95"):
            measure(Confusion(5, 1, 5, 1), 95)


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        (Confusion(58, 4, 31, 12), 0.6756757),  # R, statpsych::ci.kappa(.05, 31, 12, 4, 58)
        (Confusion(20, 0, 30, 0), 1.0),
        (Confusion(0, 10, 0, 10), -1.0),
        (Confusion(10, 0, 0, 10), 0.0),
    ],
)
def test_kappa_gives_the_published_value(counts: Confusion, value: float) -> None:
    assert kappa(counts).value == pytest.approx(value, abs=5e-8)


@given(CONFUSIONS.filter(lambda counts: counts.positives and counts.negatives))
def test_kappa_is_the_librarys_inside_its_limits_and_the_same_for_no_as_for_yes(counts: Confusion) -> None:
    value, low, high = kappa(counts)
    hits, misses, rejections, false_alarms = counts
    assert value == pytest.approx(cohens_kappa([[hits, misses], [false_alarms, rejections]]).kappa)
    assert -1 <= low <= value <= high <= 1
    assert low < high
    assert kappa(Confusion(rejections, false_alarms, hits, misses)) == pytest.approx((value, low, high))


@given(SCORED.filter(lambda replies: len({label for label, _ in replies}) == 2))
def test_auroc_is_mann_whitney_and_turns_with_the_labels(replies) -> None:
    labels, scores = zip(*replies, strict=True)
    yes, no = ([score for label, score in replies if label is side] for side in (True, False))
    value, low, high = auroc(labels, scores)
    assert value == pytest.approx(mannwhitneyu(yes, no).statistic / (len(yes) * len(no)))
    assert 0 <= low <= value <= high <= 1
    assert high - low > 0.01
    turned = auroc([not label for label in labels], scores)
    assert value == 0.5 or turned == pytest.approx((1 - value, 1 - high, 1 - low), abs=1e-9)


def test_replies_that_vary_as_expected_have_newcombes_limits() -> None:
    value, *limits = auroc([True] * 40 + [False] * 60, [0] * 12 + [1] * 28 + [0] * 39 + [1] * 21)
    assert value == 0.675
    for x in limits:
        variance = x * (1 - x) * (1 + 49 * (1 - x) / (2 - x) + 49 * x / (1 + x)) / (40 * 60)
        assert (value - x) ** 2 == pytest.approx(norm.ppf(0.975) ** 2 * variance)


def test_perfect_scores_leave_doubt_that_shrinks_with_the_labels() -> None:
    lows = [auroc([True] * n + [False] * n, [1.0] * n + [0.0] * n).low for n in (1, 10, 40, 160)]
    assert lows == sorted(lows)
    assert 0.85 < lows[2] < sensitivity(Confusion(40, 0, 0, 0)).low < lows[3] < 1


@pytest.mark.parametrize(("labels", "scores"), [([], []), ([True], [0.3]), ([False, False], [0.1, 0.2])])
def test_with_one_class_auroc_is_undefined(labels: list[bool], scores: list[float]) -> None:
    assert all(isnan(each) for each in auroc(labels, scores))


def test_a_missing_score_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        auroc([True, False], [nan, 0.2])
    with pytest.raises(ValueError, match="shorter"):
        auroc([True, False], [0.2])


@pytest.mark.parametrize("n", [25, 50, 80, 160])
@pytest.mark.parametrize("level", [0.95, 0.9])
def test_a_share_is_covered_as_often_as_it_says(n: int, level: float) -> None:
    limits = np.array([sensitivity(Confusion(k, n - k, 0, 0), level) for k in range(n + 1)])
    for share in (0.5, 0.67, 0.8, 0.9, 0.95, 0.98, 0.981, 0.99):
        inside = (limits[:, 1] <= share) & (share <= limits[:, 2])
        assert binom.pmf(np.arange(n + 1), n, share) @ inside >= level


def tables(sizes: tuple[int, int]) -> list[Confusion]:
    """Every confusion of so many replies labelled yes and no."""
    yes, no = sizes
    return [Confusion(hits, yes - hits, kept, no - kept) for hits in range(yes + 1) for kept in range(no + 1)]


def chances(sizes: tuple[int, int], se: float, sp: float):
    """The probability of each of them."""
    return np.outer(*(binom.pmf(np.arange(n + 1), n, p) for n, p in zip(sizes, (se, sp), strict=True))).ravel()


@pytest.mark.parametrize("sizes", SIZES)
def test_kappa_and_precision_are_covered(sizes: tuple[int, int]) -> None:
    yes, no = sizes
    kappas, precisions = (np.array([measure(each) for each in tables(sizes)]) for measure in (kappa, precision))
    for se in SENSITIVITIES:
        for sp in SPECIFICITIES:
            marks = [[yes * se, yes * (1 - se)], [no * (1 - sp), no * sp]]
            truths = cohens_kappa(marks).kappa, marks[0][0] / (marks[0][0] + marks[1][0])
            for limits, truth in zip((kappas, precisions), truths, strict=True):
                inside = (limits[:, 1] <= truth) & (truth <= limits[:, 2])
                assert chances(sizes, se, sp) @ inside >= HELD


def auroc_coverage(groups, votes: int, sizes: tuple[int, int], runs: int) -> float:
    """How often the interval holds the true area when scores are shares of votes."""
    rng, counts = np.random.default_rng(20_060_225), np.arange(votes + 1)
    chance = [sum(share * binom.pmf(counts, votes, p) for share, p in group) for group in groups]
    truth = chance[0] @ (np.cumsum(chance[1]) - chance[1] / 2)
    drawn = [rng.choice(votes + 1, (runs, n), p=each / each.sum()) for n, each in zip(sizes, chance, strict=True)]
    labels = [True] * sizes[0] + [False] * sizes[1]
    limits = np.array([auroc(labels, scores) for scores in (np.hstack(drawn) / votes).tolist()])
    return float(np.mean((limits[:, 1] <= truth) & (truth <= limits[:, 2])))


@pytest.mark.parametrize(
    ("groups", "votes"), [(ALIKE["apart"], 5), (MISJUDGED["10% of yes"], 5), (MISJUDGED["5% of no"], 20)]
)
def test_auroc_is_covered(groups, votes: int) -> None:
    assert auroc_coverage(groups, votes, (50, 50), 500) >= HELD


@pytest.mark.slow
@pytest.mark.parametrize("groups", [*ALIKE.values(), *MISJUDGED.values()], ids=[*ALIKE, *MISJUDGED])
@pytest.mark.parametrize("votes", [5, 20])
@pytest.mark.parametrize("sizes", [(50, 50), (80, 80), (40, 120)], ids=str)
def test_auroc_is_covered_over_the_grid(groups, votes: int, sizes: tuple[int, int]) -> None:
    assert auroc_coverage(groups, votes, sizes, 2000) >= HELD


def test_every_two_definitions_are_compared_over_the_replies_that_both_judged():
    replies = [{"a": True, "b": True}, {"a": True, "b": False, "c": False}, {"a": False, "c": True}, {"b": True}]
    found = {(each.first, each.second): (each.share, each.judged) for each in disagreements(replies)}
    assert found == {("a", "b"): (0.5, 2), ("a", "c"): (1.0, 2), ("b", "c"): (0.0, 1)}


def test_definitions_that_never_met_have_no_share():
    [found] = disagreements([{"a": True}, {"b": True}])
    assert isnan(found.share)
    assert found.judged == 0


def test_one_definition_disagrees_with_nothing():
    assert disagreements([{"a": True}]) == disagreements([]) == []


@given(st.lists(st.lists(st.booleans(), max_size=4), max_size=12))
def test_alpha_is_that_of_inspect(replies: list[list[bool]]) -> None:
    own = inspect_alpha()([SampleScore(score=Score(value=list(each))) for each in replies])
    found = krippendorff_alpha(replies)
    assert isnan(own) if found is None else found == own, (found, own)
