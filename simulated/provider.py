"""The stand-in models as an Inspect provider: `simulated/<name>`."""

from collections.abc import Sequence

import anyio
import click
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    modelapi,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolFunction, ToolInfo

from simulated.model_request import Call, Reply, Request, Turn
from simulated.models import Model

CONNECTIONS = 50


@modelapi("simulated")
class SimulatedAPI(ModelAPI):
    """A stand-in model in this process: no key, no network."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008
        **arguments: object,
    ) -> None:
        """Choose a model, by a persona's name or "grader", and set its arguments, which `simulated.models.Model` lists.

        Raises:
            UsageError: The name or an argument is unknown; lists the known ones.
        """
        super().__init__(model_name, base_url, api_key, [], config)
        try:
            self._model = Model(model_name, arguments)
        except ValueError as error:
            raise click.UsageError(str(error)) from error

    def max_connections(self) -> int:
        """Return how many requests may run at once."""
        return CONNECTIONS

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Answer a request; of the options only the reasoning effort and the response schema count."""
        request = _request(input, tools, tool_choice, config)
        await anyio.sleep(self._model.latency)
        return _output(self._model.answer(request), request, f"simulated/{self.model_name}")


def _request(
    messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], choice: ToolChoice, config: GenerateConfig
) -> Request:
    """Read Inspect's messages, tools and options; native reasoning is allowed unless the effort is "none"."""
    schema = config.response_schema.json_schema if config.response_schema else None
    return Request(
        system="\n\n".join(message.text for message in messages if message.role == "system"),
        turns=tuple(turn for message in messages for turn in _turn(message)),
        tools={tool.name: tool.parameters.model_dump(exclude_none=True) for tool in tools if choice != "none"},
        forced=choice.name if isinstance(choice, ToolFunction) else None,
        schema=schema.model_dump(exclude_none=True) if schema else None,
        reasoning=config.reasoning_effort != "none",
    )


def _turn(message: ChatMessage) -> list[Turn]:
    if message.role == "system":
        return []
    calls = message.tool_calls or [] if isinstance(message, ChatMessageAssistant) else []
    return [Turn(message.role, message.text, tuple(Call(call.id, call.function, call.arguments) for call in calls))]


def _output(reply: Reply, request: Request, model: str) -> ModelOutput:
    """Write a reply as Inspect's output, with words counted as tokens."""
    content: list[Content] = [ContentReasoning(reasoning=reply.reasoning), ContentText(text=reply.text)]
    message = ChatMessageAssistant(
        content=content if reply.reasoning else reply.text,
        tool_calls=[ToolCall(call.id, call.name, dict(call.arguments)) for call in reply.calls] or None,
        model=model,
        source="generate",
    )
    usage = ModelUsage(
        input_tokens=request.words,
        output_tokens=reply.words,
        total_tokens=request.words + reply.words,
        reasoning_tokens=reply.reasoning_words,
    )
    return ModelOutput(
        model=model, choices=[ChatCompletionChoice(message=message, stop_reason=reply.stop)], usage=usage
    )
