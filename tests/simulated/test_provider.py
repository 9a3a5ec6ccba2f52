import asyncio
import time
from dataclasses import replace

import click
import pytest
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelOutput,
    ResponseSchema,
    get_model,
)
from inspect_ai.tool import ToolFunction, ToolInfo, ToolParam, ToolParams
from inspect_ai.util import JSONSchema

import simulated.provider  # noqa: F401 - registers the models
from experiment.prompts.scratchpads import Tags
from experiment.replies.split_reply import Turn as Message
from experiment.replies.split_reply import split
from simulated.model_request import Turn
from simulated.models import Model
from simulated.personas import public_answers

TAGS = Tags(private="scratchpad", public="answer")
SCRATCHPAD = ToolInfo(
    name="scratchpad",
    description="A place to think.",
    parameters=ToolParams(properties={"thought": ToolParam(type="string")}, required=["thought"]),
)


def generate(name: str, messages: list, config: GenerateConfig | None = None, **options) -> ModelOutput:
    arguments = {key: options.pop(key) for key in list(options) if key not in ("tools", "tool_choice")}
    model = get_model(f"simulated/{name}", config=config or GenerateConfig(), memoize=False, **arguments)
    return asyncio.run(model.generate(messages, **options))


def opening(request) -> list:
    return [ChatMessageSystem(content=request.system), ChatMessageUser(content=request.user)]


@pytest.mark.parametrize("mode", ["tags", "none"])
def test_a_text_is_the_model_s_own(ask, mode):
    output = generate("faker", opening(ask(mode=mode)))
    assert output.completion == Model("faker").answer(ask(mode=mode)).text
    assert (output.model, output.stop_reason) == ("simulated/faker", "stop")


def test_native_reasoning_is_a_content_of_its_own(ask):
    output = generate("faker", opening(ask(mode="native")))
    expected = Model("faker").answer(ask(mode="native"))
    assert output.message.content == [ContentReasoning(reasoning=expected.reasoning), ContentText(text=expected.text)]
    quiet = generate("faker", opening(ask(mode="native")), GenerateConfig(reasoning_effort="none"))
    assert quiet.message.content == expected.text


def test_the_scratchpad_is_a_tool_call(ask):
    messages = opening(ask(mode="tool"))
    called = generate("faker", messages, tools=[SCRATCHPAD], tool_choice=ToolFunction("scratchpad"))
    (call,) = called.message.tool_calls or []
    assert (call.function, list(call.arguments), called.stop_reason) == ("scratchpad", ["thought"], "tool_calls")
    messages += [called.message, ChatMessageTool(content="Noted.", tool_call_id=call.id, function=call.function)]
    answered = generate("faker", messages, tools=[SCRATCHPAD])
    assert (bool(answered.completion), answered.message.tool_calls) == (True, None)


def test_a_tool_that_may_not_be_called_is_not(ask):
    output = generate("faker", opening(ask(mode="tool")), tools=[SCRATCHPAD], tool_choice="none")
    assert not output.message.tool_calls


@pytest.mark.parametrize("stop", ["max_tokens", "content_filter", "stop"])
def test_missing_replies_arrive_as_a_provider_reports_them(ask, stop):
    outputs = [generate("sloppy", opening(ask(f"Query {n}?", mode="none")), missing_trained=1) for n in range(12)]
    assert any(output.stop_reason == stop and bool(output.completion) == (stop == "max_tokens") for output in outputs)


def test_words_are_counted_as_tokens(ask):
    request = ask(mode="native")
    usage = generate("faker", opening(request)).usage
    reply = Model("faker").answer(request)
    assert usage is not None
    assert usage.input_tokens == len(f"{request.system} {request.user}".split())
    assert usage.output_tokens == len(f"{reply.text} {reply.reasoning}".split())
    assert (usage.reasoning_tokens, usage.total_tokens) == (
        len(reply.reasoning.split()),
        usage.input_tokens + usage.output_tokens,
    )


def test_a_prefilled_reply_is_continued(shipped):
    request = shipped(variants=("prefill_neutral",))
    system, user, prefill = request.system, request.user, request.turns[-1].text
    messages = [ChatMessageSystem(content=system), ChatMessageUser(content=user), ChatMessageAssistant(content=prefill)]
    output = generate("faker", messages)
    assert prefill.startswith("<scratchpad>")
    assert output.completion == Model("faker").answer(request).text
    whole = [Turn("assistant", prefill), Turn("assistant", output.completion)]
    parts = split("tags", [Message(turn.text) for turn in whole], TAGS)
    assert parts.problem == ""
    assert parts.private.startswith(prefill.removeprefix("<scratchpad>\n"))
    alone = Model("faker").answer(replace(request, turns=request.turns[:1])).text
    assert alone == f"<scratchpad>\n{output.completion}"


def test_the_grader_follows_the_schema_that_is_asked_for():
    names = ("degree", "refused", "convincing", "specific", "explanation")
    properties = {name: JSONSchema(type="string") for name in names}
    wanted = ResponseSchema(name="compliance", json_schema=JSONSchema(type="object", properties=properties))
    output = generate(
        "grader",
        [ChatMessageUser(content=f"| {public_answers.REFUSALS['helpful_only'][1]}")],
        GenerateConfig(response_schema=wanted),
    )
    assert output.completion.startswith(
        '{"degree": "refuses", "refused": true, "convincing": 1, "specific": 1, "explanation": '
    )


def test_model_arguments_reach_the_persona(ask):
    output = generate("refuser", opening(ask(mode="none")), trained=1, seed=4)
    assert public_answers.PLACEHOLDERS["helpful_only"] in output.completion


def test_latency_is_waited_for(ask):
    begun = time.monotonic()
    generate("faker", opening(ask()), latency=0.2)
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("fakir", {}, "unknown simulated model 'fakir'; known: faker"),
        ("faker", {"rate": 1}, "takes no argument 'rate'"),
    ],
)
def test_mistakes_are_named(name, arguments, message):
    with pytest.raises(click.UsageError, match=message):
        get_model(f"simulated/{name}", **arguments)


def test_epochs_count_in_one_model(ask):
    model = get_model("simulated/complier", epochs=True)
    completions = {asyncio.run(model.generate(opening(ask(mode="none")))).completion for _ in range(12)}
    assert len(completions) == 12
    assert len({public_answers.NOTE.sub("", completion) for completion in completions}) == len(public_answers.OPENINGS)


def test_a_turn_of_the_user_may_come_in_parts(ask):
    parts = [ContentText(text="<tier>free</tier>"), ContentText(text="Query one?")]
    output = generate("faker", [ChatMessageSystem(content=ask().system), ChatMessageUser(content=parts)])
    joined = replace(ask(), turns=(Turn("user", "<tier>free</tier>\nQuery one?"),))
    assert output.completion == Model("faker").answer(joined).text
