"""A record of what a server is asked, so that a call made twice can be found."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from simulated.server.app import DIALECTS
from simulated.server.faults import replayed


class Asked(NamedTuple):
    """One request: the model that was asked, and the text of the first user turn, by which a sample is known."""

    model: str
    text: str


class Record:
    """An application that keeps what it is asked on the way to another one, in the order in which it is asked."""

    def __init__(self, app: ASGIApp) -> None:
        """Begin an empty record.

        Args:
            app: The other application.
        """
        self.app = app
        self.bodies: list[tuple[str, bytes]] = []

    def __len__(self) -> int:
        """Return how many requests were made."""
        return len(self.bodies)

    def since(self, number: int = 0) -> Iterator[Asked]:
        """Read the requests.

        Args:
            number: How many to leave out.

        Yields:
            Those after them, in their order.
        """
        read = {dialect.PATH: dialect.read for dialect in DIALECTS}
        for path, body in self.bodies[number:]:
            given = json.loads(body)
            yield Asked(given["model"], read[path](given).user)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note a request, and pass it on."""
        if scope["type"] == "http" and scope["method"] == "POST":
            body = await Request(scope, receive).body()
            self.bodies.append((scope["path"], body))
            receive = replayed(body, receive)
        await self.app(scope, receive, send)
