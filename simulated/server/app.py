"""The stand-in models as an HTTP server that speaks as OpenAI's and Anthropic's do."""

import json
import re
import socket
from collections.abc import Mapping
from typing import Any

import click
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from simulated.grader.stand_in_grader import NAME as GRADER
from simulated.model_request import Reply
from simulated.models import NAMES, Model
from simulated.personas.personas import PERSONAS
from simulated.server import anthropic_messages, openai_chat, openai_responses
from simulated.server.faults import FAULT, KINDS, Faults
from simulated.server.wire import Dialect, Frame, Json, failure

DIALECTS: tuple[Dialect, ...] = (openai_chat, openai_responses, anthropic_messages)
HOST = "127.0.0.1"
EXAMPLE = """\b
Example:
  python -m simulated.server --port 8000 --fault 429=0.1 --fault drop=0.05 &
  OPENAI_API_KEY=none inspect eval evals/alignment_faking.py --model openai/gpt-4o-faker \\
    --model-base-url http://127.0.0.1:8000/v1 --model-role grader=simulated/grader"""


def app(
    faults: Mapping[str, float] | None = None,
    seed: int = 0,
    otherwise: str | None = None,
    after: int = 0,
    only: str | None = None,
) -> Faults:
    """Make the application.

    Args:
        faults: As in `Faults`.
        seed: The seed of the models and of the faults.
        otherwise: The model that answers to a name that contains none of ours; what asks for a JSON schema goes to the
            grader then. None to refuse such names.
        after: As in `Faults`.
        only: As in `Faults`.

    Returns:
        An application with the routes `/v1/chat/completions`, `/v1/responses` and `/v1/messages`. The model that
        answers is the one whose name is a part of the requested name, as in "gpt-4o-faker".
    """
    models = {name: Model(name, {"seed": seed}) for name in NAMES}
    api = FastAPI(title="Simulated models")
    for dialect in DIALECTS:
        _add_route(api, dialect, models, otherwise)
    return Faults(api, faults or {}, seed, after, only)


def _add_route(api: FastAPI, dialect: Dialect, models: Mapping[str, Model], otherwise: str | None) -> None:
    @api.post(dialect.PATH)
    async def respond(body: Json, received: Request) -> Response:
        asked = named(body.get("model"))
        name = asked or otherwise
        if name is None:
            message = f"unknown model {body.get('model')!r}; its name must contain one of {', '.join(NAMES)}"
            return JSONResponse(failure(404, message), 404)
        request = dialect.read(body)
        name = GRADER if request.schema and not asked else name
        reply, fault = models[name].answer(request), received.scope.get(FAULT)
        answer = dialect.write(_corrupted(reply, fault), request, f"simulated/{name}")
        if fault == "empty" and "choices" in answer:
            answer["choices"] = []
        if not body.get("stream"):
            return JSONResponse(answer)
        return StreamingResponse(map(_encoded, dialect.events(answer)), media_type="text/event-stream")


def _corrupted(reply: Reply, fault: str | None) -> Reply:
    """Return what a fault leaves of a reply."""
    left = {
        "empty": Reply(),
        "filter": Reply(stop="content_filter"),
        "truncate": Reply(reply.text[: len(reply.text) // 2], reasoning=reply.reasoning, stop="max_tokens"),
    }
    return left.get(fault or "", reply)


def named(model: object) -> str | None:
    """Return the last part of a requested name, as of "claude-sonnet-4-5-faker", that is a stand-in's name."""
    parts = re.split(r"[^a-z]+", str(model).lower())
    return next((part for part in reversed(parts) if part in NAMES), None)


def _encoded(frame: Frame) -> str:
    data = frame.data if isinstance(frame.data, str) else json.dumps(frame.data)
    return f"event: {frame.event}\ndata: {data}\n\n" if frame.event else f"data: {data}\n\n"


def bound(port: int, host: str = HOST) -> tuple[socket.socket, str]:
    """Open a port, 0 for any that is free, and return the socket, which accepts connections, with its URL."""
    opened = socket.create_server((host, port))
    return opened, f"http://{host}:{opened.getsockname()[1]}"


def _fault(text: str) -> tuple[str, float]:
    kind, _, rate = text.partition("=")
    try:
        return kind, float(rate)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not KIND=RATE") from None


@click.command(
    help=f"{__doc__} A model answers to every name that contains its own: {', '.join(NAMES)}.", epilog=EXAMPLE
)
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, help="Port to listen on; 0 takes any that is free.")
@click.option("--seed", default=0, show_default=True, help="Seed of the models and of the faults.")
@click.option("--otherwise", type=click.Choice(list(PERSONAS)), help="The model behind other names.  [default: refuse]")
@click.option(
    "--fault",
    "faults",
    type=_fault,
    multiple=True,
    metavar="KIND=RATE",
    help=f"A fault to commit: {'; '.join(f'{kind} ({what})' for kind, what in KINDS.items())}.",
)
@click.option("--after", default=0, show_default=True, help="Requests before the first that can meet a fault.")
@click.option("--only", help="A part of the name of the models whose requests can meet a fault.")
def main(host: str, port: int, faults: tuple[tuple[str, float], ...], **options: Any) -> None:
    """Serve until interrupted."""
    try:
        application = app(dict(faults), **options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    opened, url = bound(port, host)
    click.echo(f"OPENAI_BASE_URL={url}/v1 ANTHROPIC_BASE_URL={url}")
    uvicorn.Server(uvicorn.Config(application, log_level="warning")).run(sockets=[opened])
