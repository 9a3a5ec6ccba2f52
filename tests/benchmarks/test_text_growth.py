"""The benchmark of growth reads texts of the size that it says, and every pass takes the oddest of them."""

import pytest

from benchmarks.text_growth import ODD, OPENERS, PASSES, QUOTED, page, repeated, shapes
from experiment.hidden_characters import LONGEST_SHOWN


@pytest.mark.parametrize("unit", [*OPENERS, *ODD])
def test_a_text_has_its_size_and_ends_in_what_is_quoted(unit):
    text = repeated(unit, 1000)
    assert len(text) == 1000
    assert text.startswith(unit)
    assert text.endswith(QUOTED)


def test_every_shape_is_read():
    assert len(shapes()) > 350


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("unit", ["\\", "\u2122", "\u0315\u0316", "["])
def test_a_pass_reads_what_once_took_quadratic_time(name, unit):
    PASSES[name][0](repeated(unit, 20_000))


def test_a_page_of_a_long_text_is_as_large_as_one_of_the_most_that_is_shown():
    longest, longer = (len(page("w" * size)) for size in (LONGEST_SHOWN, 5_000_000))
    assert abs(longest - longer) < 200
