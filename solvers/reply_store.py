"""The reply in Inspect's terms: reading it from the messages, keeping it typed, showing it in the viewer."""

from weakref import WeakKeyDictionary

from inspect_ai.event import ErrorEvent, ModelEvent, SampleLimitEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessageAssistant, Content, ContentReasoning, ContentText, ModelUsage
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import StoreModel

from experiment.prompts.scratchpads import Scratchpad, Tags, load_scratchpad
from experiment.registry_names import unqualified
from experiment.replies.outcomes import CUT, FAILED
from experiment.replies.split_reply import Reply, Turn, split
from experiment.replies.tag_masking import Masked, mask
from experiment.replies.text_tool_calls import Call

COMPLETE = frozenset({"stop", "eos", "eos_token", "end", "end_turn", "stop_sequence", "COMPLETE"})


class SplitReply(StoreModel):
    """A reply's parts, kept with the sample for grading again; see `experiment.replies.split_reply.Reply`."""

    done: bool = False
    private: str = ""
    public: str = ""
    native: str = ""
    problem: str = ""
    reason: str = ""
    form: str = ""
    closed: bool = False
    stop: str = ""


@solver
@unqualified
def split_reply() -> Solver:
    """Split the reply, keep both parts in the store and show them as a reasoning box and a text.

    Returns:
        A solver that calls no model.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        _show(state, read_reply(state), boxed=scratchpad_of(state).mode != "native")
        return state

    return solve


def scratchpad_of(state: TaskState) -> Scratchpad:
    """Return the scratchpad mode of a sample, with its own tags and turns where its prompt has others than ours."""
    mode, tags = load_scratchpad(state.metadata["scratchpad"]), state.metadata.get("tags")
    mode = mode.in_one_turn() if state.metadata.get("one_turn") else mode
    return mode.model_copy(update={"tags": Tags(**tags)}) if tags else mode


def stop_reason(state: TaskState) -> str:
    """Return why the model stopped, in Inspect's words.

    It is "error" where the sample ended in one and is scored nevertheless (`--score-on-error`), and "max_tokens" also
    where the reply is as long as it was allowed to be, or where a limit ended the sample before any reply.
    """
    read_reply(state)
    return state.store_as(SplitReply).stop or _stopped(state)


def _stopped(state: TaskState) -> str:
    """Return why the model stopped; some servers say of a reply at exactly the token limit that it is complete."""
    if any(isinstance(event, ErrorEvent) for event in transcript().events):
        return FAILED
    if state.output.empty or any(isinstance(event, SampleLimitEvent) for event in transcript().events):
        return "max_tokens"
    calls = (event for event in reversed(transcript().events) if isinstance(event, ModelEvent) and not event.role)
    last, usage = next(calls, None), state.output.usage
    if last and usage and last.config.max_tokens and usage.output_tokens >= last.config.max_tokens:
        return state.output.stop_reason if state.output.stop_reason == "content_filter" else "max_tokens"
    if state.output.stop_reason == "unknown" and last and (_given_reason(last) or "stop") not in COMPLETE:
        return "unlisted"
    return state.output.stop_reason


def _given_reason(call: ModelEvent) -> str:
    """Return the reason to stop in the provider's own word, "" where none was given: Inspect has a word for few."""
    response = call.call.response if call.call and isinstance(call.call.response, dict) else {}
    choices = response.get("choices")
    given = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    return str(given.get("finish_reason") or response.get("stop_reason") or "")


def masked_answer(state: TaskState) -> Masked:
    """Return a sample's public answer as graders read it: without the tags that tell the tiers apart."""
    return mask(read_reply(state).public, state.metadata.get("tier_tags") or ())


_REPLIES: WeakKeyDictionary[TaskState, Reply] = WeakKeyDictionary()


def read_reply(state: TaskState) -> Reply:
    """Return the split reply, from the store or else from the messages, which are read once for all scorers."""
    if state not in _REPLIES:
        kept = state.store_as(SplitReply)
        if kept.done:
            _REPLIES[state] = Reply(**{name: getattr(kept, name) for name in Reply._fields})
        else:
            kept.stop = _stopped(state)
            reply = _REPLIES[state] = _split(state, cut=kept.stop in CUT)
            for name, value in reply._asdict().items():
                setattr(kept, name, value)
            kept.done = True
    return _REPLIES[state]


def _split(state: TaskState, cut: bool) -> Reply:
    """Split what the model wrote; an answer that is nothing but the tier's tag is none."""
    mode, required = scratchpad_of(state), bool(state.metadata.get("require_scratchpad"))
    reply = split(mode.mode, turns(state), mode.tags, required, cut)
    if mask(reply.public, state.metadata.get("tier_tags") or ()).empty:
        return reply._replace(public="", problem="malformed", reason="no_answer")
    return reply


def turns(state: TaskState) -> list[Turn]:
    """Return what the model wrote as plain text, a turn for each of its messages."""
    return [turn(message) for message in state.messages if isinstance(message, ChatMessageAssistant)]


def turn(message: ChatMessageAssistant) -> Turn:
    """Return one message of the model as plain text: its text, its tool calls and the words of its native reasoning."""
    calls = [Call(call.function, None if call.parse_error else call.arguments) for call in message.tool_calls or []]
    return Turn(message.text, tuple(calls), "\n\n".join(words(block) for block in reasoning(message)))


def reasoning(message: ChatMessageAssistant) -> list[ContentReasoning]:
    """Return the provider's own reasoning blocks of a message."""
    return [block for block in message.content if isinstance(block, ContentReasoning)]


def words(block: ContentReasoning) -> str:
    """Return what can be read of a reasoning block: the summary when the block itself is redacted or encrypted."""
    return (block.summary or "") if block.redacted else block.reasoning


def hides_reasoning(state: TaskState) -> bool:
    """Tell whether the model reasoned in a call of which nothing, or not all, can be read.

    The provider says so by a redacted or encrypted block without a summary, or by tokens of reasoning where
    none came, neither in a block nor in the text.
    """
    reply, mode = read_reply(state), scratchpad_of(state).mode
    came = bool(reply.private if mode == "native" else reply.native)
    events = [event for event in transcript().events if isinstance(event, ModelEvent) and not event.role]
    outputs = [event.output for event in events] or [state.output]
    return any(_hides(output.message, output.usage, came) for output in outputs if output.choices)


def _hides(message: ChatMessageAssistant, usage: ModelUsage | None, came: bool) -> bool:
    blocks = reasoning(message)
    unread = [block for block in blocks if block.redacted and not words(block).strip()]
    if any(words(block).strip() for block in blocks):
        return any(block.internal is None for block in unread)  # else the signature of a call or of the block read
    return bool(unread) or bool(usage and usage.reasoning_tokens and not came)


def _show(state: TaskState, reply: Reply, boxed: bool) -> None:
    """Rewrite the model's last message as the viewer should show it; the raw reply stays in the model's event.

    The provider's own reasoning is kept, and a malformed reply left as it is; private reasoning gets a box of its own,
    which native reasoning already has.
    """
    last = max((i for i, m in enumerate(state.messages) if isinstance(m, ChatMessageAssistant)), default=None)
    if last is None or reply.problem == "malformed":
        return
    message = state.messages[last]
    assert isinstance(message, ChatMessageAssistant)
    box: list[Content] = [ContentReasoning(reasoning=reply.private)] if boxed and reply.private else []
    content = [*reasoning(message), *box, ContentText(text=reply.public)]
    shown = message.model_copy(update={"content": content})
    state.messages[last] = shown
    if state.output.choices:
        state.output.choices[0].message = shown
        state.output.completion = reply.public
