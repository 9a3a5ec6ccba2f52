"""What the HTTP interfaces of the stand-in models share: identifiers, text blocks, errors and streamed events."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from simulated.model_request import Reply, Request

Json = dict[str, Any]

PIECE = 40
ERRORS = {
    400: ("invalid_request_error", "invalid_request"),
    401: ("authentication_error", "invalid_api_key"),
    404: ("not_found_error", "model_not_found"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("api_error", "server_error"),
    502: ("api_error", "bad_gateway"),
    503: ("api_error", "service_unavailable"),
    529: ("overloaded_error", "overloaded"),
}


class Frame(NamedTuple):
    """One server-sent event: its name, "" for none, and its data."""

    event: str
    data: Json | str


class Dialect(Protocol):
    """One HTTP interface; each is a module."""

    PATH: str

    def read(self, body: Json) -> Request:
        """Read the body of a request."""

    def write(self, reply: Reply, request: Request, model: str) -> Json:
        """Write the body of a response to a request, whose words it counts, under the name of a model."""

    def events(self, answer: Json) -> Iterator[Frame]:
        """Split the body of a response into the events of the stream that carries it."""


def text_of(content: object) -> str:
    """Return the text of a message's content, be it text, blocks or nothing."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(block["text"] for block in blocks if "text" in block)


def pieces(text: str) -> Iterator[str]:
    """Cut a text into the pieces in which it is streamed."""
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def fresh(prefix: str) -> str:
    """Return a new identifier."""
    return f"{prefix}_{uuid4().hex}"


def failure(status: int, message: str) -> Json:
    """Write an error of a status in `ERRORS`, so that the SDKs of OpenAI and of Anthropic both read it."""
    kind, code = ERRORS[status]
    return {"type": "error", "error": {"type": kind, "code": code, "message": message, "param": None}}
