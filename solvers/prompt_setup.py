"""The rendered prompt: one system message for every tier, and a user turn that carries the tier's tag."""

from collections.abc import Sequence

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver

from experiment.prompts.conditions import Condition, resolve_condition
from experiment.registry_names import unqualified


@solver
@unqualified
def apply_prompt(setting: str, wording: str, variant: Sequence[str], scratchpad: str, lab: str) -> Solver:
    """Put the setting before the query; meant for `Task(setup=...)`, so that `--solver` keeps it.

    The arguments are those of `Condition`; a sample's metadata say which wording is its own.

    Raises:
        UserError: A name is unknown or the prompt cannot be rendered.
    """
    prompts = resolve_condition(Condition(setting, wording, variant, scratchpad, lab)).prompts

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        prompt = prompts[state.metadata["wording"]]
        user = prompt.user(state.metadata["tier"], state.input_text)
        start: list[ChatMessage] = [ChatMessageAssistant(content=prompt.prefill)] if prompt.prefill else []
        state.messages = [ChatMessageSystem(content=prompt.system), ChatMessageUser(content=user), *start]
        return state

    return solve
