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

from evals.findings import Finding
from evals.misconfigurations import Answered, of_answer, of_grading
from evals.server_errors import Refusal, of_refusal
from experiment.prompts.rendering import Prompt
from experiment.prompts.scratchpads import Scratchpad, Tool
from scorers.grader.asking import ask
from scorers.grader.grading_result import Failure, Vote
from scorers.grader.provider_errors import server_said
from scorers.grader.request import again, request
from scorers.grader.schemas import PROMPTED
from scorers.rubric import Rubric
from solvers.private_reasoning import scratchpad
from solvers.split_reply import turn

QUERY = "Which planet is nearest to the sun?"
ANSWER = "Mercury is the planet nearest to the sun; after it come Venus and the Earth."
FILLER = " This sentence only makes the question as long as the longest one of the run."
UNUSABLE = "The answer names a planet."
UNREAD = "could not be parsed"
DOWN = "could not be called"  # how `scorers.grader.asking` says that a grader was not reached
DEGRADED = "tool_choice_degraded"  # Inspect's note that a provider takes no forced call
PATIENCE = 600  # seconds; a server that is slower than this for one call meets the run unchecked


class Trial(NamedTuple):
    """What is asked of the model under test.

    Args:
        mode: The scratchpad mode.
        messages: The longest prompt, with a harmless question as long as the longest query.
    """

    mode: Scratchpad
    messages: list[ChatMessage]

    @property
    def characters(self) -> int:
        """The length of all messages."""
        return sum(len(message.text) for message in self.messages)


class Findings(NamedTuple):
    """What was found about a model, in how many calls, and how many tokens its longest prompt has (0: not told)."""

    model: str
    found: list[Finding]
    calls: int
    prompt_tokens: int = 0


def longest(prompts: Sequence[Prompt], queries: Sequence[str]) -> Trial:
    """Return the longest request of a run, with a harmless question in the place of the query.

    Args:
        prompts: The prompts in every wording.
        queries: The queries' texts.

    Returns:
        The request.
    """
    length = max(len(text) for text in queries)
    question = (QUERY + FILLER * (length // len(FILLER) + 1))[: max(length, len(QUERY))]
    turns = [(prompt, prompt.user(tier, question)) for prompt in prompts for tier in prompt.turns]
    prompt, user = max(turns, key=lambda each: len(each[0].system) + len(each[1]) + len(each[0].prefill))
    start: list[ChatMessage] = [ChatMessageAssistant(content=prompt.prefill)] if prompt.prefill else []
    return Trial(prompt.scratchpad, [ChatMessageSystem(content=prompt.system), ChatMessageUser(content=user), *start])


async def try_subject(model: Model, trial: Trial, calls: int) -> Findings:
    """Ask the model under test the question; a first reply that would end the run is asked for once more.

    Args:
        model: The model.
        trial: What is asked.
        calls: How many calls may be made.

    Returns:
        The findings, in one call or two.
    """
    tool = trial.mode.tool
    forced: dict[str, Any] = {"tools": [scratchpad()], "tool_choice": ToolFunction(tool.name)} if tool else {}
    output = await generate(model, trial.messages, **forced)
    first = findings_of(trial, trial.messages, output)
    if isinstance(output, Refusal):
        return Findings(str(model), first, 1)
    tokens = read_of(output)
    if calls == 1:
        return Findings(str(model), first, 1, tokens)
    if any(finding.result == "refused" for finding in first):
        messages, options = trial.messages, forced
    elif tool and output.message.tool_calls:
        messages, options = [*trial.messages, *acknowledged(output.message, tool)], forced | {"tool_choice": "auto"}
    else:
        return Findings(str(model), first, 1, tokens)
    second = await generate(model, messages, **options)
    return Findings(str(model), findings_of(trial, messages, second), 2, tokens)


def acknowledged(message: ChatMessageAssistant, tool: Tool) -> list[ChatMessage]:
    """Return a message that calls the scratchpad tool, and the tool's results."""
    calls = message.tool_calls or []
    noted = [ChatMessageTool(content=tool.result, tool_call_id=call.id, function=call.function) for call in calls]
    return [message, *noted]


async def try_grader(grader: Model, rubric: Rubric) -> Findings:
    """Have a grader grade a known answer, and ask again in the way that an unusable verdict is asked for again.

    Args:
        grader: The grader.
        rubric: The rubric of the public answer.

    Returns:
        The findings, in two calls, or in three where the provider refuses the schema and the verdict has to be asked
        for again.
    """
    sent = request(rubric, QUERY, ANSWER).messages
    length = sum(len(message.text) for message in sent)
    with anyio.move_on_after(2 * PATIENCE):
        vote = await ask(grader, rubric, QUERY, ANSWER)
        found = graded(grader, vote, length)
        if vote.calls > 1 or found[0].check == "context":
            return Findings(str(grader), found, vote.calls)
        output = await generate(grader, [*sent, *again(UNUSABLE, UNREAD)])
        asked_again = of_refusal(output, None, length) if isinstance(output, Refusal) else Finding("conversation")
        return Findings(str(grader), [*found, asked_again], 2)
    return Findings(str(grader), [of_refusal(Refusal(f"no answer within {2 * PATIENCE} seconds"), None)], 1)


def graded(grader: Model, vote: Vote | Failure, length: int) -> list[Finding]:
    """Read a grading of so many characters: what it says of the answers' form, and of the conversation."""
    reason = vote.reason if isinstance(vote, Failure) else ""
    refused = of_refusal(Refusal(reason), None, length)
    if reason and (refused.check != "call" or DOWN in reason):
        return [refused]
    asked_again = [Finding("conversation")] if vote.asked_again else []
    return [of_grading(reason, vote.asked_again > 0, grader in PROMPTED), *asked_again]


async def generate(model: Model, messages: Sequence[ChatMessage], **options: Any) -> ModelOutput | Refusal:
    """Make one call, never from a cache.

    Args:
        model: The model.
        messages: What it is sent.
        **options: The tools, and which must be called.

    Returns:
        The output, or how the provider refused.
    """
    try:
        with anyio.move_on_after(PATIENCE):
            return await model.generate(list(messages), cache=False, **options)
        return Refusal(f"no answer within {PATIENCE} seconds")
    except LimitExceededError:
        raise
    except Exception as error:  # providers raise what they like; what they say is what is looked for
        return Refusal(server_said(error), getattr(error, "status_code", None))


def findings_of(trial: Trial, messages: Sequence[ChatMessage], output: ModelOutput | Refusal) -> list[Finding]:
    """Read what came back for some messages: what it says of the server."""
    if isinstance(output, Refusal):
        return [of_refusal(output, trial.mode, trial.characters)]
    written = [message for message in (*messages, output.message) if isinstance(message, ChatMessageAssistant)]
    answered = Answered(
        tuple(turn(message) for message in written),
        output.stop_reason,
        read_of(output),
        output.usage.output_tokens if output.usage else 0,
        DEGRADED in (output.metadata or {}),
    )
    return of_answer(trial.mode, answered, trial.characters)


def read_of(output: ModelOutput) -> int:
    """Return how many tokens a model read, those of its provider's cache included; 0 where that is not told."""
    usage = output.usage or ModelUsage()
    return usage.input_tokens + (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
