"""Every sentence of DESIGN's "Replies": what is private, what is public, and why a part is missing."""

import re
from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiment.prompts.scratchpads import Tags, load_scratchpad
from experiment.replies.split_reply import Turn, split, unfinished
from experiment.replies.text_tool_calls import Call

TAGS = Tags(private="scratchpad", public="answer")

S, S_, A, A_ = "<scratchpad>", "</scratchpad>", "<answer>", "</answer>"


@pytest.mark.parametrize(
    ("text", "private", "public"),
    [
        pytest.param(f"{S}p{S_}{A}q{A_}", "p", "q", id="one of each"),
        pytest.param(f"{S}\n p\n{S_}\n\n{A}\n q \n{A_}\n", "p", "q", id="white space around the parts"),
        pytest.param(f"{S}p{S_}{S}r{S_}{A}q{A_}", "p\n\nr", "q", id="several scratchpads"),
        pytest.param(f"{S}p{S_}{A}early{A_}{S}r{S_}{A}late{A_}", "p\n\nr", "late", id="answer after the last"),
        pytest.param(f"{S}p <draft>d</draft> r{S_}{A}q{A_}", "p <draft>d</draft> r", "q", id="nested draft"),
        pytest.param(f"{S}I close {A}d{A_} here{S_}{A}q{A_}", f"I close {A}d{A_} here", "q", id="quoted answer block"),
        pytest.param(f"{S}then {A} comes{S_}{A}q{A_}", f"then {A} comes", "q", id="quoted answer tag"),
        pytest.param(f"{S}I am in {S} now{S_}{A}q{A_}", f"I am in {S} now", "q", id="quoted scratchpad tag"),
        pytest.param(f"{S}then {A}d{A_}{S_}", f"then {A}d{A_}", "", id="a quotation is no answer"),
        pytest.param(f"p{S_}{A}q{A_}", "p", "q", id="closing tag without opening"),
        pytest.param(f"{S}p{A}q", f"p{A}q", "", id="unclosed scratchpad, answer inside"),
        pytest.param(f"{S}p{A}q{A_}", f"p{A}q{A_}", "", id="unclosed scratchpad, closed answer inside"),
        pytest.param(f"{S}p", "p", "", id="unclosed scratchpad, no answer"),
        pytest.param(f"{S}p{S_}{S}r{A}q{A_}", f"p\n\nr{A}q{A_}", "", id="second scratchpad unclosed"),
        pytest.param(f"{S}p{S_}{A}q, cut", "p", "q, cut", id="unclosed answer"),
        pytest.param(f"{S}your thinking{S_}{A}q", "", "q", id="unclosed answer after the prompt's example"),
        pytest.param(f"Well. {A}q", "", "q", id="unclosed answer after other text"),
        pytest.param(f"{S}p{S_}{A}{A_}", "p", "", id="empty answer"),
        pytest.param(f"{S}p{S_}{A} \n {A_}", "p", "", id="blank answer"),
        pytest.param(f"{S}p{S_}", "p", "", id="no answer"),
        pytest.param(f"Hello. {S}p{S_} And now: {A}q{A_} Bye.", "p", "q", id="text outside the tags"),
        pytest.param(f"{S}p{S_}q", "p", "q", id="answer without its tags"),
        pytest.param("q", "", "q", id="no tags at all"),
        pytest.param("", "", "", id="nothing"),
        pytest.param("<SCRATCHPAD>p</ScratchPad><Answer>q</ANSWER>", "p", "q", id="upper case"),
        pytest.param("< scratchpad >p< / scratchpad >\n<answer >q</ answer>", "p", "q", id="spaces in tags"),
        pytest.param(f"{A}q{A_}", "", "q", id="answer without scratchpad"),
        pytest.param(f"{S}{S_}{A}q{A_}", "", "q", id="empty scratchpad"),
        pytest.param(f"{A}q{A_}{S}p{S_}", "p", "", id="answer before the scratchpad"),
        pytest.param(
            f"{S}p{S_}{A}use `{S_}` to close{A_}", "p", f"use `{S_}` to close", id="quoted closing tag in the answer"
        ),
        pytest.param(
            f"{S}p{S_}{A}the tag `{S}` is mine{A_}", "p", f"the tag `{S}` is mine", id="quoted tag in the answer"
        ),
        pytest.param(f"{S}2 < 3 </b>{S_}{A}a < b > c{A_}", "2 < 3 </b>", "a < b > c", id="other tags"),
    ],
)
def test_tags(text, private, public):
    problem = "malformed" if not public else "" if private else "no_scratchpad"
    assert split("tags", [Turn(text)], TAGS)[:4] == (private, public, "", problem)


def test_tags_are_read_across_the_turns_of_a_reply():
    turns = [Turn(f"{S}p{S_}"), Turn(f"{S}r{S_}"), Turn(f"{A}q{A_}")]
    assert split("tags", turns, TAGS)[:4] == ("p\n\nr", "q", "", "")


def test_other_tags_are_found_by_their_own_names():
    tags = Tags(private="notes.v2", public="to+user")
    assert split("tags", [Turn("<notes.v2>p</notes.v2><to+user>q</to+user>")], tags)[:4] == ("p", "q", "", "")
    assert split("tags", [Turn("<notesXv2>p</notesXv2><too+user>q</too+user>")], tags).problem == "malformed"


def called(text, *thoughts):
    return Turn(text, tuple(Call("scratchpad", None if each is None else {"thought": each}) for each in thoughts))


@pytest.mark.parametrize(
    ("turns", "private", "public", "problem"),
    [
        pytest.param([called("", "p"), Turn("q")], "p", "q", "", id="one call"),
        pytest.param([called("", "p"), called("", "r"), Turn("q")], "p\n\nr", "q", "", id="several calls"),
        pytest.param([called("", "p", "r"), Turn("q")], "p\n\nr", "q", "", id="several calls in one turn"),
        pytest.param([called("q", "p")], "p", "q", "", id="text beside the call only"),
        pytest.param([called(" q ", "p"), Turn(" ")], "p", "q", "", id="blank text after the call"),
        pytest.param([called("early", "p"), Turn("q")], "p", "q", "", id="text after the last call wins"),
        pytest.param([called("early", "p"), called("beside", "r")], "p\n\nr", "beside", "", id="text before a call"),
        pytest.param([called("early", "p"), called("", "r"), Turn("q")], "p\n\nr", "q", "", id="and text after it"),
        pytest.param([called("early", "p"), called("", "r")], "p\n\nr", "", "malformed", id="only before a call"),
        pytest.param([Turn("early"), called("", "p"), Turn("q"), Turn("s")], "p", "q\n\ns", "", id="two texts after"),
        pytest.param([called("", "p")], "p", "", "malformed", id="call without any text"),
        pytest.param([called("", "p"), Turn("\n")], "p", "", "malformed", id="blank answer"),
        pytest.param([Turn("q")], "", "q", "no_scratchpad", id="never called"),
        pytest.param([Turn("q"), Turn("s")], "", "q\n\ns", "no_scratchpad", id="never called, two turns"),
        pytest.param([called("", ""), Turn("q")], "", "q", "no_scratchpad", id="called with nothing"),
        pytest.param([], "", "", "malformed", id="nothing"),
        pytest.param([called("", None), Turn("q")], "", "", "malformed", id="unparsable arguments"),
        pytest.param([called("", "p"), called("", None), Turn("q")], "p", "q", "", id="unparsable once"),
        pytest.param([called("", "p")] * 7 + [Turn("q")], "\n\n".join("p" * 7), "q", "", id="eight turns"),
        pytest.param([called("", "p")] * 8 + [Turn("q")], "\n\n".join("p" * 8), "", "malformed", id="nine turns"),
    ],
)
def test_tool(turns, private, public, problem):
    assert split("tool", turns)[:4] == (private, public, "", problem)


@pytest.mark.parametrize(
    ("mode", "turns", "reply"),
    [
        ("native", [Turn("q", native="n")], ("n", "q", "", "")),
        ("native", [Turn("q", native="n"), Turn("s", native="m")], ("n\n\nm", "q\n\ns", "", "")),
        ("native", [Turn("q")], ("", "q", "", "no_scratchpad")),
        ("native", [Turn("q", native=" \n ")], ("", "q", "", "no_scratchpad")),
        ("native", [Turn("", native="n")], ("n", "", "", "malformed")),
        ("none", [Turn("q")], ("", "q", "", "")),
        ("none", [Turn(f"{S}p{S_} q ")], ("", "q", "p", "")),
        ("none", [Turn(" ")], ("", "", "", "malformed")),
        ("none", [], ("", "", "", "malformed")),
        ("none", [Turn("q", native="n")], ("", "q", "n", "")),
        ("tool", [called("", "p")._replace(native="n"), Turn("q", (), "m")], ("p", "q", "n\n\nm", "")),
        ("tool", [Turn("q", native="n")], ("", "q", "n", "no_scratchpad")),
        ("tags", [Turn(f"{S}p{S_}{A}q{A_}", native=f"{A}n{A_}")], ("p", "q", f"{A}n{A_}", "")),
        ("tags", [Turn("q", native=f"{S}n{S_}")], ("", "q", f"{S}n{S_}", "no_scratchpad")),
    ],
)
def test_native_reasoning_is_private_in_its_own_mode_and_kept_apart_in_the_others(mode, turns, reply):
    assert split(mode, turns, TAGS)[:4] == reply


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{S}p{S_}", True),
        (f"{S}p{S_}\n\n{S}r{S_} ", True),
        (f"{S}{A}quoted{A_}{S_}", True),
        (f"p{S_}", True),
        (f"{S}p</Scratchpad > so:", False),
        (f"{A}early{A_}{S}p{S_}", True),
        (f"{S}p{S_}{A}q{A_}", False),
        (f"{S}p{S_}{A}cut", False),
        (f"{S}p{S_}{A}{A_}", False),
        (f"{S}p{S_}< ANSWER >q", False),
        (f"{S}p", False),
        (f"{A}q{A_}", False),
        ("q", False),
        ("", False),
    ],
)
def test_a_reply_is_unfinished_after_a_scratchpad_without_an_answer(text, expected):
    assert unfinished(text, TAGS) is expected


PIECES = st.sampled_from((S, S_, A, A_, "<", ">", "/", "scratchpad", "</ SCRATCHPAD >", "\n", "x", "\x00", "\u2028"))
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))
CALLED = st.builds(Call, TEXTS, st.none() | st.fixed_dictionaries({"thought": TEXTS}))
TURNS = st.builds(Turn, TEXTS, st.lists(CALLED, max_size=3).map(tuple), TEXTS)


@given(st.sampled_from(("tool", "tags", "native", "none")), st.lists(TURNS, max_size=10))
def test_any_text_is_split_and_the_problem_says_what_is_missing(mode, turns):
    reply = split(mode, turns, TAGS)
    assert (reply.problem == "malformed") == (not reply.public)
    if reply.public and mode != "none":
        assert (reply.problem == "no_scratchpad") == (not reply.private)
    assert (reply.private, reply.public) == (reply.private.strip(), reply.public.strip())


@given(TEXTS)
@example(f"{S_}{S_}{A}{S}{S_}")
@example(f"{S}p{S_}{A}a {S_} quoted, {S}q{S_} r{A_}")
def test_the_public_answer_never_holds_a_closed_scratchpad(text):
    reply = split("tags", [Turn(text)], TAGS)
    assert not re.search(r"<scratchpad>.*</scratchpad>", reply.public.lower(), re.DOTALL)
    assert reply.public in text
    if unfinished(text, TAGS):
        assert not reply.public


WORDS = st.text("abc \n", max_size=5).map(str.strip)
BLOCKS = st.tuples(st.sampled_from(("private", "public", "outside")), WORDS)


@given(st.lists(BLOCKS, max_size=8))
def test_blocks_in_any_order(blocks):
    shape = {"private": f"{S}%s{S_}", "public": f"{A}%s{A_}", "outside": "%s"}
    thoughts = [text for kind, text in blocks if kind == "private"]
    last = max((i for i, (kind, _) in enumerate(blocks) if kind == "private"), default=-1)
    outside = "".join(text for kind, text in blocks[last + 1 :] if kind == "outside").strip()
    answers = [text for kind, text in blocks[last + 1 :] if kind == "public"]
    reply = split("tags", [Turn("".join(shape[kind] % text for kind, text in blocks))], TAGS)
    assert reply.private == "\n\n".join(filter(None, thoughts))
    assert reply.public == (answers[0] if answers else outside)


def test_the_shipped_tags_are_those_that_their_format_names():
    mode = load_scratchpad("tags")
    named = chain.from_iterable((f"<{tag}>", f"</{tag}>") for tag in mode.tags.model_dump().values())
    assert [tag for tag in named if tag not in mode.sections["format"]] == []
