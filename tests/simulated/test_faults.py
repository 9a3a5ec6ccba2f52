import asyncio
import json
import time

import httpx
import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, get_model

import simulated.provider  # noqa: F401 - registers the models
from simulated.faults import KINDS, Faults
from simulated.server import app

BODY = {"model": "faker", "messages": [{"role": "user", "content": "Hello?"}]}
CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(("kind", "status"), [("400", 400), ("429", 429), ("500", 500)])
def test_an_error_is_a_response_in_the_api_s_own_form(serve, kind, status):
    response = httpx.post(serve(app({kind: 1})) + CHAT, json=BODY)
    assert response.status_code == status
    assert response.json()["error"]["message"] == "Simulated fault."
    assert ("retry-after" in response.headers) == (kind == "429")


def test_a_dropped_connection_ends_without_an_answer(serve):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(serve(app({"drop": 1})) + CHAT, json=BODY)


def test_a_slow_answer_is_whole(serve):
    url, begun = serve(app({"slow": 1})), time.monotonic()
    assert httpx.post(url + CHAT, json=BODY).json()["choices"]
    assert time.monotonic() - begun >= 0.1


@pytest.mark.parametrize(("stream", "kind"), [(False, "application/json"), (True, "text/event-stream")])
def test_a_broken_answer_is_not_json(serve, stream, kind):
    response = httpx.post(serve(app({"broken": 1})) + CHAT, json=BODY | {"stream": stream})
    assert (response.status_code, response.headers["content-type"].split(";")[0]) == (200, kind)
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.text.split("data: ")[-1].strip())


def test_each_kind_comes_as_often_as_asked_for():
    faults = Faults(app(), dict.fromkeys(KINDS, 0.15), seed=1)
    picked = [faults.pick(str(number).encode()) for number in range(2000)]
    assert [picked.count(kind) for kind in KINDS] == pytest.approx([300] * len(KINDS), abs=65)


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
