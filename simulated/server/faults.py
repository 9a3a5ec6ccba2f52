"""Faults that a server commits on purpose, so that a client's retries can be watched."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulated.personas.personas import uniform
from simulated.server.wire import failure

KINDS = {
    "400": "the request is refused",
    "401": "the key is refused, and its ends are repeated",
    "404": "the model does not exist",
    "429": "too many requests, with Retry-After",
    "429-bare": "too many requests, without Retry-After",
    "500": "the server fails",
    "502": "the gateway fails",
    "503": "the service is not available",
    "529": "the service is overloaded",
    "drop": "the connection ends without an answer",
    "cut": "the connection ends in the middle of an answer",
    "slow": "the answer comes a few bytes at a time",
    "hang": "no answer comes",
    "broken": "an answer whose JSON ends too early",
    "empty": "an answer without choices or content",
    "filter": "a content filter stops the answer",
    "truncate": "the answer reaches the token limit half-way",
}
CORRUPTED = ("empty", "filter", "truncate")
FAULT = "fault"
RETRY_AFTER = 1
DELAY = 0.15
PARTS = 3
BROKEN = '{"type": "message_start", "id'


class Faults:
    """An application that commits faults, which `KINDS` lists, on the way to another one.

    Those of `CORRUPTED` are left in the request's scope for the other application to commit. `rates` may change while
    it runs, and `met` counts what was committed.
    """

    def __init__(
        self, app: ASGIApp, rates: Mapping[str, float], seed: int = 0, after: int = 0, only: str | None = None
    ) -> None:
        """Set how often which fault is committed.

        Args:
            app: The other application.
            rates: Kind of fault to the share of requests that meet it.
            seed: Another seed picks other requests.
            after: How many requests meet no fault before the first can.
            only: A part of the name of the models whose requests can meet a fault, None for all.

        Raises:
            ValueError: A kind is unknown, lists the known ones; or the rates are no shares.
        """
        for kind in rates:
            if kind not in KINDS:
                raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")
        if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1:
            raise ValueError(f"the rates of faults must be shares that sum to at most 1, not {dict(rates)}")
        self.app, self.rates, self.seed = app, rates, seed
        self._spared, self._only = after, only or ""
        self._attempts: Counter[str] = Counter()
        self.met: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or commit a fault."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        body = await Request(scope, receive).body()
        kind = self.pick(body)
        if kind in ("slow", "cut"):
            send = _delayed(send) if kind == "slow" else _cut(send)
        if kind == "drop":
            await send(PROMISE)
        elif kind == "hang":
            while (await receive())["type"] != "http.disconnect":
                pass
        elif kind and (kind == "broken" or kind[0].isdigit()):
            await _wrong(kind, body, scope)(scope, receive, send)
        else:
            await self.app({**scope, FAULT: kind}, replayed(body, receive), send)

    def pick(self, body: bytes) -> str | None:
        """Decide which fault, if any, the next request with a body meets; every attempt is decided anew."""
        if self._only and self._only not in str(json.loads(body).get("model")):
            return None
        if self._spared:
            self._spared -= 1
            return None
        digest = hashlib.sha256(body).hexdigest()
        self._attempts[digest] += 1
        draw = uniform(self.seed, digest, self._attempts[digest], "fault")
        for kind, rate in self.rates.items():
            draw -= rate
            if draw < 0:
                self.met[kind] += 1
                return kind
        return None


# A server that promises a body and sends none has to close the connection.
PROMISE: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}


def _wrong(kind: str, body: bytes, scope: Scope) -> Response:
    if kind == "broken" and json.loads(body).get("stream"):
        return Response(f"event: message_start\ndata: {BROKEN}\n\n", media_type="text/event-stream")
    if kind == "broken":
        return Response(BROKEN, media_type="application/json")
    status = int(kind.removesuffix("-bare"))
    message = f"Incorrect API key provided: {_masked(scope)}." if kind == "401" else "Simulated fault."
    return JSONResponse(failure(status, message), status, {"Retry-After": str(RETRY_AFTER)} if kind == "429" else {})


def _masked(scope: Scope) -> str:
    """Return the key of a request as OpenAI repeats one that it refuses: its ends, and stars between them."""
    headers = dict(scope["headers"])
    key = (headers.get(b"x-api-key") or headers.get(b"authorization", b"")).decode().removeprefix("Bearer ")
    return f"{key[:8]}{'*' * max(len(key) - 12, 0)}{key[-4:]}"


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read already once more."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _delayed(send: Send) -> Send:
    async def late(message: Message) -> None:
        body = message.get("body", b"")
        size = len(body) // PARTS + 1
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        for piece in pieces[:-1]:
            await anyio.sleep(DELAY / PARTS)
            await send({**message, "body": piece, "more_body": True})
        await anyio.sleep(DELAY / PARTS)
        await send({**message, "body": pieces[-1]} if pieces else message)

    return late


def _cut(send: Send) -> Send:
    """Send half of the first piece of a body, and then nothing, so that the server closes the connection."""
    over = False

    async def half(message: Message) -> None:
        nonlocal over
        if not over:
            body = message.get("body", b"")
            over = bool(body)
            await send({**message, "body": body[: len(body) // 2], "more_body": True} if body else message)

    return half
