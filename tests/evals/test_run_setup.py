"""A run collects garbage less often, unless somebody decided otherwise."""

import gc

import pytest

from evals.run_setup import NEW_OBJECTS, raise_gc_threshold


@pytest.fixture(autouse=True)
def _as_before():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("before", "after"), [(700, NEW_OBJECTS), (0, 0), (50_000, 50_000)])
def test_only_what_is_more_often_is_changed(before, after):
    gc.set_threshold(before)
    raise_gc_threshold()
    assert gc.get_threshold()[0] == after
