"""What a stand-in model is sent, and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Schema = Mapping[str, object]
Role = Literal["user", "assistant", "tool"]
Stop = Literal["stop", "max_tokens", "content_filter", "tool_calls"]


class Call(NamedTuple):
    """A call of a tool."""

    id: str
    name: str
    arguments: Mapping[str, object]


class Turn(NamedTuple):
    """One message, besides the system message."""

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
        return _words(self.calls, self.system, *(turn.text for turn in self.turns))


@dataclass(frozen=True)
class Reply:
    """What a model returns; `reasoning` holds the words of its native reasoning."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    stop: Stop = "stop"

    @property
    def reasoning_words(self) -> int:
        """The number of words of the native reasoning."""
        return _words((), self.reasoning)

    @property
    def words(self) -> int:
        """The number of words of everything written."""
        return _words(self.calls, self.text, self.reasoning)


def _words(calls: tuple[Call, ...], *texts: str) -> int:
    arguments = (str(value) for call in calls for value in call.arguments.values())
    return sum(len(text.split()) for text in (*texts, *arguments))
