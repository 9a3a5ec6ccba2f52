"""Every query is asked once, in an order and a wording that its id alone decides."""

import hashlib
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.queries.query_sets import Query, load_queries
from experiment.queries.wording_assignment import Placed, by_wording, place, place_all

EIGHT = tuple("abcdefgh")
EVEN, UNEVEN = dict.fromkeys("pqrstuvwxyz", 9), {"p": 1, "q": 14, "r": 3, "s": 9, "t": 2}
SIZES = st.dictionaries(st.sampled_from("pqrstuvw"), st.integers(1, 20), min_size=1)


def queries(sizes):
    return [Query(f"{name}-{i:02}", "text", name) for name, size in sizes.items() for i in range(size)]


def spread(wordings, known):
    """The difference between the most and the least used wording, at the worst prefix."""
    counts, worst = Counter(dict.fromkeys(known, 0)), 0
    for wording in wordings:
        counts[wording] += 1
        worst = max(worst, max(counts.values()) - min(counts.values()))
    return worst


def worst_category(placed, known):
    names = {each.query.category for each in placed}
    return max(spread([each.wording for each in placed if each.query.category == name], known) for name in names)


@given(SIZES, st.integers(1, 8))
def test_wordings_are_balanced_to_within_one_over_every_prefix_whatever_the_sizes(sizes, number):
    names = EIGHT[:number]
    assert spread([each.wording for each in place(queries(sizes), names)], names) <= 1


@pytest.mark.parametrize("number", range(1, 11))
@pytest.mark.parametrize("categories", [1, 3, 8, 10, 12, 15])
def test_even_categories_are_balanced_to_within_one_as_well(categories, number):
    names = [f"w{i:02}" for i in range(number)]
    placed = place(queries({f"c{i:02}": 18 for i in range(categories)}), names)
    assert worst_category(placed, names) <= 1


@pytest.mark.parametrize(("sizes", "wordings"), [(UNEVEN, EIGHT), (UNEVEN, "abc"), (UNEVEN, ("original",))])
def test_uneven_categories_stay_within_a_few(sizes, wordings):
    assert worst_category(place(queries(sizes), wordings), wordings) <= 3


@pytest.mark.parametrize("name", ["harmful", "benign", "animal_welfare", "customer_honesty"])
def test_the_shipped_sets_are_balanced_overall_and_in_each_category(name):
    placed = place(load_queries(name), EIGHT)
    assert spread([each.wording for each in placed], EIGHT) <= 1
    assert worst_category(placed, EIGHT) <= 1


@given(SIZES, st.integers(1, 8))
def test_categories_take_turns_until_they_are_used_up(sizes, number):
    counts = Counter()
    for each in place(queries(sizes), EIGHT[:number]):
        counts[each.query.category] += 1
        open_ = [counts[name] for name, size in sizes.items() if counts[name] < size]
        assert not open_ or max(counts.values()) - min(open_) <= 1
    assert counts == sizes


@pytest.mark.parametrize("added", ["p-new", "q-new", "t-00b", "new-category"])
@pytest.mark.parametrize("sizes", [EVEN, UNEVEN])
def test_the_balance_stands_after_adding_a_query(sizes, added):
    after = place([*queries(sizes), Query(added, "text", added[0])], EIGHT)
    assert spread([each.wording for each in after], EIGHT) <= 1
    assert worst_category(after, EIGHT) <= 3


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_file_and_of_the_wordings_does_not_matter(chance: random.Random):
    rows, wordings = queries(UNEVEN), list(EIGHT)
    expected = place(rows, wordings)
    chance.shuffle(rows)
    chance.shuffle(wordings)
    assert place(rows, wordings) == expected
    assert {each.query for each in expected} == set(rows)
    assert len(expected) == len(rows)


def test_the_rule_by_hand():
    rows = [Query(id, "text", id[0]) for id in ("b1", "a1", "a2", "b2", "a3")]
    ranks = {id: hashlib.sha256(id.encode()).hexdigest() for id in ("a1", "a2", "a3", "b1", "b2")}
    first, second, third = sorted(("a1", "a2", "a3"), key=ranks.__getitem__)
    fourth, fifth = sorted(("b1", "b2"), key=ranks.__getitem__)
    expected = [(first, "x"), (fourth, "y"), (second, "y"), (fifth, "x"), (third, "x")]
    assert [(each.query.id, each.wording) for each in place(rows, ["y", "x"])] == expected


def test_every_wording_in_the_same_order():
    rows = queries(UNEVEN)
    expected = [Placed(each.query, wording) for each in place(rows, "cab") for wording in "abc"]
    assert place_all(rows[::-1], "bca") == expected


@pytest.mark.parametrize("plan", [place, place_all])
def test_by_wording_only_the_order_differs(plan):
    rows = plan(queries(UNEVEN), EIGHT)
    ordered = by_wording(rows)
    assert [each.wording for each in ordered] == sorted(each.wording for each in rows)
    for name in EIGHT:
        assert [e for e in ordered if e.wording == name] == [e for e in rows if e.wording == name]


def test_by_wording_a_prefix_holds_the_first_wordings_only():
    first = by_wording(place(load_queries("harmful"), EIGHT))[:40]
    assert [each.wording for each in first] == ["a"] * 27 + ["b"] * 13


PINNED = "1c8831ffb0e28047ea005a8ee15fa2f82880eb5ddd32da4460ecf79eb4865f27"


def test_the_assignment_of_the_shipped_queries_is_pinned():
    """A change here is a change of the task: raise the number in its version."""
    lines = "\n".join(f"{each.query.id} {each.wording}" for each in place(load_queries("harmful"), EIGHT))
    assert hashlib.sha256(lines.encode()).hexdigest() == PINNED
