"""Contrasts and comparisons: which are confirmatory, and that many models can still differ after correction."""

from itertools import combinations

import numpy as np

from analysis.report.report_inputs import gather, read
from analysis.summary.contrasts import CONFIRMATORY
from experiment.statistics.model_comparison import difference_of_gaps
from experiment.statistics.multiple_comparisons import adjusted
from experiment.statistics.pairing import Pairs

MODELS, QUERIES = 20, 40


def test_only_the_setting_as_it_is_with_a_scratchpad_is_confirmatory(made):
    found = gather(read(str(made))).contrasts
    confirmatory = {(each.summary.condition, each.summary.scratchpad) for each in found if each.family == CONFIRMATORY}
    assert confirmatory == {("main", "tags")}
    assert any(each.summary.scratchpad == "none" for each in found)


def test_one_of_twenty_models_that_is_100_points_away_differs_from_each_after_holm():
    queries, one = tuple(f"q{index:02}" for index in range(QUERIES)), np.ones(QUERIES)
    wordings, epochs = ("w",) * QUERIES, np.ones(QUERIES, dtype=int)
    away = Pairs(queries, wordings, one, 0 * one, epochs, QUERIES, 0)
    models = [away, *(Pairs(queries, wordings, 0 * one, 0 * one, epochs, QUERIES, 0) for _ in range(MODELS - 1))]
    couples = list(combinations(range(MODELS), 2))
    corrected = adjusted([difference_of_gaps(models[a], models[b]).p for a, b in couples], "holm")
    assert len(couples) == 190
    assert {a for (a, _), p in zip(couples, corrected, strict=True) if p < 1e-6} == {0}
    assert sum(p < 1e-6 for p in corrected) == MODELS - 1
