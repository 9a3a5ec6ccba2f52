"""A server that sends the shapes of `datasets/replies/` in the dialects of the stand-in server."""

import json
import re
from collections import Counter

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from experiment.paths import data_folder
from simulated.model_request import Call, Reply
from simulated.server import anthropic_messages, openai_chat, openai_responses

LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
SHAPES = {
    shape["id"]: shape
    for shape in map(json.loads, (data_folder() / "replies" / "shapes.jsonl").read_text(encoding="utf-8").splitlines())
}

HELLO = {"turns": [{"text": "Hello, world."}], "wire": {}}  # Inspect asks some models once what they can do


def query(shape):
    """Return a request that is answered in a shape."""
    return {"id": shape["id"], "text": f"Please answer in shape {shape['id']}.", "category": shape["family"]}


def scripted():
    """Return an application that answers each request for a shape with its turns, one after the other.

    A conversation is known by its first user turn; the last turn is repeated to whoever asks for more.
    """
    api, asked = FastAPI(), Counter()
    for dialect in (openai_chat, openai_responses, anthropic_messages):
        _add_route(api, dialect, asked)
    return api


def _add_route(api, dialect, asked):
    @api.post(dialect.PATH)
    async def respond(body: dict):
        _forget_arguments(body)
        request = dialect.read(body)
        named = re.search(r"in shape ([a-z-]+-\d\d)", request.user)
        shape = SHAPES[named[1]] if named else HELLO
        number = min(asked[request.user], len(shape["turns"]) - 1)
        asked[request.user] += 1
        turn, last = shape["turns"][number], number == len(shape["turns"]) - 1
        answer = dialect.write(_reply(shape, turn, last), request, "a-served-model")
        CHANGES[dialect](answer, shape["wire"], turn)
        if last and shape["wire"].get("at_limit"):
            counted = "completion_tokens" if "completion_tokens" in answer["usage"] else "output_tokens"
            answer["usage"][counted] = next(body[limit] for limit in LIMITS if body.get(limit))
        return JSONResponse(answer)


def _forget_arguments(body):
    """Leave out what earlier calls were sent with: it may be what no server can read, and nothing depends on it."""
    for item in body["input"] if isinstance(body.get("input"), list) else []:
        if item.get("type") == "function_call":
            item["arguments"] = "{}"
    for message in body.get("messages", []):
        for call in message.get("tool_calls") or []:
            call["function"]["arguments"] = "{}"


def _reply(shape, turn, last):
    calls = [
        Call(f"call_{number}", call["name"], call["arguments"] or {})
        for number, call in enumerate(turn.get("calls", []), start=1)
    ]
    stop = "tool_calls" if calls else "stop"
    if last and "stop" in shape and not shape["wire"].get("at_limit"):
        stop = shape["stop"]
    return Reply(turn["text"], tuple(calls), turn.get("native", ""), stop)


def _raw(turn):
    """Return what is sent in place of each call's arguments where a shape says so."""
    return [call.get("raw") for call in turn.get("calls", [])]


def _change_chat(answer, wire, turn):
    message = answer["choices"][0]["message"]
    for call, raw in zip(message.get("tool_calls", []), _raw(turn), strict=True):
        call["function"]["arguments"] = raw or call["function"]["arguments"]
    if "field" in wire and "reasoning_content" in message:
        message[wire["field"]] = message.pop("reasoning_content")
    sent = turn.get("sent", {}).get("openai-chat")
    if sent:
        message.pop("reasoning_content", None)
        message.update(sent)


def _change_responses(answer, wire, turn):
    called = [item for item in answer["output"] if item["type"] == "function_call"]
    for item, raw in zip(called, _raw(turn), strict=True):
        item["arguments"] = raw or item["arguments"]
    answer["output"] = turn.get("sent", {}).get("openai-responses", answer["output"])


def _change_messages(answer, wire, turn):
    answer["content"] = turn.get("sent", {}).get("anthropic", answer["content"])


CHANGES = {openai_chat: _change_chat, openai_responses: _change_responses, anthropic_messages: _change_messages}
