import asyncio
import json
import re
from collections import Counter

import httpx
import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, get_model

import simulated.provider  # noqa: F401 - registers the models
from simulated.server.app import app
from simulated.server.faults import DELAY, KINDS, Faults
from tests.request_record import Record

BODY = {"model": "faker", "messages": [{"role": "user", "content": "Hello?"}]}
CHAT = "/v1/chat/completions"


@pytest.mark.parametrize("kind", ["400", "404", "429", "429-bare", "500", "502", "503", "529"])
def test_an_error_is_a_response_in_the_api_s_own_form(serve, kind):
    response = httpx.post(serve(app({kind: 1})) + CHAT, json=BODY)
    assert response.status_code == int(kind[:3])
    assert response.json()["error"]["message"] == "Simulated fault."
    assert ("retry-after" in response.headers) == (kind == "429")


@pytest.mark.parametrize(
    "header", [{"Authorization": "Bearer sk-secret-key-0123456789"}, {"X-Api-Key": "sk-secret-key-0123456789"}]
)
def test_a_refused_key_is_repeated_as_openai_repeats_it(serve, header):
    response = httpx.post(serve(app({"401": 1})) + CHAT, json=BODY, headers=header)
    assert response.status_code == 401
    assert response.json()["error"]["message"] == "Incorrect API key provided: sk-secre************6789."


def test_a_dropped_connection_ends_without_an_answer(serve):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(serve(app({"drop": 1})) + CHAT, json=BODY)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_can_end_in_its_middle(serve, stream):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(serve(app({"cut": 1})) + CHAT, json=BODY | {"stream": stream})


def test_an_answer_may_never_come(serve):
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(serve(app({"hang": 1})) + CHAT, json=BODY, timeout=0.2)


@pytest.mark.parametrize("stream", [False, True])
def test_a_slow_answer_is_whole(serve, stream):
    slow, whole = (
        httpx.post(serve(app(faults)) + CHAT, json=BODY | {"stream": stream}) for faults in ({"slow": 1}, {})
    )
    assert slow.elapsed.total_seconds() >= DELAY
    varying = r"chatcmpl_\w+|\"created\": ?\d+"
    assert re.sub(varying, "", slow.text) == re.sub(varying, "", whole.text)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("kind", "reason"), [("filter", "content_filter"), ("truncate", "length")])
def test_a_corrupted_answer_says_why_it_stopped(serve, kind, reason, stream):
    response = httpx.post(serve(app({kind: 1})) + CHAT, json=BODY | {"stream": stream})
    assert f'"finish_reason":"{reason}"' in response.text.replace(" ", "")


@pytest.mark.parametrize(
    ("path", "field"), [(CHAT, "choices"), ("/v1/responses", "output"), ("/v1/messages", "content")]
)
def test_an_answer_can_be_empty(serve, path, field):
    response = httpx.post(serve(app({"empty": 1})) + path, json=BODY | {"input": "Hello?"})
    assert response.json()[field] == []


def test_faults_can_begin_late_and_spare_a_model(serve):
    url = serve(app({"404": 1}, after=1, only="faker"))
    asked = [httpx.post(url + CHAT, json=BODY | {"model": name}).status_code for name in ("faker", "quiet", "faker")]
    assert asked == [200, 200, 404]


def test_a_record_holds_what_was_asked_and_what_failed(serve):
    record = Record(app({"404": 1}, after=1))
    url = serve(record)
    for text in ("One?", "Two?"):
        httpx.post(url + CHAT, json=BODY | {"messages": [{"role": "user", "content": text}]})
    httpx.get(url + "/docs")
    assert list(record.since()) == [("faker", "One?"), ("faker", "Two?")]
    assert (len(record), list(record.since(1))) == (2, [("faker", "Two?")])


@pytest.mark.parametrize(("stream", "kind"), [(False, "application/json"), (True, "text/event-stream")])
def test_a_broken_answer_is_not_json(serve, stream, kind):
    response = httpx.post(serve(app({"broken": 1})) + CHAT, json=BODY | {"stream": stream})
    assert (response.status_code, response.headers["content-type"].split(";")[0]) == (200, kind)
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.text.split("data: ")[-1].strip())


def test_each_kind_comes_as_often_as_asked_for():
    faults = Faults(app(), dict.fromkeys(KINDS, 0.05), seed=1)
    picked = Counter(faults.pick(str(number).encode()) for number in range(6000))
    assert [picked[kind] for kind in KINDS] == pytest.approx([300] * len(KINDS), abs=65)
    assert faults.met == {kind: picked[kind] for kind in KINDS}


def test_every_body_succeeds_in_the_end_and_repeats_exactly():
    def attempts(body: bytes, faults: Faults) -> list[str | None]:
        picked = [faults.pick(body)]
        while picked[-1]:
            picked.append(faults.pick(body))
        return picked

    bodies = [str(number).encode() for number in range(100)]
    forward, backward = Faults(app(), {"429": 0.5}), Faults(app(), {"429": 0.5})
    histories = {body: attempts(body, forward) for body in bodies}
    assert {body: attempts(body, backward) for body in reversed(bodies)} == histories
    assert {len(history) for history in histories.values()} >= {1, 2, 3}


@pytest.mark.slow
def test_clients_that_try_again_lose_nothing(ask, serve):
    url = serve(app({"429": 0.15, "500": 0.15, "drop": 0.15, "slow": 0.15}, seed=2))
    over = {"openai/gpt-4o-faker": "/v1", "openai/gpt-5-faker": "/v1", "anthropic/claude-sonnet-4-5-faker": ""}
    requests = [ask(f"Query {number}?", mode="none") for number in range(5)]

    async def answers(name: str, **options: object) -> list[str]:
        chosen = get_model(name, memoize=False, **options)
        messages = [[ChatMessageSystem(content=r.system), ChatMessageUser(content=r.user)] for r in requests]
        return [output.completion for output in await asyncio.gather(*(chosen.generate(each) for each in messages))]

    async def everywhere() -> list[list[str]]:
        clients = (answers(name, base_url=url + over[name], api_key="none", max_retries=6) for name in over)
        return await asyncio.gather(answers("simulated/faker", seed=2), *clients)

    expected, *others = asyncio.run(everywhere())
    assert others == [expected] * len(over)
