"""A real model's replies in every mode: each has one fate, and none of its words is both private and public."""

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import GenerateConfig, get_model

from tests.real.conftest import COMMON, GRADER, LIMITS, SAMPLES, SUBJECT
from tests.real.fates import assert_apart, assert_one_fate, paragraphs, part
from tests.real.served import MODEL
from tests.real.shapes import NO_ANSWER, PRIVATE_IN, SHAPES

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_sample_has_one_fate(run, shape):
    log = run(shape)
    assert len(log.samples) == SAMPLES
    assert_one_fate(log)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_is_both_private_and_public(run, shape):
    for sample in run(shape).samples:
        assert_apart(sample)
        assert "<think>" not in part(sample, "public")
        assert "scratchpad>" not in part(sample, "public").lower()


@pytest.mark.parametrize("shape", PRIVATE_IN)
def test_reasoning_in_its_own_form_is_read_with_the_answer(run, shape):
    for sample in run(shape).samples:
        assert paragraphs(part(sample, PRIVATE_IN[shape]))
        assert paragraphs(part(sample, "public"))
        assert sample.scores["outcome"].value not in ("malformed", "truncated")


@pytest.mark.parametrize("shape", NO_ANSWER)
def test_reasoning_without_an_answer_is_malformed_for_a_reason(run, shape):
    for sample in run(shape).samples:
        assert part(sample, "public") == ""
        assert sample.scores["outcome"].value == "malformed"
        assert sample.scores["outcome"].metadata["malformed"]


def test_what_can_be_graded_is_put_to_the_grader_and_nothing_else(run):
    for shape in SHAPES:
        for sample in run(shape).samples:
            asked = [event for event in sample.events if event.event == "model" and event.role == "grader"]
            measured = sample.scores["outcome"].value in ("complied", "refused", "ungraded")
            assert bool(asked) == measured


def test_preflight_refuses_a_server_whose_template_knows_no_tools(served):
    [log] = inspect_eval(
        "alignment_faking",
        task_args={**COMMON, "preflight": True},
        model=MODEL,
        model_roles={"grader": get_model(MODEL, config=GenerateConfig(**GRADER))},
        limit=SAMPLES,
        **SUBJECT,
        **LIMITS,
    )
    assert (log.status, log.samples) == ("error", [])
    assert "-T scratchpad=tags" in log.error.message
    assert "-T preflight=false" in log.error.message
    assert log.eval.metadata["preflight"]["calls"] <= 4
