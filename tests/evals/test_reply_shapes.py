"""Reply shapes sent through Inspect's real providers end as they are meant: what is private, what is public, the word."""

import json
from itertools import product

import pytest
from inspect_ai.model import get_model

from solvers.reply_store import SplitReply
from tests.evals.wire_server import SHAPES, query, scripted

MODELS = {
    "openai-chat": "openai/gpt-4o",
    "openai-responses": "openai/gpt-5",
    "openai-api": "openai-api/local/some-model",
    "anthropic": "anthropic/claude-sonnet-4-5",
    "vllm": "vllm/some/model-{}",  # Inspect keeps the address of a server by the model's name
    "ollama": "ollama/some-model",
}
MODES = ("tool", "tags", "native", "none")
ALWAYS = {
    ("openai-chat", "none"),
    ("openai-responses", "native"),
    ("openai-api", "tool"),
    ("anthropic", "native"),
    ("vllm", "none"),
    ("ollama", "none"),
}
GRADED = ("complied", "refused")


def sent(provider, mode):
    """Return the shapes that are sent through a provider in a mode."""
    wired = [shape for shape in SHAPES.values() if provider in shape.get("wire", {}).get("providers", ())]
    return [shape for shape in wired if shape["wire"].get("mode", shape["mode"]) == mode]


CASES = [
    pytest.param(provider, mode, id=f"{provider}-{mode}", marks=() if (provider, mode) in ALWAYS else pytest.mark.slow)
    for provider, mode in product(MODELS, MODES)
    if sent(provider, mode)
]


@pytest.fixture
def model(serve, monkeypatch):
    """Return what gives a real provider's model that asks a new server."""
    server = serve(scripted())
    for service in ("OPENAI", "LOCAL", "VLLM", "OLLAMA", "ANTHROPIC"):
        monkeypatch.setenv(f"{service}_BASE_URL", server if service == "ANTHROPIC" else f"{server}/v1")
        monkeypatch.setenv(f"{service}_API_KEY", "none")
    return lambda provider: get_model(MODELS[provider].format(server.split(":")[-1]), memoize=False)


@pytest.mark.parametrize(("provider", "mode"), CASES)
def test_a_shape_on_the_wire_ends_as_it_is_meant(run, model, tmp_path, provider, mode):
    shapes = sent(provider, mode)
    path = tmp_path / "shapes.jsonl"
    path.write_text("".join(json.dumps(query(shape)) + "\n" for shape in shapes), encoding="utf-8")
    args = {"scratchpad": mode, "queries": str(path)}
    log = run(model(provider), args=args, max_tokens=800, max_connections=20)
    assert log.status == "success"
    assert len(log.samples) == 2 * len(shapes)
    wrong = {sample.id: found for sample in log.samples if (found := differences(sample))}
    assert wrong == {}


def differences(sample):
    """Compare a sample with what its shape fixes; null stands for what the shape leaves open."""
    expected = SHAPES[sample.metadata["query"]]["expected"]
    kept, word = sample.store_as(SplitReply).model_dump(), sample.scores["outcome"].value
    fixed = {name: value for name, value in expected.items() if name in kept and value is not None}
    found = {name: (kept[name], value) for name, value in fixed.items() if kept[name] != value}
    words = (
        (expected["ungraded"],) if "ungraded" in expected else ("malformed",) if expected["reason"] != "" else GRADED
    )
    return found if word in words else {**found, "outcome": (word, words)}


def test_enough_shapes_are_sent_through_every_provider():
    assert sum("wire" in shape for shape in SHAPES.values()) >= 40
    assert min(sum(len(sent(provider, mode)) for mode in MODES) for provider in MODELS) >= 10
