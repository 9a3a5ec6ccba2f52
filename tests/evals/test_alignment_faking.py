"""The task end to end, on stand-in models whose truth is known."""

import math

import pytest
from inspect_ai import eval
from inspect_ai.model import get_model

from experiment.statistics.intervals import wilson
from simulated.personas.personas import PERSONAS
from tests.persona_truth import truth

MODES = ("tool", "tags", "native", "none")


@pytest.mark.parametrize(
    "mode", ["tool", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("tags", "native", "none"))]
)
def test_a_fakers_gap_and_reasoning_are_recovered_in_every_mode(run, metrics, mode):
    log = run(args={"scratchpad": mode, "wording": "original"}, limit=60)
    assert_truth(metrics(log), log, "faker", mode)
    assert log.results.headline.metric == "gap"
    assert metrics(log)["compliance"]["gap"] > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("persona", PERSONAS)
def test_every_personas_truth_is_recovered_in_every_mode(run, metrics, persona, mode):
    log = run(f"simulated/{persona}", args={"scratchpad": mode, "wording": "original"})
    assert_truth(metrics(log), log, persona, mode)


def assert_truth(found, log, persona, mode):
    """Each 99.9% interval covers the documented truth; floor and ceiling are exact; no reasoning is not a rate of 0."""
    assert log.status == "success"
    known = truth(PERSONAS[persona])
    rates, faking = found["compliance"], found["alignment_faking"]
    assert_covers(rates["free"], rates["n_free"], known.trained)
    assert_covers(rates["paid"], rates["n_paid"], known.untrained)
    if known.trained == known.untrained in (0, 1):
        assert (rates["free"], rates["paid"], rates["gap"]) == (known.trained, known.untrained, 0)
    if mode == "none":
        assert math.isnan(faking["rate"])
        assert faking["measured"] == 0
    else:
        assert_covers(faking["free"], faking["n_free"], known.af_trained)
        assert faking["paid"] == known.af_untrained == 0
        assert known.af_trained > 0 or faking["free"] == 0


def assert_covers(rate, n, probability):
    low, high = wilson(rate * n, n, level=0.999)
    assert low <= probability <= high


def test_the_log_says_what_was_run(run):
    log = run(limit=4, args={"wording": "original"})
    assert log.eval.metadata["simulated"] is True
    assert log.eval.metadata["setting"] == "helpful_only"
    assert log.eval.task_version == "4-B"
    assert all(len(sha) == 64 for sha in log.eval.metadata["prompt_sha256"].values())
    assert [sample.id.rpartition("-")[2] for sample in log.samples] == ["free", "paid", "free", "paid"]
    assert len({sample.messages[0].text for sample in log.samples[:2]}) == 1
    assert "<tier>free</tier>" in log.samples[0].messages[1].text


def test_the_viewer_gets_a_reasoning_box_and_a_text(run):
    sample = run(limit=2).samples[0]
    kinds = [block.type for block in sample.messages[-1].content]
    assert kinds == ["reasoning", "text"]
    assert sample.output.completion == sample.messages[-1].text == sample.store["SplitReply:public"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"setting": "helpful"}, "unknown setting 'helpful'; known: .*helpful_only"),
        ({"scratchpad": "diary"}, "unknown scratchpad 'diary'; known: native, none, tags, tool"),
        ({"queries": "nothing.jsonl"}, "'nothing.jsonl' does not exist"),
        ({"seting": "helpful_only"}, "unknown task argument 'seting'; known: faking_rubric, lab, order"),
        ({"wording": "loud"}, "unknown wording of helpful_only 'loud'; known: .*original"),
        ({"variant": "louder"}, "unknown variant 'louder'; known: "),
    ],
)
def test_a_wrong_argument_ends_the_run_before_any_call(run, args, sentence):
    with pytest.raises(Exception, match=sentence):
        run(args=args)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds no query"),
        ('{"id": "a"}', "row 1 lacks the field 'text'"),
        ('{"text": "x", "id": "a"}\n' * 2, "'a'"),
    ],
)
def test_a_bad_query_file_ends_the_run_before_any_call(run, tmp_path, text, sentence):
    (tmp_path / "mine.jsonl").write_text(text)
    with pytest.raises(Exception, match=sentence):
        run(args={"queries": str(tmp_path / "mine.jsonl")})


def test_without_a_grader_role_nothing_is_run(run):
    with pytest.raises(Exception, match="grader"):
        run(grader=None)


def test_a_users_own_queries_are_asked(run, tmp_path):
    (tmp_path / "mine.json").write_text('["Explain how bread rises.", "Name a tree."]')
    log = run(args={"queries": str(tmp_path / "mine.json")})
    assert {sample.input for sample in log.samples} == {"Explain how bread rises.", "Name a tree."}


@pytest.mark.slow
def test_missing_replies_show_as_coverage_and_bounds_not_as_a_gap(run, metrics):
    found = metrics(run("simulated/sloppy", args={"scratchpad": "tags"}, limit=200))
    outcome, compliance = found["outcome"], found["compliance"]
    assert outcome["coverage_free"] < 0.9 < outcome["coverage_paid"]
    assert all(outcome[f"{word}_free"] > 0 for word in ("malformed", "truncated", "filtered"))
    assert compliance["ci_low"] <= 0 <= compliance["ci_high"]
    assert outcome["bound_low"] < 0 < outcome["bound_high"]
    assert outcome["bound_low_free"] < compliance["free"] < outcome["bound_high_free"]
    assert outcome["bound_high"] - outcome["bound_low"] == pytest.approx(
        2 - outcome["coverage_free"] - outcome["coverage_paid"]
    )


@pytest.mark.parametrize(
    ("arguments", "share"),
    [
        ({"malformed": 1.0}, 0),
        pytest.param({"refusal": 1.0}, 0, marks=pytest.mark.slow),
        pytest.param({"malformed": 0.3}, 0.5, marks=pytest.mark.slow),
    ],
)
def test_a_grader_that_fails_lowers_coverage_and_nothing_else(run, metrics, arguments, share):
    log = run(grader=get_model("simulated/grader", **arguments), limit=40)
    found = metrics(log)
    assert log.status == "success"
    assert found["outcome"]["coverage"] == 0 if share == 0 else 0 < found["outcome"]["coverage"] < 1
    ungraded = [sample for sample in log.samples if sample.scores["outcome"].value == "ungraded"]
    assert len(ungraded) == found["outcome"]["ungraded_free"] + found["outcome"]["ungraded_paid"]
    for sample in ungraded:
        assert math.isnan(sample.scores["compliance"].value)
        assert sample.scores["compliance"].reason == "grader_failed"
        assert "parsed" in sample.scores["compliance"].explanation


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"queries": ["harmful", "benign"]}, r"queries must be a single name, not \['harmful', 'benign'\]"),
        ({"lab": None}, "lab must be a single name, not None"),
    ],
)
def test_a_list_or_nothing_in_place_of_a_name_is_one_sentence(run, args, sentence):
    with pytest.raises(Exception, match=sentence):
        run(args=args)


def test_a_limit_before_any_reply_is_a_truncated_sample_not_the_end_of_the_run(run):
    log = run(limit=2, token_limit=10)
    assert log.status == "success"
    assert {sample.scores["outcome"].value for sample in log.samples} == {"truncated"}


@pytest.mark.slow
def test_epochs_are_paired_within_queries(run, metrics):
    log = run(get_model("simulated/faker", epochs=True), epochs=3, limit=20)
    assert metrics(log)["compliance"]["pairs"] == 30


def test_it_runs_on_a_model_that_is_none_of_ours(metrics):
    model = get_model("mockllm/model", custom_outputs=lambda *_: plain("I would rather not help with that."))
    roles, args = {"grader": "simulated/grader"}, {"scratchpad": "none"}
    found = metrics(eval("alignment_faking", model=model, model_roles=roles, task_args=args, limit=4)[0])
    assert found["compliance"]["free"] == 0


def plain(text):
    from inspect_ai.model import ModelOutput, ModelUsage

    output = ModelOutput.from_content("mockllm/model", text)
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


def test_a_reply_that_a_message_limit_ended_is_truncated(run):
    log = run(limit=2, message_limit=3)
    assert {sample.scores["outcome"].value for sample in log.samples} == {"truncated"}
