"""Faults that a server commits on purpose, so that a client's retries can be watched."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping

import anyio
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulated.personas import uniform
from simulated.wire import failure

KINDS = ("400", "429", "500", "drop", "slow", "broken")
RETRY_AFTER = 1
DELAY = 0.1
BROKEN = '{"type": "message_start", "id'


class Faults:
    """An application that commits faults on the way to another one.

    `400`, `429` (with Retry-After) and `500` are error responses, `drop` ends the connection without an answer, `slow`
    holds every part of the answer back, `broken` is an answer whose JSON ends too early.
    """

    def __init__(self, app: ASGIApp, rates: Mapping[str, float], seed: int = 0) -> None:
        """Set how often which fault is committed.

        Args:
            app: The other application.
            rates: Kind of fault to the share of requests that meet it.
            seed: Another seed picks other requests.

        Raises:
            ValueError: A kind is unknown, lists the known ones; or the rates are no shares.
        """
        for kind in rates:
            if kind not in KINDS:
                raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")
        if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1:
            raise ValueError(f"the rates of faults must be shares that sum to at most 1, not {dict(rates)}")
        self.app, self.rates, self.seed = app, rates, seed
        self._attempts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or commit a fault."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        body = await _body(receive)
        kind = self.pick(body)
        if kind == "slow":
            send = _delayed(send)
        if kind in ("400", "429", "500", "broken"):
            await _wrong(kind, body)(scope, receive, send)
        elif kind == "drop":
            # A server that promises a body and sends none has to close the connection.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
        else:
            await self.app(scope, _replayed(body, receive), send)

    def pick(self, body: bytes) -> str | None:
        """Decide which fault the next request with a body meets; every attempt is decided anew.

        Args:
            body: The body.

        Returns:
            A key of the rates, None for no fault.
        """
        digest = hashlib.sha256(body).hexdigest()
        self._attempts[digest] += 1
        draw = uniform(self.seed, digest, self._attempts[digest], "fault")
        for kind, rate in self.rates.items():
            draw -= rate
            if draw < 0:
                return kind
        return None


def _wrong(kind: str, body: bytes) -> Response:
    if kind == "broken" and json.loads(body).get("stream"):
        return Response(f"event: message_start\ndata: {BROKEN}\n\n", media_type="text/event-stream")
    if kind == "broken":
        return Response(BROKEN, media_type="application/json")
    headers = {"Retry-After": str(RETRY_AFTER)} if kind == "429" else {}
    return JSONResponse(failure(int(kind), "Simulated fault."), int(kind), headers)


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _delayed(send: Send) -> Send:
    async def late(message: Message) -> None:
        await anyio.sleep(DELAY)
        await send(message)

    return late
