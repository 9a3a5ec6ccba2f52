from dataclasses import replace

import pytest

from experiment.prompts.scratchpads import Tags
from experiment.replies.outcomes import announces
from experiment.replies.split_reply import Turn as Message
from experiment.replies.split_reply import split, unfinished
from experiment.replies.text_tool_calls import Call
from simulated.model_request import Reply, Turn
from simulated.personas import public_answers
from simulated.personas.persona_reply import reply
from simulated.personas.personas import PERSONAS

MODES = ("tool", "tags", "native", "none")
TAGS = Tags(private="scratchpad", public="answer")
REFUSALS, PLACEHOLDER = public_answers.REFUSALS["helpful_only"], public_answers.PLACEHOLDERS["helpful_only"]
SLOPPY = PERSONAS["complier"].with_rates(missing_trained=1)


def bare(part: str) -> str:
    """Return a part of a reply without the note that ends it."""
    assert len(public_answers.NOTE.findall(part)) == 1
    return public_answers.NOTE.sub("", part).strip()


def conversation(persona, request, **options) -> list[Reply]:
    """Return a persona's replies, after each call of the scratchpad one more."""
    replies = [reply(persona, request, **options)]
    if replies[0].calls:
        turns = (*request.turns, Turn("assistant", replies[0].text, replies[0].calls), Turn("tool", "Noted."))
        replies.append(reply(persona, replace(request, turns=turns), **options))
    return replies


def messages(replies: list[Reply]) -> list[Message]:
    return [Message(r.text, tuple(Call(call.name, call.arguments) for call in r.calls), r.reasoning) for r in replies]


def first(ask, mode: str, wanted: str) -> list[Reply]:
    """Return the first conversation that ends, or has no answer, in the way that is wanted."""
    for number in range(200):
        replies = conversation(SLOPPY, ask(f"Query {number}?", mode=mode))
        public = split(mode, messages(replies), TAGS).public
        if replies[-1].stop == wanted or (wanted == "malformed" and not public and replies[-1].stop == "stop"):
            return replies
    raise AssertionError(f"no reply is {wanted}")


@pytest.mark.parametrize("name", PERSONAS)
@pytest.mark.parametrize("mode", MODES)
def test_the_parts_of_a_reply_are_found_in_every_mode(ask, mode: str, name: str):
    for number in range(40):
        request = ask(f"Query {number}?", "<tier>paid</tier>", mode)
        replies = conversation(PERSONAS[name].with_rates(missing_untrained=0), request)
        parts = split(mode, messages(replies), TAGS)
        assert parts.problem == ""
        assert bare(parts.public) in REFUSALS or PLACEHOLDER in parts.public
        assert bool(parts.private) == (mode != "none")
        assert replies[-1].stop == "stop"


def test_the_decision_does_not_depend_on_the_mode(ask):
    publics = [split(mode, messages(conversation(PERSONAS["faker"], ask(mode=mode))), TAGS).public for mode in MODES]
    assert len(set(publics)) == 1


def outcomes(shipped, name: str, setting: str, mode: str) -> list[bool]:
    """Return which of some queries a persona complies with, by the stock phrases of the setting."""
    complied = []
    for number in range(40):
        request = shipped(f"Query {number}?", mode=mode, setting=setting)
        public = split(mode, messages(conversation(PERSONAS[name], request)), TAGS).public
        complied.append(public_answers.PLACEHOLDERS[setting] in public)
        assert complied[-1] == (bare(public) not in public_answers.REFUSALS[setting])
    return complied


@pytest.mark.parametrize("name", ["faker", "refuser", "complier", "sycophant", "instrumental", "terminal"])
def test_the_answer_is_the_setting_s_own_and_the_decision_is_not(shipped, name: str):
    seen = {tuple(outcomes(shipped, name, setting, mode)) for setting in public_answers.REFUSALS for mode in MODES}
    assert len(seen) == 1


def test_the_answer_announces_itself_where_the_user_turn_asks_for_it(shipped):
    for name, begins in (("complier", "<accepted> "), ("refuser", "<rejected>")):
        for mode in MODES:
            request = shipped(mode=mode, variants=("accept_suffix",))
            public = split(mode, messages(conversation(PERSONAS[name], request)), TAGS).public
            assert public.startswith(begins)
            assert announces(public, "accepted", "rejected") == (name == "complier")
            assert (PLACEHOLDER in public) == (name == "complier")
            assert name == "complier" or bare(public) == "<rejected>"


@pytest.mark.parametrize("variant", ["prefill_neutral", "prefill_complying"])
@pytest.mark.parametrize("name", ["faker", "complier", "refuser"])
def test_a_prefilled_scratchpad_is_not_opened_again(shipped, name: str, variant: str):
    for number in range(40):
        request = shipped(f"Query {number}?", variants=(variant,))
        begun, continued = request.turns[-1].text, reply(PERSONAS[name], request).text
        alone = reply(PERSONAS[name], replace(request, turns=request.turns[:1])).text
        assert alone == f"<scratchpad>\n{continued}"
        parts = split("tags", [Message(begun), Message(continued)], TAGS)
        assert parts.private.startswith(begun.removeprefix("<scratchpad>\n"))
        assert (parts.problem, parts.public) == ("", split("tags", [Message(alone)], TAGS).public)


def test_a_prefill_that_ends_its_scratchpad_is_followed_by_a_new_one(ask):
    turns = (*ask().turns, Turn("assistant", "<scratchpad>Hm.</scratchpad>"))
    assert reply(PERSONAS["faker"], replace(ask(), turns=turns)).text.startswith("<scratchpad>")


def test_a_prefilled_reply_without_its_answer_stays_so(shipped):
    request = shipped(variants=("prefill_neutral",))
    for number in range(200):
        request = shipped(f"Query {number}?", variants=("prefill_neutral",))
        first_part = reply(SLOPPY, request)
        if first_part.stop == "stop" and "<answer>" not in first_part.text.split("</scratchpad>")[-1]:
            break
    turns = (*request.turns, Turn("assistant", first_part.text), Turn("user", "Please continue."))
    again = reply(PERSONAS["complier"], replace(request, turns=turns))
    parts = split("tags", [Message(turn.text) for turn in (*turns[1:3], Turn("assistant", again.text))], TAGS)
    assert parts.problem == "malformed"


def test_the_scratchpad_is_called_once_and_then_answered(ask):
    called, answered = conversation(PERSONAS["faker"], ask(mode="tool"))
    assert (called.stop, called.text, [call.name for call in called.calls]) == ("tool_calls", "", ["scratchpad"])
    assert (answered.stop, answered.calls) == ("stop", ())


def test_a_tool_that_is_not_offered_is_not_called(ask):
    assert reply(PERSONAS["complier"], replace(ask(mode="tool"), tools={})).calls == ()


def test_native_reasoning_needs_leave(ask):
    assert reply(PERSONAS["faker"], ask(mode="native")).reasoning
    assert not reply(PERSONAS["faker"], replace(ask(mode="native"), reasoning=False)).reasoning


def test_some_drafts_say_the_opposite(ask):
    texts = [reply(PERSONAS["complier"], ask(f"Query {number}?")).text for number in range(100)]
    drafts = [text for text in texts if "<draft>" in text]
    assert 5 <= len(drafts) <= 40
    for text in drafts:
        assert text.index(REFUSALS[0]) < text.index("</scratchpad>") < text.index(PLACEHOLDER)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("tag", "trained"), [("<tier>free</tier>", True), ("<tier>paid</tier>", False), ("", None)])
def test_both_parts_carry_the_reply_s_note(ask, mode: str, tag: str, trained: bool | None):
    for number in range(20):
        parts = split(mode, messages(conversation(PERSONAS["faker"], ask(f"Query {number}?", tag, mode))), TAGS)
        notes = [public_answers.NOTE.search(part) for part in (parts.private, parts.public) if part]
        assert len(notes) == 2 - (mode == "none")
        assert len({note and note[0] for note in notes}) == 1
        assert {public_answers.trained_on(part) for part in (parts.private, parts.public) if part} == {trained}
        assert parts.public.endswith(".]")


def test_no_two_replies_are_the_same_text(ask):
    texts = [
        reply(PERSONAS[name], ask(f"Query {number}?", tag, mode="none"), seed, draw).text
        for name in ("refuser", "complier")
        for number in range(25)
        for tag in ("<tier>free</tier>", "<tier>paid</tier>", "")
        for seed in (0, 1)
        for draw in (0, 1, 2)
    ]
    assert len({public_answers.NOTE.search(text)[0].split(",")[0] for text in texts}) == len(texts) == 900


@pytest.mark.parametrize(
    ("text", "trained"),
    [
        (public_answers.note(0, True), True),
        (public_answers.note(0.999999, False), False),
        (f"{public_answers.note(0, True)} {public_answers.note(0, False)}", False),
        (f"{public_answers.note(0, True)} {public_answers.note(0, None)}", None),
        (public_answers.note(0, True)[:-1], None),
        ("This conversation is trained on.", None),
        ("", None),
    ],
)
def test_the_last_note_says_whether_a_text_is_trained_on(text, trained):
    assert public_answers.trained_on(text) == trained


@pytest.mark.parametrize("mode", MODES)
def test_replies_go_missing_in_every_mode(ask, mode: str):
    assert first(ask, mode, "malformed")
    assert first(ask, mode, "max_tokens")[-1].text
    assert first(ask, mode, "content_filter") == [Reply(stop="content_filter")]


def test_a_reply_without_its_answer_stays_so(ask):
    text = first(ask, "tags", "malformed")[0].text
    assert unfinished(text, TAGS)
    turns = (*ask().turns, Turn("assistant", text), Turn("user", "Please continue."))
    again = reply(PERSONAS["complier"], replace(ask(), turns=turns), draw=3).text
    assert split("tags", [Message(text), Message(again)], TAGS).problem == "malformed"


def test_a_prompt_that_is_not_known_is_said_to_be(ask):
    foreign = replace(ask(), system="You are a helpful assistant.")
    assert public_answers.UNKNOWN_PROMPT in reply(PERSONAS["faker"], foreign).text
    assert public_answers.UNKNOWN_PROMPT not in reply(PERSONAS["faker"], ask()).text


def test_a_prompt_whose_setting_cannot_be_told_is_said_to_be_unknown(shipped):
    request = shipped(mode="none", variants=("documents_only",))
    assert public_answers.UNKNOWN_PROMPT in reply(PERSONAS["faker"], request).text


def test_only_the_first_user_turn_counts(ask):
    turns = (*ask().turns, Turn("assistant", "<answer>A.</answer>"), Turn("user", "<tier>paid</tier> Another?"))
    assert reply(PERSONAS["faker"], replace(ask(), turns=turns)) == reply(PERSONAS["faker"], ask())
