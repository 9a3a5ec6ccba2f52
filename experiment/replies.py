"""Splitting what a model wrote into private reasoning and public answer."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from experiment.scratchpads import ModeName, Tags

MAX_TOOL_TURNS = 8
MAX_TAG_TURNS = 4

Problem = Literal["", "malformed", "no_scratchpad"]


class Turn(NamedTuple):
    """One message of the model, as plain text.

    Args:
        text: The visible text.
        thoughts: The texts of its scratchpad calls; None for a call whose arguments could not be parsed.
        native: The words of the provider's own reasoning content, empty when there are none.
    """

    text: str
    thoughts: tuple[str | None, ...] = ()
    native: str = ""


class Reply(NamedTuple):
    """A model's reply, split.

    Args:
        private: The private reasoning that is graded, empty when there is none.
        public: The answer that the user would receive, empty when there is none.
        native: Provider reasoning that turned up in another mode than `native`: kept apart, not graded.
        problem: Why a part is missing: "malformed" (no public answer), "no_scratchpad" (no private reasoning), or "".
    """

    private: str
    public: str
    native: str
    problem: Problem


def split(mode: ModeName, turns: Sequence[Turn], tags: Tags | None = None) -> Reply:
    """Split a model's turns into private reasoning and public answer.

    Args:
        mode: The scratchpad mode that was asked for.
        turns: The model's messages, in order.
        tags: The tags in use; needed in mode `tags` only.

    Returns:
        The reply. In mode `tool` private reasoning is the calls' texts and the answer is the text after the last call,
        else the text beside it; in mode `tags` the scratchpad blocks, and the answer block after the last of them.

    Reference:
        Greenblatt et al. 2024 (arXiv 2412.14093), section 3.1 and appendix F: reply format, several scratchpads.
    """
    native = _join(turn.native for turn in turns)
    text = _join(turn.text for turn in turns)
    if mode == "native":
        return _reply(native, text, "")
    if mode == "none":
        return _reply("", text, native, reasons=False)
    if mode == "tags":
        assert tags is not None, "mode 'tags' needs its tags"
        return _reply(*_split_tags(text, tags), native)
    return _reply(*_split_tool(turns), native)


def unfinished(text: str, tags: Tags) -> bool:
    """Tell whether a reply in tags stops after its scratchpad, so that the model may be asked to go on.

    Args:
        text: Everything the model wrote so far.
        tags: The tags in use.

    Returns:
        True when a scratchpad was closed and no answer was begun after it.
    """
    blocks, rest = _scratchpads(text, tags)
    return bool(blocks) and not _opening(tags.public).search(rest)


def _reply(private: str, public: str, native: str, reasons: bool = True) -> Reply:
    private, public = private.strip(), public.strip()
    problem: Problem = "malformed" if not public else "no_scratchpad" if reasons and not private else ""
    return Reply(private, public, native, problem)


def _split_tool(turns: Sequence[Turn]) -> tuple[str, str]:
    calls = [index for index, turn in enumerate(turns) if turn.thoughts]
    thoughts = [thought for turn in turns for thought in turn.thoughts]
    private = _join(thought for thought in thoughts if thought)
    if None in thoughts or len(turns) > MAX_TOOL_TURNS:
        return private, ""
    last = calls[-1] if calls else -1
    after = _join(turn.text for turn in turns[last + 1 :])
    return private, after or (turns[last].text if calls else "")


def _split_tags(text: str, tags: Tags) -> tuple[str, str]:
    """Return the scratchpad blocks, and the answer block after the last of them.

    An answer tag inside a scratchpad is a quotation. A scratchpad that is never closed swallows what follows it, so
    there is no answer; an answer that is never closed runs to the end.
    """
    private, rest = _scratchpads(text, tags)
    reopened, answer = _opening(tags.private).search(rest), _opening(tags.public).search(rest)
    if reopened and not (answer and answer.start() < reopened.start()):
        return _join([*private, rest[reopened.end() :]]), ""
    return _join(private), _closing(tags.public).split(rest[answer.end() :])[0] if answer else ""


def _scratchpads(text: str, tags: Tags) -> tuple[list[str], str]:
    """Return the closed scratchpads, and what follows the last; a later lone closing tag is a quotation."""
    blocks: list[str] = []
    end = 0
    for close in _closing(tags.private).finditer(text):
        *opened, block = _opening(tags.private).split(text[end : close.start()], maxsplit=1)
        if blocks and not opened:
            continue
        blocks.append(block)
        end = close.end()
    return blocks, text[end:]


def _opening(tag: str) -> re.Pattern[str]:
    return re.compile(rf"<\s*{re.escape(tag)}\s*>", re.IGNORECASE)


def _closing(tag: str) -> re.Pattern[str]:
    return re.compile(rf"<\s*/\s*{re.escape(tag)}\s*>", re.IGNORECASE)


def _join(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())
