"""No string that stands in a channel of reasoning is ever in the answer, however the forms are put together."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiment.prompts.scratchpads import load_scratchpad
from experiment.replies.reasoning_formats import forms
from experiment.replies.split_reply import Turn, split
from experiment.replies.text_tool_calls import Call

MODES = ("tool", "tags", "native", "none")
SECRET = "private{}words"
ANSWER = "public{}words"

# How a piece of reasoning may stand in a text: each form of the table once as it is documented, and its distortions.
HIDDEN = (
    "<scratchpad>{}</scratchpad>",
    "< SCRATCHPAD >\n{}\n</ scratchpad >",
    '<scratchpad type="x">{}</scratchpad>',
    "**<scratchpad>**{}**</scratchpad>**",
    "```xml\n<scratchpad>\n{}\n</scratchpad>\n```\n",
    "[scratchpad]{}[/scratchpad]",
    "&lt;scratchpad&gt;{}&lt;/scratchpad&gt;",
    "\\<scratch_pad\\>{}\\</scratch_pad\\>",
    "<SCRATCHPAD_REASONING>{}</SCRATCHPAD_REASONING>",
    "<scratchpad>see <answer>{}</answer></scratchpad>",
    "<draft>{}</draft>",
    "<brouillon>{}</brouillon>",
    "<think>{}</think>",
    "<thinking>\n{}\n</thinking>\n",
    "[THINK]{}[/THINK]",
    "<seed:think>{}</seed:think>",
    "◁think▷{}◁/think▷",
    "<|begin_of_thought|>{}<|end_of_thought|>",
    "<|START_THINKING|>{}<|END_THINKING|>",
    "<|inner_prefix|>{}<|inner_suffix|>",
    "<unused94>thought\n{}<unused95>",
    "<|channel|>analysis<|message|>{}<|end|>",
    '{{"name": "scratchpad", "arguments": {{"thought": "{}"}}}}',
    '```json\n{{"name": "functions.Scratchpad", "parameters": {{"thought": "{}"}}}}\n```\n',
    '[{{"name": "scratchpad", "arguments": {{"thought": "{}"}}}}]',
    '{{"tool": "note_down", "thought": "{}"}}',
    '{{"scratchpad": "{}"}}',
    "{{'name': 'scratchpad', 'arguments': {{'thought': '{}'}}}}",
    '<tool_call>\n{{"name": "scratchpad", "arguments": {{"thought": "{}"}}}}\n</tool_call>',
    "<function=scratchpad><parameter=thought>{}</parameter></function>",
    '<invoke name="scratchpad"><parameter name="thought">{}</parameter></invoke>',
    '[TOOL_CALLS][{{"name": "scratchpad", "arguments": {{"thought": "{}"}}}}]',
    '<|python_tag|>{{"name": "scratchpad", "parameters": {{"thought": "{}"}}}}<|eom_id|>',
    'scratchpad(thought="{}")\n',
    "[scratchpad(thought='{}')]",
    '```tool_code\nprint(scratchpad(thought="{}"))\n```\n',
    '<scratchpad>{{"thought": "{}"}}</scratchpad>',
    '<scratchpad thought="{}"/>',
)
QUOTED = (
    'I write "<scratchpad>" {} "</scratchpad>" here.',
    "`<think>` {} `</think>` so",
    "\nScratchpad:\n{}\n",
    "\n**Scratchpad**\n{}\n",
    '{{"name": "scratchpad", "arguments": {{"thought": "{}"}}',
    '{{"thought": "he said "{}" and no more"}}',
    "<scratchpad>{}",
    "<think>{}",
)
"""Reasoning that is only almost marked, or not to its end: what follows may be anything."""
SHOWN = (
    "{}",
    "<answer>{}</answer>",
    "<answer>\n{}\n</answer>\n",
    "**<answer>**{}**</answer>**",
    "<response>{}</response>",
)
AROUND = ("", "\n", "\n\n", " ", "Well. ")


def numbered(shapes):
    """Fill in words that stand nowhere else, and return the text with the words of either kind."""
    numbers, parts, hidden, shown = count(), [], [], []
    for is_hidden, shape, space in shapes:
        word = (SECRET if is_hidden else ANSWER).format(next(numbers))
        (hidden if is_hidden else shown).append(word)
        parts += [shape.format(word), space]
    return "".join(parts), hidden, shown


PIECES = st.one_of(
    st.tuples(st.just(True), st.sampled_from(HIDDEN + QUOTED), st.sampled_from(AROUND)),
    st.tuples(st.just(False), st.sampled_from(SHOWN), st.sampled_from(AROUND)),
)
TEXTS = st.lists(PIECES, max_size=5).map(numbered)
CUTS = st.none() | st.integers(0, 400)


def keeps_apart(mode, made, cut):
    text, hidden, _ = made
    written = text if cut is None else text[:cut]
    reply = split(mode, [Turn(written)], load_scratchpad(mode).tags, cut=cut is not None)
    assert [word for word in hidden if word in reply.public] == []


test_reasoning_is_never_in_the_answer = settings(max_examples=300, deadline=None)(
    given(st.sampled_from(MODES), TEXTS, CUTS)(keeps_apart)
)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=20_000, deadline=None)
@given(st.sampled_from(MODES), TEXTS, CUTS)
def test_nor_in_twenty_thousand_texts(mode, made, cut):
    keeps_apart(mode, made, cut)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(MODES), st.lists(TEXTS, min_size=1, max_size=3), st.integers(0, 2), st.booleans())
def test_nor_with_calls_and_a_provider_field(mode, made, at, is_bad):
    turns = [Turn(text) for text, _, _ in made]
    turns[at % len(turns)] = turns[at % len(turns)]._replace(
        calls=(Call("scratchpad", None if is_bad else {"thought": "privatecallwords"}),), native="privatefieldwords"
    )
    reply = split(mode, turns, load_scratchpad(mode).tags)
    hidden = [word for _, words, _ in made for word in words]
    assert [word for word in (*hidden, "privatecallwords", "privatefieldwords") if word in reply.public] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", HIDDEN)
def test_a_form_alone_and_before_an_answer(mode, shape):
    alone = split(mode, [Turn(shape.format("privatewords"))], load_scratchpad(mode).tags)
    assert (alone.public, alone.problem) == ("", "malformed")
    reply = split(mode, [Turn(shape.format("privatewords") + "\n\nI will not do that.")], load_scratchpad(mode).tags)
    assert (reply.public, reply.reason) == ("I will not do that.", "")
    assert "privatewords" in (reply.private + reply.native)
    assert reply.form


def test_every_form_names_its_source():
    assert [form.name for form in forms() if not form.source] == []
