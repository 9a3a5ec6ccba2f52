"""The calls of a preflight: at most two of the model under test and two of a grader, as the run will make them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import anyio
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    Model,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolFunction
from inspect_ai.util import LimitExceededError

from evals.preflight_checks import (
    Finding,
    ProviderError,
    SubjectReply,
    check_error,
    check_grading,
    check_reply,
)
from experiment.prompts.rendering import Prompt
from experiment.prompts.scratchpads import Scratchpad, Tool
from scorers.grader.grader_call import ask
from scorers.grader.grader_config import PROMPTED
from scorers.grader.grader_prompt import again, request
from scorers.grader.grading_result import Failure, Vote
from scorers.grader.provider_errors import provider_message
from scorers.rubric import Rubric
from solvers.reply_store import turn
from solvers.scratchpad_solver import scratchpad

QUERY = "Which planet is nearest to the sun?"
ANSWER = "Mercury is the planet nearest to the sun; after it come Venus and the Earth."
FILLER = " This sentence only makes the question as long as the longest one of the run."
UNUSABLE = "The answer names a planet."
UNREAD = "could not be parsed"
DOWN = "could not be called"  # how `scorers.grader.grader_call` says that a grader was not reached
DEGRADED = "tool_choice_degraded"  # Inspect's note that a provider takes no forced call
PATIENCE = 600  # seconds; a server that is slower than this for one call meets the run unchecked


class Trial(NamedTuple):
    """What is asked of the model under test: the longest prompt, with a harmless question as long as a query."""

    mode: Scratchpad
    messages: list[ChatMessage]

    @property
    def characters(self) -> int:
        """The length of all messages."""
        return sum(len(message.text) for message in self.messages)


class ModelFindings(NamedTuple):
    """What was found about a model, in how many calls, and how many tokens its longest prompt has (0: unknown)."""

    model: str
    found: list[Finding]
    calls: int
    prompt_tokens: int = 0


def longest(prompts: Sequence[Prompt], queries: Sequence[str]) -> Trial:
    """Return the longest request of a run, with a harmless question in the place of the longest query."""
    length = max(len(text) for text in queries)
    question = (QUERY + FILLER * (length // len(FILLER) + 1))[: max(length, len(QUERY))]
    turns = [(prompt, prompt.user(tier, question)) for prompt in prompts for tier in prompt.turns]
    prompt, user = max(turns, key=lambda each: len(each[0].system) + len(each[1]) + len(each[0].prefill))
    start: list[ChatMessage] = [ChatMessageAssistant(content=prompt.prefill)] if prompt.prefill else []
    return Trial(prompt.scratchpad, [ChatMessageSystem(content=prompt.system), ChatMessageUser(content=user), *start])


async def try_subject(model: Model, trial: Trial, calls: int) -> ModelFindings:
    """Ask the model under test in one call or two; a first reply that would end the run is asked for once more."""
    tool = trial.mode.tool
    forced: dict[str, Any] = {"tools": [scratchpad()], "tool_choice": ToolFunction(tool.name)} if tool else {}
    output = await _generate(model, trial.messages, **forced)
    first = _check_output(trial, trial.messages, output)
    if isinstance(output, ProviderError):
        return ModelFindings(str(model), first, 1)
    tokens = _tokens_read(output)
    if calls == 1:
        return ModelFindings(str(model), first, 1, tokens)
    if any(finding.result == "refused" for finding in first):
        messages, options = trial.messages, forced
    elif tool and output.message.tool_calls:
        messages, options = [*trial.messages, *_tool_results(output.message, tool)], forced | {"tool_choice": "auto"}
    else:
        return ModelFindings(str(model), first, 1, tokens)
    second = await _generate(model, messages, **options)
    return ModelFindings(str(model), _check_output(trial, messages, second), 2, tokens)


def _tool_results(message: ChatMessageAssistant, tool: Tool) -> list[ChatMessage]:
    """Return a message that calls the scratchpad tool, and the tool's results."""
    calls = message.tool_calls or []
    noted = [ChatMessageTool(content=tool.result, tool_call_id=call.id, function=call.function) for call in calls]
    return [message, *noted]


async def try_grader(grader: Model, rubric: Rubric) -> ModelFindings:
    """Have a grader grade a known answer, and ask again in the way that an unusable grade is asked for again.

    It takes two calls, or three where the provider refuses the schema and the grade has to be asked for again.
    """
    sent = request(rubric, QUERY, ANSWER)
    length = sum(len(message.text) for message in sent)
    with anyio.move_on_after(2 * PATIENCE):
        vote = await ask(grader, rubric, QUERY, ANSWER)
        found = _check_vote(grader, vote, length)
        if vote.calls > 1 or found[0].check == "context":
            return ModelFindings(str(grader), found, vote.calls)
        output = await _generate(grader, [*sent, *again(UNUSABLE, UNREAD)])
        asked_again = (
            check_error(output, None, length) if isinstance(output, ProviderError) else Finding("conversation")
        )
        return ModelFindings(str(grader), [*found, asked_again], 2)
    return ModelFindings(str(grader), [check_error(ProviderError(f"no answer within {2 * PATIENCE} seconds"), None)], 1)


def _check_vote(grader: Model, vote: Vote | Failure, length: int) -> list[Finding]:
    """Read a grading of so many characters: what it says of the answers' form, and of the conversation."""
    reason = vote.reason if isinstance(vote, Failure) else ""
    refused = check_error(ProviderError(reason), None, length)
    if reason and (refused.check != "call" or DOWN in reason):
        return [refused]
    asked_again = [Finding("conversation")] if vote.asked_again else []
    return [check_grading(reason, vote.asked_again > 0, grader in PROMPTED), *asked_again]


async def _generate(model: Model, messages: Sequence[ChatMessage], **options: Any) -> ModelOutput | ProviderError:
    """Make one call, never from a cache, and return the output or how the provider refused."""
    try:
        with anyio.move_on_after(PATIENCE):
            return await model.generate(list(messages), cache=False, **options)
        return ProviderError(f"no answer within {PATIENCE} seconds")
    except LimitExceededError:
        raise
    except Exception as error:  # providers raise what they like; what they say is what is looked for
        return ProviderError(provider_message(error), getattr(error, "status_code", None))


def _check_output(trial: Trial, messages: Sequence[ChatMessage], output: ModelOutput | ProviderError) -> list[Finding]:
    """Read what came back for some messages: what it says of the server."""
    if isinstance(output, ProviderError):
        return [check_error(output, trial.mode, trial.characters)]
    written = [message for message in (*messages, output.message) if isinstance(message, ChatMessageAssistant)]
    answered = SubjectReply(
        tuple(turn(message) for message in written),
        output.stop_reason,
        _tokens_read(output),
        output.usage.output_tokens if output.usage else 0,
        DEGRADED in (output.metadata or {}),
    )
    return check_reply(trial.mode, answered, trial.characters)


def _tokens_read(output: ModelOutput) -> int:
    """Return how many tokens a model read, those of its provider's cache included; 0 where that is not told."""
    usage = output.usage or ModelUsage()
    return usage.input_tokens + (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
