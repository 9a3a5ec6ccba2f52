"""What a stand-in model is sent, and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Schema = Mapping[str, object]
Role = Literal["user", "assistant", "tool"]
Stop = Literal["stop", "max_tokens", "content_filter", "tool_calls"]


@dataclass(frozen=True)
class Call:
    """A call of a tool.

    Args:
        id: The call's identifier.
        name: The tool.
        arguments: Parameter to value.
    """

    id: str
    name: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class Turn:
    """One message, besides the system message.

    Args:
        role: Who wrote it.
        text: Its text.
        calls: The tools that it calls.
    """

    role: Role
    text: str
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True)
class Request:
    """What a model is sent.

    Args:
        system: The system messages.
        turns: The other messages, in order.
        tools: The tools on offer, and the JSON schema of each one's parameters.
        forced: The tool that must be called.
        schema: The JSON schema that the text must follow.
        reasoning: Whether the reply may carry native reasoning.
    """

    system: str
    turns: tuple[Turn, ...]
    tools: Mapping[str, Schema] = field(default_factory=dict)
    forced: str | None = None
    schema: Schema | None = None
    reasoning: bool = True

    @property
    def user(self) -> str:
        """The first user turn."""
        return next((turn.text for turn in self.turns if turn.role == "user"), "")

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls made so far."""
        return tuple(call for turn in self.turns for call in turn.calls)

    @property
    def words(self) -> int:
        """The number of words of all messages."""
        texts = (self.system, *(turn.text for turn in self.turns))
        return sum(len(text.split()) for text in texts) + _words(self.calls)


@dataclass(frozen=True)
class Reply:
    """What a model returns.

    Args:
        text: The visible text.
        calls: The tools that it calls.
        reasoning: The words of its native reasoning.
        stop: Why it stopped.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    stop: Stop = "stop"

    @property
    def reasoning_words(self) -> int:
        """The number of words of the native reasoning."""
        return len(self.reasoning.split())

    @property
    def words(self) -> int:
        """The number of words of everything written."""
        return len(self.text.split()) + self.reasoning_words + _words(self.calls)


def _words(calls: tuple[Call, ...]) -> int:
    return sum(len(str(value).split()) for call in calls for value in call.arguments.values())
