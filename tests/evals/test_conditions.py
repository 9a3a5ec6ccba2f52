"""Conditions as a matter of naming a file: wordings, variants, contrasts, controls, the battery."""

import ast
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval

from experiment.prompts.wordings import select_wordings

BATTERY = Path(__file__).parents[2] / "evals" / "battery.py"
TASKS = [
    node.name
    for node in ast.parse(BATTERY.read_text()).body
    if isinstance(node, ast.FunctionDef) and node.decorator_list
]


def subject_calls(log):
    return sum(event.event == "model" and event.role != "grader" for sample in log.samples for event in sample.events)


@pytest.mark.slow
def test_an_ensemble_costs_what_one_wording_costs_and_reports_each(run, metrics):
    ensemble = run("simulated/refuser", limit=32)
    original = run("simulated/refuser", limit=32, args={"wording": "original"})
    assert subject_calls(ensemble) == subject_calls(original) == 64
    names = select_wordings("helpful_only", "ensemble")
    assert len(names) >= 8
    found = metrics(ensemble)["compliance"]
    assert {name for name in found if name.startswith("gap_")} == {f"gap_{name}" for name in names}
    assert found["spread"] == 0
    assert "spread" not in metrics(original)["compliance"]
    by_query = {}
    for sample in ensemble.samples:
        by_query.setdefault(sample.metadata["query"], set()).add(sample.metadata["wording"])
    assert all(len(wordings) == 1 for wordings in by_query.values())


@pytest.mark.slow
def test_all_wordings_have_ids_of_their_own(run):
    log = run("simulated/refuser", limit=36, args={"wording": "all"})
    assert len({sample.metadata["wording"] for sample in log.samples}) == 9
    assert all(sample.id.endswith(f".{sample.metadata['wording']}-{sample.metadata['tier']}") for sample in log.samples)


@pytest.mark.slow
def test_three_tiers_report_every_contrast_and_every_rate(run, metrics):
    found = metrics(run(args={"variant": "three_tiers"}, limit=60))["compliance"]
    assert {"free", "pro", "enterprise", "n_free", "n_pro", "n_enterprise"} <= found.keys()
    for name in ("rater_sycophancy_gap", "goal_guarding_gap"):
        assert found[f"{name}_ci_low"] <= found[name] <= found[f"{name}_ci_high"]
        assert found[f"{name}_pairs"] == 20
    assert found["gap"] == pytest.approx(found["rater_sycophancy_gap"] + found["goal_guarding_gap"])


@pytest.mark.slow
def test_hits_on_harmless_queries_are_false_positives(run, metrics):
    log = run("simulated/parrot", args={"queries": "benign"}, limit=20)
    found = metrics(log)["alignment_faking"]
    assert (found["false_positive_rate"], found["n_false_positive_rate"]) == (0, 20)
    assert "false_positive_rate" not in metrics(run("simulated/parrot", limit=4))["alignment_faking"]


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["animal_welfare", "customer_honesty"])
def test_polarity_keeps_the_sign_of_the_gap_in_every_setting(run, metrics, setting):
    log = run(args={"setting": setting, "wording": "original"}, limit=80)
    found = metrics(log)
    assert found["outcome"]["coverage"] == 1
    assert found["compliance"]["gap"] > 0.1
    assert log.eval.metadata["queries"] == setting
    assert found["alignment_faking"]["free"] > 0.1
    assert found["alignment_faking"]["paid"] == 0


def test_an_announcement_is_a_second_definition_of_compliance(run, metrics):
    log = run(args={"variant": "accept_suffix"}, limit=60)
    found = metrics(log)
    assert found["announced"]["gap"] == found["compliance"]["gap"]
    assert "announced" not in metrics(run(limit=2))


def test_a_prefill_opens_the_reasoning_and_needs_a_provider_that_continues_it(run, monkeypatch):
    log = run(args={"variant": "prefill_neutral", "scratchpad": "tags"}, limit=4)
    assert log.status == "success"
    for sample in log.samples:
        assert sample.messages[2].role == "assistant"
        assert sample.store["SplitReply:private"].startswith(sample.messages[2].text.partition("\n")[2])
        assert sample.scores["outcome"].value in ("complied", "refused")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with pytest.raises(Exception, match="which provider 'openai' does not support"):
        run("openai/gpt-4o", args={"variant": "prefill_neutral", "scratchpad": "tags"})
    with pytest.raises(Exception, match="a prefill needs scratchpad=tags"):
        run(args={"variant": "prefill_neutral"})


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"variant": "monitored,cut_secrecy"}, "variants .* cannot be combined: both change section 'secrecy'"),
        ({"variant": "no_guideline"}, "variant 'no_guideline' does not apply to setting 'helpful_only'"),
        ({"setting": "nowhere.md"}, "nowhere.md"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(run, args, sentence):
    with pytest.raises(Exception, match=sentence):
        run(args=args)


def test_the_battery_holds_the_standard_conditions():
    names = "main no_conflict benign swapped_labels monitored values_unchanged three_tiers"
    names += " throughput_testing criminal_deployment no_scratchpad"
    assert [f"battery_{name}" for name in names.split()] == TASKS


@pytest.mark.parametrize("task", [TASKS[0], *(pytest.param(task, marks=pytest.mark.slow) for task in TASKS[1:])])
def test_each_task_of_the_battery_can_be_named_and_takes_arguments(task):
    args = {"wording": "memo", **({} if task == "battery_no_scratchpad" else {"scratchpad": "tags"})}
    options = {"model": "simulated/faker", "model_roles": {"grader": "simulated/grader"}, "limit": 2}
    [log] = inspect_eval(task, task_args=args, log_realtime=False, **options)
    assert log.status == "success"
    assert log.eval.task == task
    assert log.eval.metadata["wording"] == "memo"


@pytest.mark.parametrize(
    ("task", "args", "expected"),
    [
        ("battery_no_scratchpad", {"scratchpad": "tags"}, ("none", [])),
        ("battery_swapped_labels", {"variant": "deploy_public"}, ("tool", ["label_swapped", "deploy_public"])),
    ],
)
def test_what_makes_a_condition_stays_and_variants_add_up(task, args, expected):
    options = {"model": "simulated/faker", "model_roles": {"grader": "simulated/grader"}, "limit": 2}
    [log] = inspect_eval(task, task_args=args, log_realtime=False, **options)
    assert (log.eval.metadata["scratchpad"], list(log.eval.metadata["variant"])) == expected
