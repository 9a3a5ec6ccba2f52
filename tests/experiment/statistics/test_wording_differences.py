from itertools import product

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import cochrans_q

from experiment.statistics.pairing import Observation, Pairs, pair
from experiment.statistics.wording_differences import wordings_differ


def pairs_of(differences: np.ndarray, wordings: list[str], queries: list[str]) -> Pairs:
    rows = [
        Observation(query, wording, 1, tier, float(difference == (1 if tier == "free" else -1)))
        for query, wording, difference in zip(queries, wordings, differences, strict=True)
        for tier in ("free", "paid")
    ]
    return pair(rows, "free", "paid")


def test_exchanging_wordings_within_queries_agrees_with_cochran():
    rng = np.random.default_rng(3)
    values = (rng.random((200, 4)) < [0.3, 0.3, 0.3, 0.38]).astype(float)
    queries, wordings = zip(*product([f"q{index:03}" for index in range(200)], "abcd"), strict=True)
    expected = cochrans_q(values).pvalue
    assert wordings_differ(pairs_of(values.ravel(), list(wordings), list(queries))) == pytest.approx(expected, abs=0.05)


@pytest.mark.slow
def test_exchanging_wordings_between_queries_rejects_equal_ones_as_often_as_it_says():
    rng, queries, wordings = np.random.default_rng(5), [f"q{index:03}" for index in range(160)], list("abcdefgh") * 20
    drawn = (rng.choice([-1, 0, 1], 160, p=[0.02, 0.93, 0.05]) for _ in range(200))
    rejected = [wordings_differ(pairs_of(values, wordings, queries)) <= 0.1 for values in drawn]
    assert np.mean(rejected) < 0.16
    assert wordings_differ(pairs_of(np.zeros(160), wordings, queries)) == 1


def test_a_wording_without_the_gap_shows():
    wordings, queries = list("abcdefgh") * 40, [f"q{index:03}" for index in range(320)]
    values = np.array([float(wording != "a") for wording in wordings])
    assert wordings_differ(pairs_of(values, wordings, queries)) == pytest.approx(0.0002)
