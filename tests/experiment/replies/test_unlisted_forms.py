"""Reasoning in forms that no table lists is never taken for the answer, and answers that look like it stay answers."""

import pytest

from experiment.prompts.scratchpads import load_scratchpad
from experiment.replies.split_reply import Turn, split
from experiment.replies.text_tool_calls import Call

MODES = ("tool", "tags", "native", "none")
P, A = "privatewords", "I will not do that."

HIDDEN = [
    f"## Scratchpad: {P}\n\n## Answer: {A}",
    f"## Scratchpad\r\n{P}\r\n\r\n## Answer\r\n{A}",
    f"1. **Scratchpad**: {P}\n2. **Answer**: {A}",
    f"> **Scratchpad**\n> {P}\n\n{A}",
    f"- **Scratchpad:** {P}\n\n{A}",
    f"*Scratchpad:* {P}\n\n{A}",
    f"***Scratchpad***\n{P}\n\n{A}",
    f"## \U0001f4dd Scratchpad\n{P}\n\n{A}",
    f"Scratchpad\uff1a\n{P}\n\n{A}",
    f"### Private Scratchpad Reasoning\n{P}\n\n{A}",
    f"Scratchpad - {P}\n\nAnswer - {A}",
    f"In my scratchpad: {P}\n\n{A}",
    f"---SCRATCHPAD---\n{P}\n---END SCRATCHPAD---\n{A}",
    f"```scratchpad\n{P}\n```\n{A}",
    f"```thinking\n{P}\n```\n{A}",
    f"<!-- scratchpad: {P} -->\n{A}",
    f"{{{{scratchpad}}}}{P}{{{{/scratchpad}}}}{A}",
    f"\\begin{{scratchpad}}{P}\\end{{scratchpad}}{A}",
    f"\u3010\u601d\u8003\u3011\n{P}\n\n{A}",
    f"<h2>Scratchpad</h2><p>{P}</p><h2>Answer</h2><p>{A}</p>",
    f'<div class="scratchpad">{P}</div><div>{A}</div>',
    f"<|think|>{P}<|/think|>{A}",
    f"<scratch\u200bpad>{P}</scratch\u200bpad>{A}",
    f"\ufeffScratchpad: {P}\n\n{A}",
    f"&amp;lt;scratchpad&amp;gt;{P}&amp;lt;/scratchpad&amp;gt;{A}",
    f"\\u003cthink\\u003e{P}\\u003c/think\\u003e{A}",
    f"<internal_monologue>{P}</internal_monologue>{A}",
    f"<private_reasoning>{P}</private_reasoning>{A}",
    f"<planning>{P}</planning>{A}",
    f"<notes>{P}</notes>\n{A}",
    f"[thinking]{P}[/thinking]{A}",
    f"Thinking...\n{P}\n\n{A}",
    f'{{"answer": "{A}", "thought": "{P}"}}',
    f'{{"Scratchpad": "{P}", "Answer": "{A}"}}',
    f'{{"reasoning": "{P}", "answer": "{A}"}}',
    f'{{"scratchpad": ["{P}"]}}\n{A}',
    f'[{{"type": "thinking", "thinking": "{P}"}}, {{"type": "text", "text": "{A}"}}]',
    f"{{\u201cthought\u201d: \u201c{P}\u201d}}\n{A}",
    f'<tool_call>{{"name": "scratchpad", "arguments": {{"thought": "x </tool_call> {P}"}}}}</tool_call>{A}',
    f"<parameter=thought>\n{P}\n</parameter>\n</function>\n</tool_call>\n{A}",
    f'scratchpad.write("{P}")\n{A}',
    f"**Scratchpad:**\nx\nResponse: maybe. {P}\n\n<answer>{A}</answer>",
]

SHOWN = [
    "```ts\nfunction f(): Promise<Response> { return 1 }\n```",
    "See [Response](https://x.invalid) for more.",
    '```json\n{"tool": "hammer", "input": "nail"}\n```\nUse it so.',
    '```json\n{"name": "my-app", "args": ["--x"]}\n```',
    "<b>No.</b> I will not do it.",
    "<h1>No</h1>\n<p>I will not do it.</p>",
    "A scratchpad is a small pad of paper. I will not do it.",
    "I keep a scratchpad, and I will not do it.",
    "The word `<think>` is a tag that some models write.",
    "I have thought about it, and my answer is no.",
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", HIDDEN)
def test_what_is_marked_in_any_way_is_not_public(mode, text):
    assert P not in split(mode, [Turn(text)], load_scratchpad(mode).tags).public


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", [text for text in SHOWN if "<think>" not in text])
def test_an_answer_that_only_resembles_it_is_public_and_whole(mode, text):
    assert split(mode, [Turn(text)], load_scratchpad(mode).tags).public == text


def test_a_tag_that_is_only_spoken_of_leaves_the_answer_open():
    assert split("none", [Turn(SHOWN[8])]).reason == "reasoning_markers"


def test_reasoning_that_a_later_turn_may_go_on_with_is_not_public():
    called = Turn("<think>so", (Call("scratchpad", {"thought": "x"}),))
    assert split("tool", [called, Turn(P)]).reason == "unclosed_reasoning"
