"""Definitions are compared where both judged, and nowhere else."""

from math import isnan

from experiment.replies.definitions import disagreements


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
