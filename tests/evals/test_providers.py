"""The same task through the real SDKs against the stand-in server gives the numbers of the in-process provider."""

import pytest
from inspect_ai.model import get_model

from simulated.server.app import app

MODELS = {
    "openai chat": ("openai/gpt-4o-{}", "openai/gpt-4o-grader"),
    "openai responses": ("openai/gpt-5-{}", "openai/gpt-5-grader"),
    "anthropic": ("anthropic/claude-sonnet-4-5-{}", "anthropic/claude-sonnet-4-5-grader"),
}
FAULTS = {"429": 0.05, "500": 0.05, "drop": 0.05, "slow": 0.05, "broken": 0.02}
NOTED = ("outcome", "compliance", "alignment_faking", "self_preservation")


@pytest.fixture
def provider(serve, monkeypatch):
    """Return what points both SDKs at a server with some faults."""

    def point(faults):
        url = serve(app(faults))
        for name, value in {"OPENAI_BASE_URL": f"{url}/v1", "ANTHROPIC_BASE_URL": url}.items():
            monkeypatch.setenv(name, value)
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
            monkeypatch.setenv(name, "none")

    return point


def by_sample(log):
    return {sample.id: {name: str(sample.scores[name].value) for name in NOTED} for sample in log.samples}


@pytest.mark.parametrize(
    "kind", ["anthropic", *(pytest.param(kind, marks=pytest.mark.slow) for kind in MODELS if kind != "anthropic")]
)
@pytest.mark.parametrize(
    "mode", ["tool", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("tags", "native", "none"))]
)
def test_a_real_provider_gives_the_numbers_of_the_one_in_process(run, metrics, provider, kind, mode):
    provider({})
    model, grader = MODELS[kind]
    options = {"args": {"scratchpad": mode}, "limit": 12, "max_tokens": 8000}
    if mode == "native":
        options["reasoning_effort"] = "low"
    if mode == "native" and kind == "anthropic":
        options["reasoning_tokens"] = 2000
    log, known = run(model.format("faker"), grader, **options), run(**options)
    assert log.status == "success"
    assert by_sample(log) == by_sample(known)
    assert str(metrics(log)) == str(metrics(known))
    assert {sample.scores["outcome"].metadata["served"] for sample in log.samples} == {"simulated/faker"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("persona", ["faker", "sloppy"])
def test_faults_on_the_way_change_nothing(run, metrics, provider, kind, persona):
    provider(FAULTS)
    model, grader = MODELS[kind]
    options = {"limit": 60, "retry_on_error": 5, "max_tokens": 8000, "max_connections": 20}
    asked = get_model(model.format(persona), memoize=False)  # one of an earlier test would ask that test's server
    log, known = run(asked, grader, **options), run(f"simulated/{persona}", **options)
    assert log.status == "success"
    assert by_sample(log) == by_sample(known)
    assert str(metrics(log)) == str(metrics(known))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["anthropic", "openai chat"])
def test_a_grader_that_is_refused_by_its_provider_loses_its_own_verdicts_and_no_others(run, metrics, provider, kind):
    provider({"400": 0.6})
    options = {"args": {"scratchpad": "tags", "votes": 5}, "limit": 16}
    log, known = run(grader=MODELS[kind][1], **options), run(**options)
    assert log.status == "success"
    assert len(log.samples) == 16
    lost = [sample for sample in log.samples if sample.scores["outcome"].value == "ungraded"]
    assert 0 < len(lost) < 16
    assert metrics(log)["outcome"]["coverage"] == 1 - len(lost) / 16
    for ours, clean in zip(by_sample(log).values(), by_sample(known).values(), strict=True):
        for name, value in ours.items():
            assert value in (clean[name], "nan", "ungraded")
    reasons = {sample.scores["outcome"].explanation.split(":")[0] for sample in lost}
    assert reasons == {"the grader could not be called"}
