"""OpenAI's responses."""

import json
import time
from collections.abc import Iterator

from simulated.model_request import Call, Reply, Request, Turn
from simulated.server.wire import Frame, Json, fresh, pieces, text_of

PATH = "/v1/responses"
SYSTEM = ("system", "developer")
INCOMPLETE = {"max_tokens": "max_output_tokens", "content_filter": "content_filter"}
EMPTY: Json = {"summary": [], "content": [], "arguments": ""}


def read(body: Json) -> Request:
    """Read the body of a request; reasoning is allowed when a summary of it is asked for."""
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    system = [text_of(item["content"]) for item in items if item.get("role") in SYSTEM]
    choice = body.get("tool_choice")
    functions = [tool for tool in body.get("tools") or [] if tool["type"] == "function" and choice != "none"]
    return Request(
        system="\n\n".join([*filter(None, [body.get("instructions")]), *system]),
        turns=tuple(turn for item in items for turn in _turn(item)),
        tools={function["name"]: function["parameters"] or {} for function in functions},
        forced=choice.get("name") if isinstance(choice, dict) else None,
        schema=((body.get("text") or {}).get("format") or {}).get("schema"),
        reasoning=bool((body.get("reasoning") or {}).get("summary")),
    )


def _turn(item: Json) -> list[Turn]:
    """Read an item of the input; system messages and earlier reasoning are none."""
    if item.get("type") == "function_call":
        return [Turn("assistant", "", (Call(item["call_id"], item["name"], json.loads(item["arguments"])),))]
    if item.get("type") == "function_call_output":
        return [Turn("tool", text_of(item["output"]))]
    if item.get("role") in ("user", "assistant"):
        return [Turn(item["role"], text_of(item["content"]))]
    return []


def write(reply: Reply, request: Request, model: str) -> Json:
    """Write the body of a response; reasoning is a summary beside a ciphertext that holds nothing."""
    incomplete = INCOMPLETE.get(reply.stop)
    return {
        "id": fresh("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "model": model,
        "status": "incomplete" if incomplete else "completed",
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "error": None,
        "output": list(_items(reply)),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": request.words,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": reply.words,
            "output_tokens_details": {"reasoning_tokens": reply.reasoning_words},
            "total_tokens": request.words + reply.words,
        },
    }


def _items(reply: Reply) -> Iterator[Json]:
    done = {"status": "completed"}
    if reply.reasoning:
        summary = [{"type": "summary_text", "text": reply.reasoning}]
        yield {"id": fresh("rs"), "type": "reasoning", "summary": summary, "encrypted_content": fresh("nothing")}
    if reply.text:
        content = [{"type": "output_text", "text": reply.text, "annotations": []}]
        yield {"id": fresh("msg"), "type": "message", "role": "assistant", "content": content} | done
    for call in reply.calls:
        function = {"call_id": call.id, "name": call.name, "arguments": json.dumps(call.arguments)}
        yield {"id": fresh("fc"), "type": "function_call"} | function | done


def events(answer: Json) -> Iterator[Frame]:
    """Split the body of a response into numbered events."""
    for number, event in enumerate(_events(answer)):
        yield Frame(event["type"], event | {"sequence_number": number})


def _events(answer: Json) -> Iterator[Json]:
    yield {"type": "response.created", "response": answer | {"status": "in_progress", "output": []}}
    for index, item in enumerate(answer["output"]):
        empty = {name: value for name, value in EMPTY.items() if name in item}
        yield {"type": "response.output_item.added", "output_index": index, "item": item | empty}
        for event in _parts(item):
            yield {"item_id": item["id"], "output_index": index} | event
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{answer['status']}", "response": answer}


def _parts(item: Json) -> Iterator[Json]:
    if item["type"] == "function_call":
        yield from _deltas("response.function_call_arguments", item["arguments"], "arguments")
    for index, part in enumerate(item.get("summary", [])):
        yield from _part("response.reasoning_summary", part, {"summary_index": index})
    for index, part in enumerate(item.get("content", [])):
        yield from _part("response.content", part, {"content_index": index})


def _part(kind: str, part: Json, where: Json) -> Iterator[Json]:
    text = {"response.content": "response.output_text"}.get(kind, f"{kind}_text")
    yield {"type": f"{kind}_part.added", "part": part | {"text": ""}} | where
    for event in _deltas(text, part["text"], "text"):
        yield event | where | ({"logprobs": []} if kind == "response.content" else {})
    yield {"type": f"{kind}_part.done", "part": part} | where


def _deltas(kind: str, text: str, field: str) -> Iterator[Json]:
    for piece in pieces(text):
        yield {"type": f"{kind}.delta", "delta": piece}
    yield {"type": f"{kind}.done", field: text}
