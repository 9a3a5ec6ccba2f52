"""Asking for private reasoning: a tool, tags, the provider's own thinking, or none."""

from typing import Literal

from inspect_ai.model import ChatMessageTool, ChatMessageUser, ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool as InspectTool
from inspect_ai.tool import ToolCall, ToolCallContent, ToolCallView, ToolDef, ToolFunction, tool

from experiment.prompts.scratchpads import CONTINUE, Scratchpad, load_scratchpad
from experiment.registry_names import unqualified
from experiment.replies.context_overflow import context_overflow
from experiment.replies.split_reply import MAX_TAG_TURNS, MAX_TOOL_TURNS, unfinished
from solvers.reply_store import scratchpad_of, turns


def _readable(call: ToolCall) -> ToolCallView:
    thought = str(call.arguments.get("thought", ""))
    return ToolCallView(call=ToolCallContent(title="private reasoning", format="markdown", content=thought))


@tool(viewer=_readable)
def scratchpad() -> InspectTool:
    """A tool to think in: its texts come from the mode's file, and all it does is acknowledge.

    Returns:
        The tool.
    """
    texts = load_scratchpad("tool").tool
    assert texts is not None, "mode 'tool' is loaded with its tool"

    async def execute(thought: str) -> str:
        return texts.result

    return ToolDef(
        execute,
        name=texts.name,
        description=texts.description,
        parameters={texts.parameter: texts.parameter_description},
        viewer=_readable,
    ).as_tool()


@solver
@unqualified
def reason_and_answer() -> Solver:
    """Let the model reason in private and answer, in the way that the sample's scratchpad mode asks for.

    Returns:
        A solver that generates the whole reply, in as many turns as the mode allows.
    """
    thinking = scratchpad()

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        mode = scratchpad_of(state)
        if mode.tool:
            return await _with_tool(state, generate, thinking, mode.tool.name)
        if mode.tags:
            return await _in_tags(state, generate, mode)
        return await _generated(state, generate, tool_calls="none")

    return solve


async def _generated(state: TaskState, generate: Generate, tool_calls: Literal["single", "none"]) -> TaskState:
    """Let the model reply; a conversation that its context does not hold is a reply that was cut.

    Inspect's providers say so of some servers; of the others the error's words do.
    """
    try:
        return await generate(state, tool_calls=tool_calls)
    except Exception as error:  # providers raise what they like
        if not context_overflow(str(getattr(error, "provider_message", "") or error)):
            raise
        state.output = ModelOutput.from_content(str(state.model), "", stop_reason="model_length")
        state.completed = True
        return state


async def _with_tool(state: TaskState, generate: Generate, thinking: InspectTool, name: str) -> TaskState:
    """Force the first call, leave the tool free after it, and allow one turn too many so that excess shows."""
    state.tools = [thinking]
    state.tool_choice = ToolFunction(name=name)
    for _ in range(MAX_TOOL_TURNS + 1):
        state = await _generated(state, generate, tool_calls="single")
        state.tool_choice = "auto"
        if state.completed or not isinstance(state.messages[-1], ChatMessageTool):
            break
    return state


async def _in_tags(state: TaskState, generate: Generate, mode: Scratchpad) -> TaskState:
    """Ask a model that stops after its scratchpad to go on; a paper's own format has one user turn."""
    assert mode.tags is not None, "mode 'tags' is loaded with its tags"
    for turn in range(1 if mode.one_turn else MAX_TAG_TURNS):
        if turn:
            state.messages.append(ChatMessageUser(content=mode.sections[CONTINUE]))
        state = await _generated(state, generate, tool_calls="none")
        written = "\n\n".join(turn.text for turn in turns(state))
        if state.completed or state.output.stop_reason != "stop" or not unfinished(written, mode.tags):
            break
    return state
