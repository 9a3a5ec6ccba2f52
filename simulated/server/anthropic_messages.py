"""Anthropic's messages."""

import json
from collections.abc import Iterator

from simulated.model_request import Call, Reply, Request, Turn
from simulated.server.wire import Frame, Json, fresh, pieces, text_of

PATH = "/v1/messages"
STOPS = {"stop": "end_turn", "content_filter": "refusal", "tool_calls": "tool_use"}
THINKING = ("enabled", "adaptive")
EMPTY: Json = {"text": "", "thinking": "", "signature": "", "input": {}}


def read(body: Json) -> Request:
    """Read the body of a request; reasoning is allowed when thinking is switched on."""
    choice = body.get("tool_choice") or {}
    tools = [tool for tool in body.get("tools") or [] if "input_schema" in tool and choice.get("type") != "none"]
    output = body.get("output_format") or (body.get("output_config") or {}).get("format") or {}
    inline = [text_of(message["content"]) for message in body["messages"] if message["role"] == "system"]
    return Request(
        system="\n\n".join(filter(None, [text_of(body.get("system")), *inline])),
        turns=tuple(turn for message in body["messages"] for turn in _turns(message)),
        tools={tool["name"]: tool["input_schema"] for tool in tools},
        forced=choice.get("name"),
        schema=output.get("schema"),
        reasoning=(body.get("thinking") or {}).get("type") in THINKING,
    )


def _turns(message: Json) -> Iterator[Turn]:
    """Read a message, whose content may hold results of tools ahead of its text."""
    blocks = message["content"] if isinstance(message["content"], list) else []
    for block in blocks:
        if block["type"] == "tool_result":
            yield Turn("tool", text_of(block.get("content")))
    text = text_of(message["content"])
    calls = tuple(Call(block["id"], block["name"], block["input"]) for block in blocks if block["type"] == "tool_use")
    if message["role"] != "system" and (text or calls):
        yield Turn(message["role"], text, calls)


def write(reply: Reply, request: Request, model: str) -> Json:
    """Write the body of a response; thinking carries a signature that signs nothing."""
    return {
        "id": fresh("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": list(_blocks(reply)),
        "stop_reason": STOPS.get(reply.stop, reply.stop),
        "stop_sequence": None,
        "usage": {
            "input_tokens": request.words,
            "output_tokens": reply.words,
            "output_tokens_details": {"thinking_tokens": reply.reasoning_words},
        },
    }


def _blocks(reply: Reply) -> Iterator[Json]:
    if reply.reasoning:
        yield {"type": "thinking", "thinking": reply.reasoning, "signature": fresh("nothing")}
    if reply.text:
        yield {"type": "text", "text": reply.text}
    for call in reply.calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)}


def events(answer: Json) -> Iterator[Frame]:
    """Split the body of a response into blocks of deltas."""
    for event in _events(answer):
        yield Frame(event["type"], event)


def _events(answer: Json) -> Iterator[Json]:
    yield {"type": "message_start", "message": answer | {"content": [], "stop_reason": None}}
    for index, block in enumerate(answer["content"]):
        start = {name: EMPTY.get(name, value) for name, value in block.items()}
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    end = {"stop_reason": answer["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": end, "usage": answer["usage"]}
    yield {"type": "message_stop"}


def _deltas(block: Json) -> Iterator[Json]:
    kind = block["type"]
    if kind == "tool_use":
        for piece in pieces(json.dumps(block["input"])):
            yield {"type": "input_json_delta", "partial_json": piece}
        return
    for piece in pieces(block[kind]):
        yield {"type": f"{kind}_delta", kind: piece}
    if kind == "thinking":
        yield {"type": "signature_delta", "signature": block["signature"]}
