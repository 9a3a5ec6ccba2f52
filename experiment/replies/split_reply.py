"""Splitting what a model wrote into private reasoning and public answer."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from experiment.prompts.scratchpads import ModeName, Tags
from experiment.replies.malformed_reasons import Reason
from experiment.replies.reasoning_parser import Text, Thought, closed_part, scan
from experiment.replies.text_tool_calls import Call, concerns_scratchpad, thought_of

MAX_TOOL_TURNS = 8
MAX_TAG_TURNS = 4
FIELD = "provider_field"

Problem = Literal["", "malformed", "no_scratchpad"]


class Turn(NamedTuple):
    """One message of the model: its visible text, its tool calls, and the words of the provider's reasoning content."""

    text: str
    calls: tuple[Call, ...] = ()
    native: str = ""


class Reply(NamedTuple):
    """A model's reply, split.

    Args:
        private: The private reasoning that is graded, empty when there is none.
        public: The answer that the user would receive, empty when there is none or it cannot be told for certain.
        native: Reasoning in another form than the mode asks for: kept apart, not graded.
        problem: Why a part is missing: "malformed" (no public answer), "no_scratchpad" (no private reasoning), or "".
        reason: Why a reply is malformed, one of `REASONS`.
        form: The names of the forms that the reasoning came in.
        closed: Whether the answer's end was marked, so that what follows does not matter.
    """

    private: str
    public: str
    native: str
    problem: Problem
    reason: Reason = ""
    form: str = ""
    closed: bool = False


def split(
    mode: ModeName, turns: Sequence[Turn], tags: Tags | None = None, required: bool = False, cut: bool = False
) -> Reply:
    """Split a model's turns into private reasoning and public answer.

    What a form of `experiment.replies.reasoning_formats` or a call marks as reasoning is never public, whatever the
    mode; what cannot be told apart for certain is malformed. The mode only says which reasoning is graded.

    Args:
        mode: The scratchpad mode that was asked for.
        turns: The model's messages, in order.
        tags: The tags that the prompt asks for, in mode `tags`.
        required: Whether a reply without private reasoning counts as malformed where the mode asks for some.
        cut: Whether the model was stopped before it had finished; then only an answer that was closed counts.

    Returns:
        The reply. The answer is the answer block, or else the text, after the last piece of reasoning; after a tool
        call that nothing follows, the text beside it.

    Reference:
        Greenblatt et al. 2024 (arXiv 2412.14093), section 3.1 and appendix F: reply format, several scratchpads.
    """
    last = max((index for index, turn in enumerate(turns) if turn.calls), default=None)
    texts = [turn.text for turn in turns] if last is not None else [_join(turn.text for turn in turns)]
    parts = [scan(closed_part(text, tags) if cut else text, tags) for text in texts]
    thoughts = _in_order(turns, parts, last is not None)
    answers = _answering(texts, parts, last)
    public = _join(part.public for part in answers)
    reason = "too_many_turns" if mode == "tool" and len(turns) > MAX_TOOL_TURNS else _reason(thoughts, parts, answers)
    private, aside = _channels(mode, _without_copies(thoughts))
    unused = mode != "none" and not private
    if not reason and required and unused:
        reason = "no_scratchpad"
    problem: Problem = "malformed" if reason else "no_scratchpad" if unused else ""
    form = ", ".join(dict.fromkeys(thought.form for thought in thoughts))
    closed = bool(answers) and answers[-1].closed and not reason
    return Reply(private, "" if reason else public, aside, problem, reason, form, closed)


def unfinished(text: str, tags: Tags) -> bool:
    """Tell whether a reply so far stops after a closed scratchpad, so that the model may be asked to continue."""
    so_far = scan(text, tags)
    return bool(so_far.thoughts) and so_far.reason == "no_answer" and not so_far.closed


def _in_order(turns: Sequence[Turn], parts: Sequence[Text], called: bool) -> list[Thought]:
    """Return every piece of reasoning in the order in which it was written."""
    native = [[Thought("native", FIELD, turn.native)] if turn.native.strip() else [] for turn in turns]
    if not called:
        return [*chain.from_iterable(native), *(parts[0].thoughts if parts else ())]
    return [
        thought
        for turn, before, part in zip(turns, native, parts, strict=True)
        for thought in (*before, *part.thoughts, *map(_thought, filter(concerns_scratchpad, turn.calls)))
    ]


def _thought(call: Call) -> Thought:
    return Thought("call", "tool_call", thought_of(call))


def _answering(texts: Sequence[str], parts: Sequence[Text], last: int | None) -> list[Text]:
    """Return the texts in which the answer can stand: those after the last call, else the one beside it."""
    if last is None:
        return list(parts)
    after = [part for text, part in zip(texts[last + 1 :], parts[last + 1 :], strict=True) if text.strip()]
    return after or [parts[last]]


def _reason(thoughts: Sequence[Thought], parts: Sequence[Text], answers: Sequence[Text]) -> Reason:
    """Say why there is no answer that can be told for certain, "" where there is one."""
    calls = [thought.text for thought in thoughts if thought.channel == "call"]
    if calls and all(text is None for text in calls):
        return "unreadable_call"
    begun = [part for part in parts if part.reason.startswith("unclosed")]  # reasoning that a later turn may continue
    unclear = [part.reason for part in (*begun, *answers) if part.reason not in ("", "no_answer")]
    return unclear[0] if unclear else "" if any(part.public for part in answers) else "no_answer"


def _without_copies(thoughts: Sequence[Thought]) -> list[Thought]:
    """Leave out what stands in the text as it does in the provider's field, which some clients fill from the text."""
    given = {(thought.text or "").strip() for thought in thoughts if thought.form == FIELD}
    return [
        thought
        for thought in thoughts
        if thought.form == FIELD or thought.channel != "native" or (thought.text or "").strip() not in given
    ]


def _channels(mode: ModeName, thoughts: Sequence[Thought]) -> tuple[str, str]:
    """Return the reasoning that is graded in a mode, and what is kept apart."""
    own = {"none": (), "native": ("native",)}.get(mode, ("scratchpad", "call"))
    graded = _join(thought.text or "" for thought in thoughts if thought.channel in own)
    return graded, _join(thought.text or "" for thought in thoughts if thought.channel not in own)


def _join(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())
