"""Each fault of the chaos proxy reaches a client as what it says."""

import json
from contextlib import nullcontext

import httpx
import pytest

from simulated.server.app import app
from tests.chaos_proxy import KINDS, ChaosProxy

REQUEST = {"model": "gpt-4o-faker", "messages": [{"role": "user", "content": "Hello"}]}
SEEN = {
    "reset": httpx.ReadError,
    "half_open": httpx.ReadTimeout,
    "html": json.JSONDecodeError,
    "empty": json.JSONDecodeError,
    "no_headers": httpx.RemoteProtocolError,
    "bad_gzip": (json.JSONDecodeError, httpx.TransportError),
    "not_gzip": httpx.DecodingError,
    "bad_chunks": httpx.RemoteProtocolError,
    "cut_chunks": httpx.RemoteProtocolError,
    "wait_a_day": httpx.HTTPStatusError,
    "wait_oddly": httpx.HTTPStatusError,
    "late": httpx.ReadTimeout,
}


@pytest.fixture(scope="module")
def upstream(serve):
    return serve(app({}))


def ask(proxy, client):
    answer = client.post(f"{proxy.url}/v1/chat/completions", json=REQUEST)
    return answer.raise_for_status().json()


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_what_it_says(upstream, kind):
    with ChaosProxy(upstream, 1, seed=0, kinds=(kind,), late=2) as proxy:
        with pytest.raises(SEEN[kind]) if kind in SEEN else nullcontext(), httpx.Client(timeout=1) as client:
            assert ask(proxy, client)["choices"]
        assert proxy.met == {kind: 1}
        proxy.share = 0
        with httpx.Client(timeout=1) as client:
            assert ask(proxy, client)["choices"]


def test_without_faults_nothing_is_changed(upstream):
    with ChaosProxy(upstream, 0, seed=0) as proxy, httpx.Client() as client:
        direct = client.post(f"{upstream}/v1/chat/completions", json=REQUEST).json()
        assert ask(proxy, client)["choices"] == direct["choices"]
        assert not proxy.met


def test_a_share_of_requests_meets_faults_and_a_seed_repeats_them(upstream):
    def faults(seed):
        with ChaosProxy(upstream, 0.3, seed=seed, kinds=("empty", "html")) as proxy, httpx.Client() as client:
            for number in range(100):
                body = {**REQUEST, "messages": [{"role": "user", "content": str(number)}]}
                client.post(f"{proxy.url}/v1/chat/completions", json=body)
            return proxy.met

    assert 15 < faults(1).total() < 45
    assert faults(1) == faults(1)
    assert faults(1) != faults(2)
