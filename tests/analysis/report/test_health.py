"""How much was measured, how the graders did and how models were called: in the report as in the log."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.model import GenerateConfig

from analysis.report.report import to_document
from analysis.report.report_inputs import gather, read

NEW = (
    "malformed",
    "form",
    "hidden_reasoning",
    "echoed_tags",
    "asked_again",
    "unsupported",
    "grader_calls",
    "grader_refused",
    "grader_failed",
)
NAME = "2026-01-01T00-00-00-00-00_alignment-faking_{}.eval"


def one(folder):
    return str(min(Path(folder).glob("*.eval")))


@pytest.fixture
def changed(made, tmp_path):
    """Return what writes a copy of a log, changed, and gives its folder."""

    def write(change, name="x"):
        log = read_eval_log(one(made))
        change(log)
        write_eval_log(log, str(tmp_path / NAME.format(name)))
        return tmp_path

    return write


def noting(**notes):
    """Return what changes a log: its outcomes note this, every second one where a pair is given."""

    def change(log):
        for number, sample in enumerate(log.samples):
            score = sample.scores["outcome"]
            score.metadata |= {
                name: value[number % 2] if isinstance(value, tuple) else value for name, value in notes.items()
            }
            if score.metadata.get("malformed"):
                score.value, sample.scores["compliance"].value = "malformed", math.nan

    return change


def tables(folder):
    sections = to_document(gather(read(str(folder)))).sections
    return {table.title.split(",")[0].split(" (")[0]: table for section in sections for table in section.tables}


def rows(table):
    return [dict(zip(table.columns, (cell.text for cell in row), strict=True)) for row in table.rows]


def test_the_counts_are_those_of_the_log(made):
    material = read(str(made))
    for run, summary in zip(material.runs, material.summaries, strict=True):
        log = read_eval_log(run.log.location, header_only=True)
        known = next(score.metrics for score in log.results.scores if score.name == "outcome")
        assert summary.health.counts == {name: known[name].value for name in summary.health.counts}
        counted = {"grader_", "malformed_", "no_scratchpad_", "echoed_tags_", "truncated_"}
        assert {name for name in known if any(map(name.startswith, counted))} <= set(summary.health.counts)


def test_reasons_forms_and_echoes_are_counted_by_tier(changed):
    reasons = ("unreadable_call", "")
    folder = changed(
        noting(
            malformed=reasons,
            form=("json_call", "tags"),
            echoed_tags=(0, 3),
            no_scratchpad=(True, False),
            hidden_reasoning=(False, True),
        )
    )
    found = tables(folder)
    [lost] = rows(found["Replies that were not measured"])
    assert (lost["tier"], lost["replies"], lost["call in text that could not be read"]) == ("free", "20", "20")
    free, paid = rows(found["How the reasoning came"])
    assert (free["tier"], free["no private reasoning"], free["forms"]) == ("free", "20 (100.0)", "json_call 20")
    assert (free["hidden by the provider"], paid["hidden by the provider"]) == ("0 (0.0)", "20 (100.0)")
    assert (paid["tier's tag in the answer"], paid["forms"]) == ("20 (100.0)", "tags 20")


def test_grader_health_sums_over_runs_and_warns(changed, call):
    folder = changed(noting(grader_calls=5, asked_again=(2, 0), unsupported=1, grader_failed=(1, 0), grader_refused=0))
    changed(lambda log: (noting(grader_calls=4, asked_again=0)(log), setattr(log.eval, "task_id", "second")), "y")
    [row] = rows(tables(folder)["Grader health"])
    assert (row["grader"], row["runs"], row["answers"]) == ("simulated/grader", "1, 2", "320")
    assert (row["asked again"], row["unsupported yes"], row["failed"]) == ("40 (12.5)", "40", "20 (6.2)")
    assert "in 320 answers: bind another model" in call("report", folder).output.replace("\n", " ")


def test_an_old_log_says_not_recorded_and_not_zero(changed, call, tmp_path):
    def forget(log):
        for sample in log.samples:
            notes = sample.scores["outcome"].metadata
            sample.scores["outcome"].metadata = {name: notes[name] for name in notes if name not in NEW}

    folder = changed(forget)
    found = tables(folder)
    assert rows(found["Grader health"])[0]["asked again"] == "not recorded"
    assert rows(found["How the reasoning came"])[0]["tier's tag in the answer"] == "not recorded"
    assert rows(found["How the reasoning came"])[0]["hidden by the provider"] == "not recorded"
    assert rows(found["How the reasoning came"])[0]["forms"] == "not recorded"
    done = call("report", folder, "--output", tmp_path / "out")
    assert done.exit_code == 0
    [row] = json.loads((tmp_path / "out" / "results.json").read_text())["runs"]
    assert row["grader_calls"] is row["echoed_tags_trained"] is None
    assert math.isnan(pd.read_csv(tmp_path / "out" / "results.csv")["grader_asked_again"][0])


def test_a_run_that_measured_little_says_so_beside_its_numbers(changed, call):
    folder = changed(noting(malformed="reasoning_markers"))
    shown = " ".join(call("report", folder).output.split())
    assert (
        'only 0 of 40 replies (0.0%) were measured; the commonest reason is "reasoning markers in the answer"' in shown
    )
    assert "start the server with its reasoning parser" in shown


def test_generation_options_are_shown_and_unset_is_unset(changed):
    def heat(log):
        log.eval.model_generate_config = GenerateConfig(temperature=0.7, max_connections=4)
        log.plan.config = GenerateConfig(max_tokens=260)
        log.eval.model_roles["grader"].config = GenerateConfig(temperature=0.0, top_k=5)

    folder = changed(heat)
    subject, grader = rows(tables(folder)["Generation options"])
    assert (subject["temperature"], subject["max tokens"], subject["top p"]) == ("0.7", "260", "unset")
    assert subject["others"] == "-"
    assert (grader["role"], grader["temperature"], grader["others"]) == ("grader", "0.0", "top_k=5")


def test_the_options_of_a_grader_that_is_not_bound_in_the_log_are_not_recorded(changed, call, tmp_path):
    def regrade(log):
        for sample in log.samples:
            for score in sample.scores.values():
                if score.metadata and "grader" in score.metadata:
                    score.metadata["grader"] = "another/grader"

    folder = changed(regrade)
    assert [row["role"] for row in rows(tables(folder)["Generation options"])] == ["model under test"]
    assert call("report", folder, "--csv", tmp_path / "out.csv").exit_code == 0
    assert pd.read_csv(tmp_path / "out.csv")["grader_temperature"][0] == "not recorded"


def test_a_model_that_graded_itself_is_named(changed, call):
    folder = changed(lambda log: setattr(log.eval, "model", "simulated/grader"))
    assert "the model graded its own replies" in " ".join(call("report", folder).output.split())


def test_what_a_preflight_noted_keeps_no_logs_apart(changed):
    def half(first):
        def keep(log):
            log.samples = log.samples[:20] if first else log.samples[20:]
            log.eval.task_id = "first" if first else "second"
            log.eval.metadata["preflight"] = {"run_id": str(first)}

        return keep

    changed(half(True), "a")
    folder = changed(half(False), "b")
    [run] = read(str(folder)).runs
    assert len(run.parts) == 2


def test_runs_that_differ_in_generation_options_are_told_apart_in_the_first_table(changed):
    def hot(log):
        log.eval.task_id, log.eval.model_generate_config = "hot", GenerateConfig(temperature=1, reasoning_effort="low")

    changed(lambda log: None, "a")
    folder = changed(hot, "b")
    table = next(table for title, table in tables(folder).items() if title.startswith("Compliance by tier"))
    assert [row["options"] for row in rows(table)] == ["unset", "temperature=1.0, reasoning_effort=low"]
