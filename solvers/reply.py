"""The reply in Inspect's terms: reading it from the messages, keeping it typed, showing it in the viewer."""

from weakref import WeakKeyDictionary

from inspect_ai.model import ChatMessageAssistant, Content, ContentReasoning, ContentText
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import StoreModel

from experiment.replies import Reply, Turn, split
from experiment.scratchpads import Scratchpad, Tags, load_scratchpad


class SplitReply(StoreModel):
    """A reply's parts, kept with the sample so that re-grading finds them; see `experiment.replies.Reply`."""

    done: bool = False
    private: str = ""
    public: str = ""
    native: str = ""
    problem: str = ""


@solver
def split_reply() -> Solver:
    """Split the reply, keep both parts in the store and show them as a reasoning box and a text.

    Returns:
        A solver that calls no model.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        show(state, read_reply(state), boxed=scratchpad_of(state).mode != "native")
        return state

    return solve


def scratchpad_of(state: TaskState) -> Scratchpad:
    """Return the scratchpad mode of a sample, with its own tags where its prompt has others than ours."""
    mode, tags = load_scratchpad(state.metadata["scratchpad"]), state.metadata.get("tags")
    return mode.model_copy(update={"tags": Tags(**tags)}) if tags else mode


def stop_reason(state: TaskState) -> str:
    """Return why the model stopped; a sample that a limit ended before any reply counts as cut off."""
    return "max_tokens" if state.output.empty else state.output.stop_reason


_REPLIES: WeakKeyDictionary[TaskState, Reply] = WeakKeyDictionary()


def read_reply(state: TaskState) -> Reply:
    """Return the split reply, from the store or else from the messages, which are read once for all scorers.

    Args:
        state: The sample's state after generation.

    Returns:
        The reply; the store holds it afterwards.
    """
    if state not in _REPLIES:
        kept = state.store_as(SplitReply)
        if kept.done:
            _REPLIES[state] = Reply(kept.private, kept.public, kept.native, kept.problem)  # type: ignore[arg-type]
        else:
            mode = scratchpad_of(state)
            reply = _REPLIES[state] = split(mode.mode, turns(state, mode), mode.tags)
            kept.private, kept.public, kept.native, kept.problem = reply
            kept.done = True
    return _REPLIES[state]


def turns(state: TaskState, mode: Scratchpad) -> list[Turn]:
    """Return what the model wrote as plain text, message by message.

    Args:
        state: The sample's state.
        mode: The scratchpad mode; its tool's calls count as thoughts.

    Returns:
        One turn for each message of the model.
    """
    return [turn(message, mode) for message in state.messages if isinstance(message, ChatMessageAssistant)]


def turn(message: ChatMessageAssistant, mode: Scratchpad) -> Turn:
    """Return one message of the model as plain text.

    Args:
        message: The message.
        mode: The scratchpad mode.

    Returns:
        Its text, its scratchpad calls and the words of its native reasoning.
    """
    calls = [call for call in message.tool_calls or [] if mode.tool and call.function == mode.tool.name]
    parameter = mode.tool.parameter if mode.tool else ""
    thoughts = [None if call.parse_error else call.arguments.get(parameter) for call in calls]
    return Turn(
        text=message.text,
        thoughts=tuple(thought if isinstance(thought, str) else None for thought in thoughts),
        native="\n\n".join(words(block) for block in reasoning(message)),
    )


def reasoning(message: ChatMessageAssistant) -> list[ContentReasoning]:
    """Return the provider's own reasoning blocks of a message."""
    return [block for block in message.content if isinstance(block, ContentReasoning)]


def words(block: ContentReasoning) -> str:
    """Return what can be read of a reasoning block: the summary when the block itself is redacted or encrypted."""
    return (block.summary or "") if block.redacted else block.reasoning


def show(state: TaskState, reply: Reply, boxed: bool) -> None:
    """Rewrite the last message as the viewer should show it; the raw reply stays in the model's event.

    Args:
        state: The sample's state; its last message of the model is replaced, keeping the provider's own reasoning.
        reply: The split reply; a malformed one is left as it is.
        boxed: Whether the private reasoning gets a box of its own, which native reasoning already has.
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
