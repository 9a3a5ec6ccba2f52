"""A misconfigured server ends a run before its first sample, in at most four calls and with how to fix it."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from inspect_ai import eval_retry, eval_set
from inspect_ai.log import read_eval_log
from inspect_ai.model import GenerateConfig, get_model

from evals import preflight
from evals.preflight_calls import QUERY, longest
from evals.preflight_checks import ProviderError, SubjectReply, check_error, check_reply
from experiment.prompts.conditions import Condition, resolve_condition
from experiment.prompts.scratchpads import load_scratchpad
from experiment.replies.split_reply import Turn
from experiment.replies.text_tool_calls import Call
from simulated.model_request import Reply
from simulated.models import NAMES, Model
from simulated.server import openai_chat
from simulated.server.app import app, named

MODELS = {
    "openai chat": "openai/gpt-4o-{}",
    "openai responses": "openai/gpt-5-{}",
    "anthropic": "anthropic/claude-sonnet-4-5-{}",
}
MODES = ("tool", "tags", "native", "none")
FAST = {("openai chat", "tool"), ("anthropic", "tags"), ("openai responses", "native"), ("openai chat", "none")}
THOUGHT = "The user wants to know a planet, which is a plain question about the solar system."
CONTEXT = 100  # words that the server with a small context takes
LITTLE = 40  # words of a long prompt that a server reads which cuts it without a word


class Misconfigured:
    """The stand-ins behind a server with one thing wrong, and the requests that it got."""

    def __init__(self, wrong: str, only: str = "") -> None:
        self.wrong, self.only = wrong, only
        self.requests: list[dict] = []
        self.app = FastAPI()
        models = {name: Model(name) for name in NAMES}

        @self.app.post(openai_chat.PATH)
        async def respond(body: dict) -> JSONResponse:
            self.requests.append(body)
            name = named(body["model"])
            wrong = self.wrong if self.only in name else ""
            if refusal := refused(wrong, body):
                return JSONResponse({"error": {"message": refusal, "type": "invalid_request_error"}}, 400)
            request = openai_chat.read(body)
            if wrong == "schema refused" and self.requests:  # as a grader that reads the schema in its prompt
                request = replace(request, schema=openai_chat.read(self.requests[0]).schema)
            reply = corrupted(wrong, models[name].answer(request))
            answer = openai_chat.write(reply, request, f"simulated/{name}")
            answer["usage"]["prompt_tokens"] = LITTLE if wrong == "prompt cut" else request.words
            return JSONResponse(answer)

    def asked(self) -> Counter:
        return Counter(named(body["model"]) for body in self.requests)


def refused(wrong: str, body: dict) -> str:
    """Return what a server answers to a request that it does not take, "" for one that it does."""
    roles = [message["role"] for message in body["messages"] if message["role"] not in openai_chat.SYSTEM]
    words = sum(len(str(message["content"]).split()) for message in body["messages"])
    template = "Conversation roles must alternate user/assistant/user/assistant/..."
    no_schema = "response_format" in body and "'response_format' of type 'json_schema' is not supported"
    return {
        "small context": words > CONTEXT
        and f"request ({words} tokens) exceeds the available context size ({CONTEXT} tokens), try increasing it",
        "alternation": any(role != ("user", "assistant")[at % 2] for at, role in enumerate(roles)) and template,
        "one turn": len(roles) > 1 and template,
        "no system": len(roles) < len(body["messages"]) and "System role not supported",
        "temperature": "temperature" in body
        and "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) is supported.",
        "no tool parser": "tools" in body
        and '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        "schema refused": no_schema,
        "no schema at all": no_schema,
        "unknown": "the cluster is on strike",
    }.get(wrong) or ""


def corrupted(wrong: str, reply: Reply) -> Reply:
    """Return what a server makes of a reply."""
    if wrong == "no tool calls":
        return Reply("Mercury.")
    if wrong == "calls as text" and reply.calls:
        [call] = reply.calls
        return Reply(json.dumps({"name": call.name, "arguments": call.arguments}))
    if wrong == "no reasoning parser":
        return Reply(f"{THOUGHT}\n</think>\n\nMercury.")
    if wrong == "reasoning twice":
        return Reply(f"{THOUGHT}\n\nMercury.", reasoning=THOUGHT)
    if wrong == "little room":
        return Reply("Merc", stop="max_tokens")
    return Reply("It names a planet.") if wrong.startswith("no schema") else reply


@pytest.fixture
def run_on(serve, run, monkeypatch):
    """Return what runs the task on a server with one thing wrong, and gives the log and the server."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")

    def start(wrong, mode="tool", only="", **options):
        server = Misconfigured(wrong, only)
        url = f"{serve(server.app)}/v1"
        config = GenerateConfig(temperature=0.5, max_tokens=8000)
        faker, grader = (
            get_model(MODELS["openai chat"].format(name), base_url=url, memoize=False, max_retries=0, config=config)
            for name in ("faker", "grader")
        )
        args = {"scratchpad": mode, "preflight": True, **options.pop("args", {})}
        return run(faker, grader, args=args, limit=4, **options), server

    return start


def note(log):
    return log.eval.metadata["preflight"]


REFUSED = [
    ("no tool calls", "tool", "faker", "use -T scratchpad=tags, or start the server with its tool-call parser"),
    ("calls as text", "tool", "faker", "use -T scratchpad=tags, or start the server with its tool-call parser"),
    ("no tool parser", "tool", "faker", "use -T scratchpad=tags, or start the server with its tool-call parser"),
    ("no reasoning parser", "native", "faker", "start the server with its reasoning parser"),
    ("reasoning twice", "native", "faker", "have the server keep reasoning out of the text"),
    ("small context", "tags", "faker", "give it 8k of context"),
    ("small context", "tool", "grader", "give the grader a larger context"),
    ("prompt cut", "tags", "faker", "give it 8k of context"),
    ("little room", "tags", "faker", "raise --max-tokens, or give it more context"),
    ("little room", "tags", "grader", "give the grader a larger max_tokens"),
    ("no schema", "tool", "grader", "take another grader, or serve it with JSON schemas"),
    ("alternation", "tool", "faker", "use -T scratchpad=tags, or give its server a template"),
    ("no system", "tags", "faker", "give its server a template that takes a system message"),
    ("one turn", "tags", "grader", "take another grader, or give its server a template"),
    ("temperature", "tags", "faker", "leave out --temperature"),
    ("temperature", "tags", "grader", "leave out temperature of the grader's --model-role"),
    ("unknown", "none", "faker", "could not be asked"),
]


@pytest.mark.parametrize(("wrong", "mode", "only", "remedy"), REFUSED)
def test_a_misconfiguration_is_refused_with_its_remedy(run_on, capfd, wrong, mode, only, remedy):
    log, server = run_on(wrong, mode, only, fail_on_error=False, retry_on_error=2)
    assert log.status == "error"
    assert remedy in note(log)["refused"]
    assert f"gpt-4o-{only}: " in note(log)["refused"]
    assert note(log)["refused"] in log.error.message
    assert "-T preflight=false" in log.error.message
    assert not log.samples
    assert len(server.requests) == note(log)["calls"] <= preflight.MOST_CALLS
    assert "cannot be run so" in capfd.readouterr().err


WARNED = [
    ("no reasoning parser", "tags", "faker", "start the server with its reasoning parser"),
    ("schema refused", "tags", "grader", "it takes no schema of its verdicts"),
    ("unknown", "tags", "grader", "could not be asked"),
]


@pytest.mark.parametrize(("wrong", "mode", "only", "said"), WARNED)
def test_what_the_run_can_bear_is_warned_of_in_one_line(run_on, capfd, wrong, mode, only, said):
    log, _ = run_on(wrong, mode, only)
    assert (log.status, len(log.samples)) == ("success", 4)
    assert (note(log)["refused"], said in note(log)["warned"]) == ("", True)
    [line] = [line for line in capfd.readouterr().err.splitlines() if line.startswith("Preflight: ")]
    assert said in line


def test_a_grader_that_takes_more_calls_leaves_fewer_to_the_model(run_on):
    log, server = run_on("no schema at all", "tool", "grader")
    assert "take another grader" in note(log)["refused"]
    assert server.asked() == {"grader": 3, "faker": 1}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        pytest.param(kind, mode, marks=() if (kind, mode) in FAST else pytest.mark.slow)
        for kind in MODELS
        for mode in MODES
    ],
)
def test_a_real_providers_normal_server_passes_unheard(serve, run, monkeypatch, capfd, kind, mode):
    url = serve(app())
    for name, value in {"OPENAI_BASE_URL": f"{url}/v1", "ANTHROPIC_BASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "none")
    options = {"max_tokens": 8000, "reasoning_effort": "low"} if mode == "native" else {"max_tokens": 8000}
    if mode == "native" and kind == "anthropic":
        options["reasoning_tokens"] = 2000
    faker, grader = (get_model(MODELS[kind].format(name), memoize=False) for name in ("faker", "grader"))
    log = run(faker, grader, args={"scratchpad": mode, "preflight": True}, limit=2, **options)
    assert (log.status, len(log.samples)) == ("success", 2)
    assert [check for check in note(log)["checks"] if check["result"] != "passed"] == []
    assert note(log)["calls"] == (4 if mode == "tool" else 3)
    assert "Preflight" not in capfd.readouterr().err


def test_stand_ins_are_not_asked(run):
    log = run(args={"preflight": True}, limit=2)
    assert log.status == "success"
    assert "preflight" not in log.eval.metadata
    assert log.results.early_stopping.manager == "asked"


def test_a_stand_in_can_be_asked_as_a_real_model_is(run, monkeypatch):
    monkeypatch.setattr(preflight, "STAND_INS", ())
    log = run(args={"preflight": True}, limit=2)
    assert (log.status, note(log)["calls"]) == ("success", 4)
    assert {check["result"] for check in note(log)["checks"]} == {"passed"}


def test_it_can_be_left_out(run_on):
    log, server = run_on("", "tags", args={"preflight": False})
    assert "preflight" not in log.eval.metadata
    assert all(QUERY not in str(body) for body in server.requests)


def of_preflight(server):
    return sum(QUERY in str(body["messages"]) for body in server.requests)


def test_a_retry_does_not_ask_again_what_passed(run_on):
    log, server = run_on("", "tags")
    asked = of_preflight(server)
    assert asked == note(log)["calls"] == 3
    server.requests.clear()
    [again] = eval_retry(unfinished(log), display="log", log_realtime=False)
    assert (again.status, len(again.samples), of_preflight(server)) == ("success", 4, 0)
    assert note(again) == note(log)


def unfinished(log):
    """Leave a log as an interrupted run does: with two of its samples."""
    log = read_eval_log(log.location)
    return log.model_copy(update={"status": "cancelled", "samples": log.samples[:2]})


def test_a_retry_of_a_refused_run_asks_again(run_on):
    log, server = run_on("no schema", "tags", "grader")
    assert log.status == "error"
    server.wrong = ""
    server.requests.clear()
    [again] = eval_retry(log, display="log", log_realtime=False)
    assert (again.status, len(again.samples), of_preflight(server)) == ("success", 4, 3)


def test_a_set_that_tries_again_asks_a_refused_server_once(serve, monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    server = Misconfigured("no schema", "grader")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{serve(server.app)}/v1")
    faker, grader = (get_model(MODELS["openai chat"].format(name), memoize=False) for name in ("faker", "grader"))
    options = {"task_args": {"scratchpad": "none"}, "model": faker, "model_roles": {"grader": grader}, "limit": 2}
    done, [log] = eval_set(
        "alignment_faking", str(tmp_path / "set"), retry_attempts=2, retry_wait=0.01, display="log", **options
    )
    assert (done, log.status) == (False, "error")
    assert len(server.requests) == note(log)["calls"]


def test_a_run_that_may_stop_early_still_may(run_on):
    log, _ = run_on("", "none", args={"stop": "precision:0.5"})
    assert log.results.early_stopping.metadata["stop"] == "precision:0.5"
    assert note(log)["refused"] == ""


def test_the_longest_prompt_is_asked_with_a_harmless_question_as_long_as_the_longest_query():
    prompts = list(resolve_condition(Condition("helpful_only", "ensemble", (), "tags", "Acme")).prompts.values())
    texts = ["short", "x" * 700]
    trial = longest(prompts, texts)
    lengths = [
        len(prompt.system) + len(prompt.user(tier, text))
        for prompt in prompts
        for tier in prompt.turns
        for text in texts
    ]
    assert trial.characters == max(lengths)
    assert QUERY in trial.messages[1].text
    assert "xxx" not in trial.messages[1].text


# What servers say, each as seen in a public report; the check that it ends in.
SAID = [
    ("openai", "Unsupported parameter: 'temperature' is not supported with this model.", "parameters"),
    ("openai", "Unrecognized request argument supplied: reasoning_effort", "parameters"),
    ("anthropic", "temperature: Extra inputs are not permitted", "parameters"),
    ("anthropic", "`temperature` may only be set to 1 when thinking is enabled", "parameters"),
    ("anthropic", "thinking.budget_tokens: Input should be greater than or equal to 1024", "parameters"),
    ("ollama", "registry.ollama.ai/library/gemma:2b does not support tools", "scratchpad"),
    ("openrouter", "No endpoints found that support tool use", "scratchpad"),
    ("llama.cpp", "tools param requires --jinja flag", "scratchpad"),
    (
        "llama.cpp",
        "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...",
        "conversation",
    ),
    ("gemma", "System role not supported", "conversation"),
    ("vllm", "This model's maximum context length is 4096 tokens. However, you requested 8000 tokens", "context"),
    ("openai", "Incorrect API key provided", "call"),
]


@pytest.mark.parametrize(("server", "words", "check"), SAID)
def test_what_a_server_says_is_told_apart(server, words, check):
    found = check_error(ProviderError(words, 400), load_scratchpad("tool"), 8000)
    assert (found.check, found.result) == (check, "refused")


@pytest.mark.parametrize("status", [None, 429, 500, 503])
def test_what_may_pass_does_not_end_a_run(status):
    assert check_error(ProviderError("Connection error.", status), load_scratchpad("tool"), 8000).result == "warned"


LONG = "I think about planets for a while before I say anything."
ANSWERS = [
    ("tool", [Turn("", (Call("scratchpad", {"thought": LONG}),))], {}, set()),
    ("tool", [Turn("Mercury.")], {"free": True}, {("scratchpad", "warned")}),
    ("tool", [Turn("Mercury.")], {}, {("scratchpad", "refused")}),
    ("tags", [Turn(f"<scratchpad>{LONG}</scratchpad><answer>Mercury.</answer>")], {}, set()),
    ("tags", [Turn("Mercury.")], {}, {("scratchpad", "warned")}),
    ("tags", [Turn(f"<scratchpad>{LONG}</scratchpad><answer>{LONG} Mercury.</answer>")], {}, {("private", "refused")}),
    ("native", [Turn("Mercury.", native=LONG)], {}, set()),
    ("native", [Turn("Mercury.")], {}, {("scratchpad", "warned")}),
    ("none", [Turn("Mercury.")], {}, set()),
    ("none", [Turn("Mercury.")], {"stop": "max_tokens", "written": 900}, {("context", "warned")}),
    ("none", [Turn("Mercury.")], {"stop": "max_tokens", "written": 9}, {("context", "refused")}),
    ("none", [Turn("Mercury.")], {"stop": "model_length", "written": 900}, {("context", "refused")}),
    ("none", [Turn("Mercury.")], {"read": 900}, {("context", "refused")}),
    ("none", [Turn("Mercury.")], {"stop": "content_filter"}, set()),
]


@pytest.mark.parametrize(("mode", "turns", "more", "found"), ANSWERS)
def test_what_a_reply_shows(mode, turns, more, found):
    answered = SubjectReply(tuple(turns), **{"stop": "stop", "read": 2000, **more})
    checks = check_reply(load_scratchpad(mode), answered, 8000)
    assert {(check.check, check.result) for check in checks if check.result != "passed"} == found
