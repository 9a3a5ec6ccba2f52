"""Stopping early changes no verdict, and what it saves is what was promised."""

from itertools import product
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.replies.vote_threshold import Tally, majority_rule, next_round, possible, settled, share_rule, value


@pytest.mark.parametrize(
    ("votes", "yes", "no"),
    [(1, 1, 1), (2, 1, 2), (3, 2, 2), (4, 2, 3), (5, 2, 4), (10, 4, 7), (20, 8, 13), (100, 40, 61)],
)
def test_forty_per_cent_of_the_votes_make_a_yes_and_what_is_left_a_no(votes, yes, no):
    assert share_rule(votes) == (votes, yes, no)


@pytest.mark.parametrize(("votes", "share"), [(0, 0.4), (-1, 0.4), (5, 0), (5, 1.1)])
def test_a_rule_without_votes_or_with_an_impossible_share_is_refused(votes, share):
    with pytest.raises(ValueError, match="at least 1 vote"):
        share_rule(votes, share)


def stopped(cast, rule):
    """The tally when the votes are asked for in rounds, in their order."""
    asked = []
    for number in (1, 2, 3):
        asked += cast[len(asked) : len(asked) + next_round(Tally.of(asked), rule, number)]
    return Tally.of(asked)


@pytest.mark.parametrize("votes", range(1, 9))
def test_the_early_verdict_is_that_of_all_votes_whatever_they_are(votes):
    rule = share_rule(votes)
    for cast in product((True, False, None), repeat=votes):
        early, full = stopped(cast, rule), Tally.of(cast)
        assert value(early, rule) == value(full, rule)
        assert settled(early, rule) == settled(full, rule) != "open"


def test_at_twenty_votes_every_count_in_every_split_over_the_rounds_gives_the_full_verdict():
    rule = share_rule(20)
    checked = 0
    for first in product(range(14), repeat=2):
        if sum(first) > 13:
            continue
        start = [True] * first[0] + [False] * first[1] + [None] * (13 - sum(first))
        second = next_round(Tally.of(start), rule, 2)
        for yes, no in product(range(second + 1), repeat=2):
            if yes + no > second:
                continue
            middle = [True] * yes + [False] * no + [None] * (second - yes - no)
            left = 7 - second
            for more_yes, more_no in product(range(left + 1), repeat=2):
                if more_yes + more_no > left:
                    continue
                end = [True] * more_yes + [False] * more_no + [None] * (left - more_yes - more_no)
                cast = start + middle + end
                assert value(stopped(cast, rule), rule) == value(Tally.of(cast), rule)
                checked += 1
    assert checked > 1_000


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=40), st.sampled_from([0.2, 0.4, 0.5, 1.0]))
def test_three_rounds_always_settle_it(cast, share):
    rule = share_rule(len(cast), share)
    early = stopped(cast, rule)
    assert settled(early, rule) != "open"
    assert value(early, rule) == value(Tally.of(cast), rule)


@pytest.mark.parametrize(
    ("tally", "state"),
    [
        (Tally(2, 0, 0), "yes"),
        (Tally(2, 0, 3), "yes"),
        (Tally(0, 4, 0), "no"),
        (Tally(1, 4, 0), "no"),
        (Tally(0, 4, 1), "no"),
        (Tally(1, 3, 1), "failed"),
        (Tally(0, 3, 2), "failed"),
        (Tally(0, 0, 5), "failed"),
        (Tally(0, 0, 4), "failed"),
        (Tally(1, 3, 0), "open"),
        (Tally(1, 0, 3), "open"),
        (Tally(0, 3, 1), "open"),
        (Tally(), "open"),
    ],
)
def test_failed_votes_leave_a_verdict_open_only_where_they_could_have_changed_it(tally, state):
    assert settled(tally, share_rule(5)) == state


@pytest.mark.parametrize(("votes", "saved"), [(20, 0.30), (5, 0.18)])
@pytest.mark.parametrize("likely", [0.0, 0.25, 0.5])
def test_easy_replies_save_the_promised_share_of_the_votes(votes, saved, likely):
    random, rule = np.random.default_rng(1), share_rule(votes)
    chances = np.where(random.random(4_000) < likely, 0.9, 0.02)
    asked = [stopped(list(map(bool, random.random(votes) < chance)), rule).asked for chance in chances]
    assert 1 - np.mean(asked) / votes >= saved


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        (Tally(1, 4), True),
        (Tally(0, 4), False),
        (Tally(2, 1), False),
        (Tally(1, 3, 1), False),
    ],
)
def test_a_no_with_a_fifth_of_the_votes_is_called_possible(tally, expected):
    assert possible(tally, share_rule(5)) is expected


def test_the_share_of_votes_that_all_failed_is_undefined():
    assert isnan(Tally(0, 0, 5).share)


@pytest.mark.parametrize(
    ("votes", "ties", "expected"),
    [
        ([True], "no", True),
        ([None], "no", None),
        ([True, True, False], "failed", True),
        ([True, False, False], "failed", False),
        ([True, False], "no", False),
        ([True, False], "failed", None),
        ([True, True, None], "failed", True),
        ([True, False, None], "failed", None),
        ([True, False, None], "no", None),
        ([False, False, None], "no", False),
        ([True, None], "no", None),
    ],
)
def test_a_panel_needs_more_than_half_of_its_members(votes, ties, expected):
    assert value(Tally.of(votes), majority_rule(len(votes), ties)) is expected
