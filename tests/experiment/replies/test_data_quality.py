"""What is counted of replies, which limits are passed, and which remedy is named."""

import pytest

from experiment.replies.data_quality import Graders, own_judge, quality, shortfalls, unfit, unpaired
from experiment.replies.malformed_reasons import LABELS, REASONS, REMEDIES, remedy
from experiment.replies.outcomes import MISSING
from experiment.replies.reply_counts import Noted, counts

TIERS = ("free", "paid")
MODES = ("tool", "tags", "native", "none")


def replies(number, outcome="refused", tier="free", **notes):
    return [Noted(tier, outcome, notes)] * number


def said(noted, mode="tool", max_tokens=None):
    return shortfalls(quality(counts(noted), len(noted), TIERS), mode, max_tokens)


def test_counts_are_by_tier_and_reasons_are_those_of_malformed_replies_alone():
    found = counts(
        [
            *replies(3, "malformed", malformed="unreadable_call", no_scratchpad=False),
            *replies(2, "malformed", "paid", malformed="no_answer", no_scratchpad=True),
            *replies(4, "truncated", malformed="unclosed_scratchpad", no_scratchpad=True, asked_again=2),
            *replies(1, "complied", grader_calls=5, asked_again=1),
        ]
    )
    assert found["malformed_free"] == 3
    assert found["malformed_unreadable_call_free"] == 3
    assert found["malformed_no_answer_paid"] == 2
    assert (found["truncated_free"], found["truncated_paid"]) == (4, 0)
    assert not any("unclosed_scratchpad" in name for name in found)
    assert (found["no_scratchpad_free"], found["no_scratchpad_paid"]) == (4, 2)
    assert (found["grader_calls"], found["grader_asked_again"]) == (5, 9)


def test_what_no_reply_notes_is_absent_and_not_zero():
    found = counts(replies(4, "malformed", no_scratchpad=False, left_out=0))
    assert not {"grader_calls", "echoed_tags_free"} & set(found)
    measured = quality(found, 4, TIERS)
    assert measured.graders is None
    assert unfit(measured.graders) == ""
    assert measured.lost == {"malformed": 4}
    assert quality({}, 4, TIERS).without_scratchpad is None


def test_every_reason_has_words_and_a_remedy_in_every_mode():
    assert set(LABELS) == set(REMEDIES) == {*REASONS, *MISSING}
    assert all(remedy(reason, mode) for reason in REMEDIES for mode in MODES)


@pytest.mark.parametrize(
    ("noted", "mode", "sentence"),
    [
        (
            [*replies(7), *replies(6, "malformed", malformed="unreadable_call"), *replies(3, "truncated")],
            "tool",
            'only 7 of 16 replies (43.8%) were measured; the commonest reason is "call in text that could not be read" '
            "(6 of 9 missing): use `-T scratchpad=tags`",
        ),
        ([*replies(1), *replies(3, "truncated")], "tags", "raise --max-tokens, which was 260"),
        ([*replies(1), *replies(3, "malformed", malformed="unclosed_reasoning")], "native", "raise --max-tokens"),
        ([*replies(1), *replies(3, "malformed", malformed="reasoning_markers")], "tool", "reasoning parser"),
        ([*replies(1), *replies(3, "filtered")], "tool", "use a provider that does not filter"),
        ([*replies(1), *replies(3, "ungraded")], "tool", "--model-role grader=..."),
        (
            [*replies(3, no_scratchpad=True), *replies(7, no_scratchpad=False)],
            "tool",
            "3 of 10 replies (30.0%) came without private reasoning, asked for in mode tool: use `-T scratchpad=tags`",
        ),
    ],
)
def test_a_limit_that_is_passed_is_one_sentence_with_the_remedy(noted, mode, sentence):
    [only] = said(noted, mode, 260)
    assert sentence in only


@pytest.mark.parametrize(
    ("noted", "mode"),
    [
        ([], "tool"),
        ([*replies(5), *replies(5, "truncated")], "tool"),
        ([*replies(2, no_scratchpad=True), *replies(8, no_scratchpad=False)], "tags"),
        (replies(10, no_scratchpad=True), "none"),
    ],
)
def test_nothing_is_said_at_the_limit_or_where_no_scratchpad_is_asked_for(noted, mode):
    assert said(noted, mode) == []


def test_one_remedy_is_given_once_for_all_that_it_fixes():
    lost = replies(6, "malformed", malformed="unreadable_call", no_scratchpad=False)
    [only] = said([*lost, *replies(4, no_scratchpad=True)])
    assert only.count("scratchpad=tags") == 1
    assert "only 4 of 10 replies" in only
    assert "4 of 10 replies (40.0%) came without" in only


def test_a_reply_that_was_cut_off_is_not_said_to_lack_its_scratchpad():
    [only] = said([*replies(9, "truncated", no_scratchpad=True), *replies(1)])
    assert "without private reasoning" not in only


@pytest.mark.parametrize(
    ("graders", "clauses"),
    [
        (Graders(100, 16, 8, 0, 8, 50), []),
        (Graders(96, 32, 0, 0, 0, 0), ["32 of 64 grader answers (50.0%) were asked for again"]),
        (Graders(54, 0, 26, 0, 0, 0), ["26 criteria met without a valid quotation in 54 answers"]),
        (Graders(20, 0, 0, 5, 5, 0), ["5 of 20 grader answers (25.0%) came to nothing"]),
        (Graders(30, 10, 0, 0, 5, 0), ["asked for again, and 5 of 20"]),
        (Graders(0, 0, 0, 0, 0, 0), []),
    ],
)
def test_a_grader_of_which_many_answers_cannot_be_used_is_named_with_the_remedy(graders, clauses):
    found = unfit(graders)
    assert bool(found) == bool(clauses)
    assert all(clause in found for clause in clauses)
    assert not clauses or "--model-role grader=" in found


def test_a_model_that_judges_itself_is_named():
    assert "graded its own replies" in own_judge("a/b", ["c/d", "a/b"])
    assert own_judge("a/b", ["c/d", "a/b2"]) == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["a-free", "a-paid", "b-free", "b-paid"], ""),
        (["a-free", "a-paid", "b-free", "b-paid", "c-free"], ""),
        (["a-free", "a-paid", "b-free"], "1 of 3 samples (33.3%) were asked in one tier alone"),
        (["a.x-free", "a.y-paid", "b-free"], "3 of 3 samples (100.0%) were asked in one tier alone"),
        ([], ""),
    ],
)
def test_samples_that_were_asked_in_one_tier_alone_are_counted_with_the_remedy(asked, said):
    found = unpaired(asked, ("free", "paid"))
    assert found.startswith(said)
    assert bool(found) == bool(said) == ("without `--sample-shuffle`" in found)
