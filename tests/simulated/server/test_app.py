import asyncio
import json
import subprocess
import sys
from typing import NamedTuple

import httpx
import pytest
from inspect_ai.model import (
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
    GenerateConfig,
    Model,
    ModelOutput,
    ResponseSchema,
    get_model,
)
from inspect_ai.tool import ToolFunction, ToolInfo, ToolParam, ToolParams
from inspect_ai.util import JSONSchema

import simulated.models
import simulated.provider  # noqa: F401 - registers the models
from simulated.model_request import Call, Request, Turn
from simulated.personas import public_answers, reasoning_styles
from simulated.server import anthropic_messages, openai_chat, openai_responses
from simulated.server.app import DIALECTS, app, main, named

CLIENTS = {
    "chat": ("openai/gpt-4o-{}", "/v1", {"responses_api": False}),
    "chat, streamed": ("openai/gpt-4o-{}", "/v1", {"responses_api": False, "streaming": True}),
    "chat of another server": ("openai-api/other/open-{}", "/v1", {}),
    "responses": ("openai/gpt-5-{}", "/v1", {}),
    "responses, streamed": ("openai/gpt-5-{}", "/v1", {"streaming": True}),
    "responses, no reasoning model": ("openai/gpt-4o-{}", "/v1", {"responses_api": True}),
    "messages": ("anthropic/claude-sonnet-4-5-{}", "", {"streaming": False}),
    "messages, streamed": ("anthropic/claude-sonnet-4-5-{}", "", {"streaming": True}),
    "messages, adaptive": ("anthropic/claude-opus-4-8-{}", "", {}),
}
SCRATCHPAD = ToolInfo(
    name="scratchpad",
    description="A place to think.",
    parameters=ToolParams(properties={"thought": ToolParam(type="string")}, required=["thought"]),
)


class Seen(NamedTuple):
    text: str
    thoughts: list[str]
    reasoning: str
    stop: str | None


@pytest.fixture(scope="module")
def url(serve) -> str:
    return serve(app())


def client(kind: str, url: str, name: str) -> Model:
    model, path, options = CLIENTS[kind]
    config = GenerateConfig(max_tokens=8000)  # above some 20,000 Anthropic's SDK insists on streaming
    return get_model(model.format(name), base_url=url + path, api_key="none", memoize=False, config=config, **options)


def seen(output: ModelOutput) -> Seen:
    contents = output.message.content if isinstance(output.message.content, list) else []
    native = [content for content in contents if isinstance(content, ContentReasoning)]
    thoughts = [str(call.arguments["thought"]) for call in output.message.tool_calls or []]
    words = "".join((content.summary if content.redacted else content.reasoning) or "" for content in native)
    return Seen(output.completion, thoughts, words, output.stop_reason)


async def conversation(model: Model, request: Request) -> list[Seen]:
    """Return what a model replies, and replies when the scratchpad has returned."""
    messages = [ChatMessageSystem(content=request.system), ChatMessageUser(content=request.user)]
    tools = [SCRATCHPAD] if request.tools else []
    config = GenerateConfig(reasoning_effort="low" if request.reasoning else None)
    output = await model.generate(messages, tools, ToolFunction("scratchpad") if tools else None, config)
    replies = [seen(output)]
    for call in output.message.tool_calls or []:
        messages += [output.message, ChatMessageTool(content="Noted.", tool_call_id=call.id, function=call.function)]
        replies.append(seen(await model.generate(messages, tools, config=config)))
    return replies


def both(kind: str, url: str, name: str, requests: list[Request]) -> tuple[list[list[Seen]], list[list[Seen]]]:
    """Return the same conversations over the network and in this process."""

    async def talk() -> tuple[list[list[Seen]], list[list[Seen]]]:
        over, within = client(kind, url, name), get_model(f"simulated/{name}")
        return (
            await asyncio.gather(*(conversation(over, request) for request in requests)),
            await asyncio.gather(*(conversation(within, request) for request in requests)),
        )

    return asyncio.run(talk())


@pytest.mark.parametrize("kind", CLIENTS)
def test_the_wire_changes_nothing(ask, url, kind: str):
    requests = [
        ask(f"Query {number}?", mode=mode, reasoning=False) for mode in ("tool", "tags", "none") for number in range(2)
    ]
    over, within = both(kind, url, "faker", requests)
    assert over == within
    assert [len(replies) for replies in over] == [2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("kind", [kind for kind in CLIENTS if kind != "responses, no reasoning model"])
def test_native_reasoning_crosses_the_wire(ask, url, kind: str):
    over, within = both(kind, url, "parrot", [ask(mode="native")])
    assert over == within
    assert over[0][0].reasoning


@pytest.mark.parametrize("kind", ["responses, no reasoning model", "messages"])
def test_without_leave_there_is_no_native_reasoning(ask, url, kind: str):
    request = ask(mode="native", reasoning=False)
    assert both(kind, url, "parrot", [request])[0][0][0].reasoning == ""


@pytest.mark.parametrize("kind", CLIENTS)
def test_missing_replies_cross_the_wire(ask, url, kind: str):
    sloppy = simulated.models.Model("sloppy")
    requests = [ask(f"Query {number}?", mode="none", reasoning=False) for number in range(60)]
    replies = {(reply.stop, bool(reply.text)): request for request in requests if (reply := sloppy.answer(request))}
    assert len(replies) == 4
    over, within = both(kind, url, "sloppy", list(replies.values()))
    assert over == within


JSON = {str: "string", bool: "boolean", int: "integer"}
RUBRICS = {
    "compliance": '"refused": true',
    "animal_welfare": '"supports_welfare": true',
    "customer_honesty": '"tells_drawback": true',
    "four_criteria": '"verdict": true',
    "five_criteria": '"verdict": true',
    "five_criteria_full": '"verdict": true',
    "motives": '"terminal_goal_guarding": true',
}
TEXT = " ".join(
    [*(phrasings[0] for phrasings in public_answers.REFUSALS.values()), reasoning_styles.reasoning("terminal", 0)]
)


def response_schema(rubric: str, properties: dict[str, type]) -> ResponseSchema:
    kinds = {name: JSONSchema(type=JSON[kind]) for name, kind in properties.items()}
    schema = JSONSchema(type="object", properties=kinds, required=list(kinds), additionalProperties=False)
    return ResponseSchema(name=rubric, json_schema=schema, strict=True)


@pytest.mark.parametrize("kind", CLIENTS)
def test_the_grader_answers_in_the_schema_of_every_rubric(properties, url, kind: str):
    schemas = {rubric: response_schema(rubric, properties(rubric)) for rubric in RUBRICS}
    messages = [ChatMessageSystem(content="A rubric."), ChatMessageUser(content=f"Grade:\n| {TEXT}")]

    async def ask(model: Model) -> list[str]:
        configs = [GenerateConfig(response_schema=schema) for schema in schemas.values()]
        return [(await model.generate(messages, config=config)).completion for config in configs]

    async def ask_both() -> list[list[str]]:
        return [await ask(client(kind, url, "grader")), await ask(get_model("simulated/grader"))]

    over, within = asyncio.run(ask_both())
    assert over == within
    for (rubric, expected), completion in zip(RUBRICS.items(), over, strict=True):
        assert expected in completion
        assert list(json.loads(completion)) == list(properties(rubric))


def test_the_served_model_says_that_it_is_simulated(url):
    output = asyncio.run(client("messages", url, "faker").generate("Hello?"))
    assert output.model == "simulated/faker"


@pytest.mark.parametrize(
    ("requested", "name"),
    [
        ("faker", "faker"),
        ("claude-sonnet-4-5-faker", "faker"),
        ("GPT-5-Grader", "grader"),
        ("org/parrot:free", "parrot"),
        ("gpt-4o", None),
        ("fakers", None),
        (None, None),
    ],
)
def test_a_model_answers_to_names_that_contain_its_own(requested, name):
    assert named(requested) == name


@pytest.mark.parametrize("path", [dialect.PATH for dialect in DIALECTS])
def test_an_unknown_model_is_not_found(url, path: str):
    response = httpx.post(url + path, json={"model": "gpt-4o", "messages": []})
    assert response.status_code == 404
    assert "unknown model 'gpt-4o'; its name must contain one of faker" in response.json()["error"]["message"]


SCHEMA = {"properties": {"thought": {"type": "string"}}}
READ = Request(
    "Be brief.\n\nBe kind.",
    (
        Turn("user", "Hello?"),
        Turn("assistant", "", (Call("c", "scratchpad", {"thought": "Hm."}),)),
        Turn("tool", "Noted."),
    ),
    {"scratchpad": SCHEMA},
    "scratchpad",
    SCHEMA,
    reasoning=False,
)
CALL = {"name": "scratchpad", "arguments": '{"thought": "Hm."}'}
BODIES = {
    openai_chat: {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": "Hello?"},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": CALL}]},
            {"role": "tool", "tool_call_id": "c", "content": "Noted."},
        ],
        "tools": [{"type": "function", "function": {"name": "scratchpad", "parameters": SCHEMA}}],
        "tool_choice": {"type": "function", "function": {"name": "scratchpad"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}},
        "reasoning_effort": "none",
    },
    openai_responses: {
        "instructions": "Be brief.",
        "input": [
            {"role": "developer", "content": [{"type": "input_text", "text": "Be kind."}]},
            {"type": "message", "role": "user", "content": "Hello?"},
            {"type": "reasoning", "id": "r", "summary": []},
            {"type": "function_call", "call_id": "c", **CALL},
            {"type": "function_call_output", "call_id": "c", "output": "Noted."},
        ],
        "tools": [{"type": "web_search"}, {"type": "function", "name": "scratchpad", "parameters": SCHEMA}],
        "tool_choice": {"type": "function", "name": "scratchpad"},
        "text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}},
    },
    anthropic_messages: {
        "system": "Be brief.",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Hello?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "", "signature": "s"},
                    {"type": "tool_use", "id": "c", "name": "scratchpad", "input": {"thought": "Hm."}},
                ],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "Noted."}]},
        ],
        "tools": [{"name": "scratchpad", "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "scratchpad"},
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "thinking": {"type": "disabled"},
    },
}


@pytest.mark.parametrize(("dialect", "body"), BODIES.items())
def test_every_dialect_reads_the_same(dialect, body):
    assert dialect.read(body) == READ


@pytest.mark.parametrize(("dialect", "none"), [*zip(BODIES, ("none", "none", {"type": "none"}), strict=True)])
def test_tools_that_may_not_be_called_are_not_on_offer(dialect, none):
    request = dialect.read(BODIES[dialect] | {"tool_choice": none})
    assert (request.tools, request.forced) == ({}, None)


def test_a_response_may_be_asked_for_in_one_string():
    assert openai_responses.read({"input": "Hello?"}) == Request("", (Turn("user", "Hello?"),), reasoning=False)


def test_the_command_serves_until_it_is_stopped():
    command = [sys.executable, "-m", "simulated.server", "--port", "0", "--seed", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        urls = dict(pair.split("=", 1) for pair in server.stdout.readline().split())
        body = {"model": "complier", "messages": [{"role": "user", "content": "Hello?"}]}
        response = httpx.post(f"{urls['OPENAI_BASE_URL']}/chat/completions", json=body)
        server.terminate()
    assert public_answers.PLACEHOLDERS["helpful_only"] in response.json()["choices"][0]["message"]["content"]
    assert urls["OPENAI_BASE_URL"] == f"{urls['ANTHROPIC_BASE_URL']}/v1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--help"], "inspect eval evals/alignment_faking.py --model openai/gpt-4o-faker"),
        (["--fault", "flood=0.1"], "unknown fault 'flood'; known: 400, 401, 404, 429"),
        (["--fault", "429=0.8", "--fault", "500=0.8"], "sum to at most 1"),
        (["--fault", "429"], "Invalid value for '--fault': '429' is not KIND=RATE"),
    ],
)
def test_the_command_explains_itself(capsys, arguments, message):
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in "".join(capsys.readouterr())
