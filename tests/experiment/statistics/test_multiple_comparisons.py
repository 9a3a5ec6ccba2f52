"""Adjusted p-values against hand-worked families, a published one, and what every adjustment must keep."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiment.statistics.multiple_comparisons import adjusted

# The 15 p-values of Benjamini and Hochberg 1995, section 4.1: Bonferroni-type methods reject 3 at 0.05, theirs 4.
THROMBOLYSIS = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
)  # fmt: skip
FAMILIES = st.lists(st.one_of(st.just(nan), st.floats(0, 1)), max_size=12)


@pytest.mark.parametrize(
    ("p", "by_holm", "by_bh"),
    [
        ([], [], []),
        ([0.03], [0.03], [0.03]),
        ([nan], [nan], [nan]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06], [0.03, 0.04, 0.04]),
        ([0.01, nan, 0.04, 0.03], [0.03, nan, 0.06, 0.06], [0.03, nan, 0.04, 0.04]),
        ([0.9, 0.6], [1.0, 1.0], [0.9, 0.9]),
        ([0.0, 1.0], [0.0, 1.0], [0.0, 1.0]),
    ],
)
def test_adjusting_by_hand(p: list[float], by_holm: list[float], by_bh: list[float]) -> None:
    assert adjusted(p, "holm") == pytest.approx(by_holm, nan_ok=True)
    assert adjusted(p, "fdr_bh") == pytest.approx(by_bh, nan_ok=True)


def test_the_published_family() -> None:
    assert sum(each <= 0.05 for each in adjusted(THROMBOLYSIS, "holm")) == 3
    assert sum(each <= 0.05 for each in adjusted(THROMBOLYSIS, "fdr_bh")) == 4


@given(FAMILIES)
@settings(max_examples=settings().max_examples // 20)  # statsmodels' Holm collects garbage at each call
def test_adjusting_raises_p_and_keeps_the_order(p: list[float]) -> None:
    tested = [index for index, each in enumerate(p) if not isnan(each)]
    by_holm, by_bh = adjusted(p, "holm"), adjusted(p, "fdr_bh")
    for found in (by_holm, by_bh):
        assert len(found) == len(p)
        assert [index for index, each in enumerate(found) if not isnan(each)] == tested
        assert all(p[index] - 1e-12 <= found[index] <= 1 for index in tested)
        order = sorted(tested, key=lambda index: p[index])
        assert np.all(np.diff([found[index] for index in order]) >= -1e-12)
    assert all(low <= high + 1e-12 for low, high in zip(by_bh, by_holm, strict=True) if not isnan(low))


@pytest.mark.parametrize("method", ["holm", "fdr_bh"])
def test_what_is_no_p_value_is_refused(method) -> None:
    with pytest.raises(ValueError, match=r"5\.0"):
        adjusted([0.01, 5.0], method)
