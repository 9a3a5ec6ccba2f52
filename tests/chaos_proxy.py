"""A proxy that breaks HTTP below the level at which an application could: what networks and gateways do to answers."""

import asyncio
import gzip
import hashlib
import random
import socket
import struct
from collections import Counter
from contextlib import suppress
from threading import Thread
from urllib.parse import urlsplit

KINDS = {
    "reset": "the connection is reset in the middle of the body",
    "half_open": "the connection stays open and no answer comes",
    "html": "status 200 with a page of HTML",
    "empty": "status 200 with an empty body",
    "no_headers": "the connection ends after half of the status line",
    "bad_gzip": "a body that says it is gzip and is cut in the middle of its stream",
    "not_gzip": "a body that says it is gzip and is not",
    "bad_chunks": "a chunked body with a size that is no number",
    "cut_chunks": "a chunked body without its end",
    "wait_a_day": "status 429 with a Retry-After of a day",
    "wait_oddly": "status 429 with a Retry-After that is no number",
    "late": "the answer comes after the client has given up",
    "twice": "the answer is written twice",
}
ODD_WAITS = (b"soon", b"-5", b"1e400", b"nan", b"", b"Thu, 01 Jan 1970 00:00:00 GMT")
PAGE = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
MESSAGE = b'{"error": {"message": "too many requests", "type": "rate_limit_error", "code": "rate_limit"}}'


class ChaosProxy:
    """A TCP proxy in a thread of its own, which meets a share of the requests with a fault of `KINDS`.

    Which requests meet which fault follows from the seed, the request's body and how often that body was sent, so
    that a run can be repeated whatever the order of its requests. `met` counts the faults; `share` may change.
    """

    def __init__(
        self, upstream: str, share: float, seed: int, kinds: tuple[str, ...] = tuple(KINDS), late: float = 30
    ) -> None:
        """Prepare a proxy; `with` starts and stops it.

        Args:
            upstream: URL of the server behind it; its path is left out.
            share: Share of the requests that meet a fault, 0 to 1.
            seed: Another seed picks other requests.
            kinds: The faults, each as likely as any other.
            late: Seconds by which a late answer is held back.
        """
        address = urlsplit(upstream)
        self._upstream = (address.hostname, address.port)
        self.share, self.seed, self.kinds, self.late = share, seed, kinds, late
        self.met: Counter[str] = Counter()
        self._attempts: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "ChaosProxy":
        """Start to listen."""
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Drop every connection and end."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listening))
        self._loop.run_forever()
        server.close()
        waiting = asyncio.all_tasks(self._loop)
        for task in waiting:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until either side ends it."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer(*await _message(reader), reader, writer):
                pass
        writer.close()

    async def _answer(
        self, head: bytes, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request, and tell whether the connection may be used again."""
        kind = self._pick(body)
        if kind == "half_open":
            await reader.read()  # until the client ends it
            return False
        if early := _without_upstream(kind, self.seed):
            writer.write(early)
            await writer.drain()
            return kind in ("html", "wait_a_day", "wait_oddly")
        answer, content = await self._ask(head, body)
        if kind == "late":
            await asyncio.sleep(self.late)
        await _write(writer, kind, answer, content)
        return kind in (None, "twice")

    def _pick(self, body: bytes) -> str | None:
        if not body:
            return None
        digest = hashlib.sha256(body).hexdigest()
        self._attempts[digest] += 1
        chance = random.Random(f"{self.seed} {digest} {self._attempts[digest]}")
        if chance.random() >= self.share:
            return None
        kind = chance.choice(self.kinds)
        self.met[kind] += 1
        return kind

    async def _ask(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Ask the server behind, and return its status with headers and its body, in one piece."""
        reader, writer = await asyncio.open_connection(*self._upstream)
        writer.write(_with(head, b"connection", b"close") + body)
        whole = await reader.read()
        writer.close()
        answer, _, content = whole.partition(b"\r\n\r\n")
        if b"transfer-encoding: chunked" in answer.lower():
            content = _joined(content)
        return answer + b"\r\n\r\n", content


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    return head, await reader.readexactly(length)


def _with(head: bytes, name: bytes, *value: bytes) -> bytes:
    """Return headers in which one has another value, or none."""
    lines = [line for line in head.rstrip(b"\r\n").split(b"\r\n") if not line.lower().startswith(name + b":")]
    return b"\r\n".join([*lines, *(name + b": " + each for each in value), b"", b""])


def _joined(chunked: bytes) -> bytes:
    """Return the body that was sent in chunks."""
    content = b""
    while chunked:
        size, _, rest = chunked.partition(b"\r\n")
        length = int(size, 16)
        content, chunked = content + rest[:length], rest[length + 2 :]
    return content


def _response(status: bytes, content: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers, b"content-length: %d" % len(content), b"", content]
    return b"\r\n".join(lines)


def _without_upstream(kind: str | None, seed: int) -> bytes:
    """Return what a gateway says that never asked the server behind it, empty for any other fault."""
    json = b"content-type: application/json"
    odd = ODD_WAITS[seed % len(ODD_WAITS)]
    return {
        "html": _response(b"200 OK", PAGE, b"content-type: text/html"),
        "empty": _response(b"200 OK", b"", json, b"connection: close"),
        "no_headers": b"HTTP/1.1 2",
        "not_gzip": _response(b"200 OK", PAGE, json, b"content-encoding: gzip", b"connection: close"),
        "wait_a_day": _response(b"429 Too Many Requests", MESSAGE, json, b"retry-after: 86400"),
        "wait_oddly": _response(b"429 Too Many Requests", MESSAGE, json, b"retry-after: " + odd),
    }.get(kind or "", b"")


async def _write(writer: asyncio.StreamWriter, kind: str | None, head: bytes, content: bytes) -> None:
    """Write an answer of the server behind, with the fault that it meets on its way back."""
    plain = _with(_with(_with(head, b"connection"), b"transfer-encoding"), b"content-length")
    half = content[: len(content) // 2]
    sized = _with(plain, b"content-length", b"%d" % len(content))
    chunk = b"%x\r\n%s\r\n" % (len(half), half)
    packed = gzip.compress(content)
    chunked = _with(plain, b"transfer-encoding", b"chunked")
    zipped = _with(_with(plain, b"content-encoding", b"gzip"), b"content-length", b"%d" % (len(packed) // 2))
    writer.write(
        {
            "reset": sized + half,
            "bad_gzip": zipped + packed[: len(packed) // 2],
            "bad_chunks": chunked + chunk + b"zz\r\n" + half,
            "cut_chunks": chunked + chunk,
            "twice": (sized + content) * 2,
        }.get(kind or "", sized + content)
    )
    await writer.drain()
    if kind == "reset":
        await asyncio.sleep(0.01)  # the half has to arrive before the reset does
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
