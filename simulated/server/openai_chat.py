"""OpenAI's chat completions."""

import json
import time
from collections.abc import Iterator

from simulated.model_request import Call, Reply, Request, Turn
from simulated.server.wire import Frame, Json, fresh, pieces, text_of

PATH = "/v1/chat/completions"
SYSTEM = ("system", "developer")
STOPS = {"max_tokens": "length"}


def read(body: Json) -> Request:
    """Read the body of a request; as on servers with open reasoning, it is allowed unless the effort is "none"."""
    choice = body.get("tool_choice")
    functions = [tool["function"] for tool in body.get("tools") or [] if choice != "none"]
    messages = body["messages"]
    return Request(
        system="\n\n".join(text_of(message["content"]) for message in messages if message["role"] in SYSTEM),
        turns=tuple(_turn(message) for message in messages if message["role"] not in SYSTEM),
        tools={function["name"]: function.get("parameters") or {} for function in functions},
        forced=choice["function"]["name"] if isinstance(choice, dict) else None,
        schema=((body.get("response_format") or {}).get("json_schema") or {}).get("schema"),
        reasoning=body.get("reasoning_effort") != "none",
    )


def _turn(message: Json) -> Turn:
    calls = [(call["id"], call["function"]) for call in message.get("tool_calls") or []]
    return Turn(
        role=message["role"],
        text=text_of(message.get("content")),
        calls=tuple(Call(id, function["name"], json.loads(function["arguments"])) for id, function in calls),
    )


def write(reply: Reply, request: Request, model: str) -> Json:
    """Write the body of a response; native reasoning stands in `reasoning_content`, where open servers put it."""
    message: Json = {"role": "assistant", "content": reply.text, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.calls:
        message["tool_calls"] = [_call(call) for call in reply.calls]
    return {
        "id": fresh("chatcmpl"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": STOPS.get(reply.stop, reply.stop)}],
        "usage": {
            "prompt_tokens": request.words,
            "completion_tokens": reply.words,
            "total_tokens": request.words + reply.words,
            "completion_tokens_details": {"reasoning_tokens": reply.reasoning_words},
        },
    }


def _call(call: Call) -> Json:
    function = {"name": call.name, "arguments": json.dumps(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def events(answer: Json) -> Iterator[Frame]:
    """Split the body of a response into chunks, the usage in the last of them."""
    head = {name: answer[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    for choice in answer["choices"]:
        for delta in _deltas(choice["message"]):
            yield Frame("", head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        yield Frame("", head | {"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    yield Frame("", head | {"choices": [], "usage": answer["usage"]})
    yield Frame("", "[DONE]")


def _deltas(message: Json) -> Iterator[Json]:
    yield {"role": "assistant", "content": ""}
    for field in ("reasoning_content", "content"):
        for piece in pieces(message.get(field, "")):
            yield {field: piece}
    for index, call in enumerate(message.get("tool_calls", [])):
        yield {"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]}
        for piece in pieces(call["function"]["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
