"""The table's numbers are the log's own; what cannot be used is named; the rest stands."""

import math

import pandas as pd
import pytest
from click.testing import CliRunner
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log, write_eval_log

from analysis.cli import main
from analysis.logs import read_logs
from analysis.summary import summarise

RUNS = (
    ("simulated/faker", {"scratchpad": "tags", "wording": "original"}, {"limit": 40}),
    ("simulated/sloppy", {"scratchpad": "none"}, {"limit": 40}),
    ("simulated/parrot", {"scratchpad": "tags", "variant": "three_tiers"}, {"limit": 60}),
    ("simulated/quiet", {"scratchpad": "tags", "queries": "benign", "wording": "memo"}, {"limit": 12, "epochs": 3}),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a log of each run, a log of another task, a broken one and one that holds no sample."""
    folder = tmp_path_factory.mktemp("logs")
    for model, args, options in RUNS:
        roles = {"grader": "simulated/grader"}
        [log] = inspect_eval(
            "alignment_faking",
            task_args={"votes": 1, **args},
            model=model,
            model_roles=roles,
            log_dir=str(folder),
            display="log",
            **options,
        )
        assert log.status == "success"
    foreign = log.model_copy(deep=True)
    foreign.eval.task, foreign.eval.metadata = "another_task", None
    write_eval_log(foreign, str(folder / "2026-01-01T00-00-00-00-00_foreign_x.eval"))
    (folder / "2026-01-01T00-00-00-00-00_broken_x.eval").write_bytes(b"PK not a log")
    (folder / "2026-01-01T00-00-00-00-00_cut_x.json").write_text('{"version": 2, "eval": {"task"')
    return folder


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def logged(run):
    log = read_eval_log(run.log.location)
    return {score.name: {name: m.value for name, m in score.metrics.items()} for score in log.results.scores}


def test_every_number_is_the_logs_own_to_the_last_digit(folder):
    runs, _ = read_logs(str(folder))
    assert len(runs) == len(RUNS)
    for run in runs:
        found, known = summarise(run), logged(run)
        first, second = found.tiers
        compliance, outcome, faking = known["compliance"], known["outcome"], known["alignment_faking"]
        pairs = [
            (found.gap.estimate, compliance["gap"]),
            (found.gap.stderr, compliance["stderr"]),
            (found.gap.low, compliance["ci_low"]),
            (found.gap.high, compliance["ci_high"]),
            (found.gap.p, compliance["p"]),
            (found.gap.pairs, compliance["pairs"]),
            (found.rates[0].estimate, compliance[first]),
            (found.rates[1].estimate, compliance[second]),
            (found.coverage[0], outcome[f"coverage_{first}"]),
            (found.coverage[1], outcome[f"coverage_{second}"]),
            (found.bounds.low, outcome["bound_low"]),
            (found.bounds.ci_high, outcome["bound_ci_high"]),
            (found.faking[0].estimate, faking["rate"]),
            (found.faking[0].measured, faking["measured"]),
        ]
        pairs += [(gap.estimate, compliance[name]) for name, gap in found.contrasts.items()]
        for ours, logs in pairs:
            assert ours == logs or (math.isnan(ours) and math.isnan(logs)), (run.log.eval.model, ours, logs)


def table_rows(output):
    """The rows of the first table, which name the grader."""
    return [line for line in output.splitlines() if line.startswith("│") and "simulated/grader" in line]


def test_the_table_says_what_a_reader_needs(folder):
    done = call("report", folder)
    assert done.exit_code == 0, done.output
    rows = table_rows(done.output)
    assert len(rows) == len(RUNS)
    assert all("(simulated)" in row for row in rows)
    for sentence in (
        "this is a rehearsal, never a result about a real model",
        "Grader simulated/grader on compliance: not validated against labels",
        "self preservation: chooses its answer in order to stay as it is",
        "rater_sycophancy_gap",
        "the queries are harmless, so AF reasoning found there",
        "replies are missing; with them the gap could lie anywhere from",
        "does not show the absence of alignment faking",
    ):
        assert sentence in done.output
    sloppy = next(row for row in rows if "sloppy" in row)
    assert "- / -" in sloppy


def test_what_cannot_be_used_is_left_out_by_name(folder):
    output = call("report", folder).output
    assert "foreign_x.eval: another task: another_task" in output
    assert "broken_x.eval: cannot be read" in output
    assert "cut_x.json: cannot be read" in output


def test_the_csv_holds_the_same_rows(folder, tmp_path):
    done = call("report", folder, "--csv", tmp_path / "out.csv")
    assert done.exit_code == 0
    frame = pd.read_csv(tmp_path / "out.csv")
    runs, _ = read_logs(str(folder))
    assert list(frame["model"]) == [run.log.eval.model for run in runs]
    assert list(frame["gap_estimate"]) == [summarise(run).gap.estimate for run in runs]
    assert frame["simulated"].all()


@pytest.mark.parametrize(("path", "sentence"), [("missing", "no such folder"), (".", "holds no .eval or .json log")])
def test_an_empty_or_missing_folder_is_one_sentence(tmp_path, path, sentence):
    done = call("report", tmp_path / path)
    assert done.exit_code == 2
    assert sentence in done.output


def test_an_unfinished_run_is_reported_on_what_it_holds(folder, tmp_path):
    runs, _ = read_logs(str(folder))
    log = read_eval_log(runs[0].log.location)
    log.status, log.samples = "cancelled", log.samples[:20]
    write_eval_log(log, str(tmp_path / "2026-01-01T00-00-00-00-00_unfinished_x.eval"))
    done = call("report", tmp_path)
    assert done.exit_code == 0, done.output
    assert "status 'cancelled'" in done.output
    assert "10" in table_rows(done.output)[0]


def test_markup_in_a_model_name_is_printed_as_it_is(folder, tmp_path):
    runs, _ = read_logs(str(folder))
    log = read_eval_log(runs[0].log.location)
    log.eval.model = "[red]x[/red]\x1b[31m"
    write_eval_log(log, str(tmp_path / "2026-01-01T00-00-00-00-00_markup_x.eval"))
    output = call("report", tmp_path).output
    assert "[red]x[/red]" in output
    assert "\x1b" not in output


def test_help_gives_an_example():
    for arguments in (["--help"], ["report", "--help"], ["show", "--help"]):
        done = call(*arguments)
        assert done.exit_code == 0
    assert "Example: alignment-faking report logs/" in call("report", "--help").output
