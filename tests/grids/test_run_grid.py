"""Grids as a user runs them: planned, run, interrupted by failures, run again, changed, cut into shards."""

import ast
import importlib
import json
import re
import shlex
import shutil
import sys
from contextlib import chdir
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from filelock import FileLock
from inspect_ai import eval as inspect_eval
from inspect_ai._cli.main import inspect as inspect_cli
from inspect_ai.log import list_eval_logs, read_eval_log

import evals.build_task
import grids.engines
import grids.run_shard
from analysis.report.report import write_report
from analysis.report.report_inputs import gather, read
from cli.main import main
from grids.flow_spec import alignment_faking_in_flow
from grids.grid_schema import Grid, cells, load_grid
from grids.plan import plan

ROOT = Path(__file__).parents[2]
SMALL = {
    "models": ["simulated/faker"],
    "graders": ["simulated/grader"],
    "limit": 2,
    "task": {"votes": 1},
    "run": {"log_realtime": False, "retry_attempts": 0},
}
FAKER, QUIET = (f"simulated-{name}--helpful_only--main--tool--by-simulated-grader" for name in ("faker", "quiet"))
PRICE = {"input": 1.0, "output": 10.0, "input_cache_write": 0.0, "input_cache_read": 0.0}


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """Return what runs `alignment-faking grid` on a grid with some fields changed."""
    monkeypatch.chdir(tmp_path)

    def run(*options, **fields):
        (tmp_path / "grid.yaml").write_text(yaml.safe_dump({**SMALL, **fields}), encoding="utf-8")
        return CliRunner().invoke(main, ["grid", "grid.yaml", *options])

    return run


@pytest.fixture(scope="module")
def run_before(tmp_path_factory):
    """The folder of a grid that was run."""
    folder = tmp_path_factory.mktemp("before")
    (folder / "grid.yaml").write_text(yaml.safe_dump(SMALL), encoding="utf-8")
    done = CliRunner().invoke(main, ["grid", str(folder / "grid.yaml"), "--log-dir", str(folder / "logs")])
    assert done.exit_code == 0, done.output
    assert f"[1/1] {FAKER}: done, 4 samples" in done.output
    return folder / "logs"


@pytest.fixture
def finished(grid, run_before):
    """Return what runs that grid again, with some fields changed."""
    shutil.copytree(run_before, "logs/grid")
    return grid


def logs(folder="logs/grid"):
    return [read_eval_log(info.name) for info in list_eval_logs(str(Path(folder).absolute()), descending=False)]


def words(result):
    return " ".join(result.output.split())


def test_a_second_call_adds_only_what_is_missing(finished):
    [begun] = logs()
    again = finished(models=["simulated/faker", "simulated/quiet"])
    assert f"[1/2] {FAKER}: complete already, 4 samples" in again.output
    assert f"[2/2] {QUIET}: done, 4 samples" in again.output
    assert "alignment-faking report logs/grid" in again.output
    assert [log.eval.run_id for log in logs() if log.eval.model == "simulated/faker"] == [begun.eval.run_id]
    more = finished(limit=3)
    assert f"{FAKER}: done, 6 samples" in more.output
    assert f"also holds logs of 1 cells that this grid does not have: {QUIET}" in words(more)


def test_a_cell_that_fails_is_told_and_stops_no_other(finished, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    odd = {"model": "simulated/quiet", "args": {"nonsense": 1}}
    failed = finished(models=[odd, "openai/gpt-5.5", "simulated/faker"])
    assert failed.exit_code == 1
    assert f"[1/3] {QUIET}: failed, simulated/quiet takes no argument 'nonsense'" in failed.output
    assert "OPENAI_API_KEY" in failed.output
    assert f"[3/3] {FAKER}: complete already, 4 samples" in failed.output
    assert f"2 of 3 failed: {QUIET}, openai" in failed.output
    assert "Traceback" not in failed.output


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"graders": [{"model": "simulated/grader", "args": {"seed": 2}}]}, "the grader's arguments or options"),
        ({"graders": [{"name": "simulated/grader", "panel": ["simulated/faker"]}]}, "the grader"),
        ({"task": {"votes": 3}}, "the argument 'votes'"),
        ({"models": [{"model": "simulated/faker", "args": {"seed": 2}}]}, "the model's arguments"),
        ({"generate": {"temperature": 0.5}}, "the model's generation options"),
    ],
)
def test_what_changed_is_noticed_and_nothing_is_mixed_in(finished, fields, what):
    changed = finished(**fields)
    assert changed.exit_code == 1
    assert f"refused, {what} changed since" in words(changed)
    assert "the same command" not in changed.output
    assert len(logs()) == 1


def test_changed_prompts_and_rubrics_are_noticed(finished, monkeypatch):
    load = evals.build_task.load_rubric
    with monkeypatch.context() as patched:
        patched.setattr("evals.build_task.load_rubric", lambda name: load(name)._replace(sha256="0" * 64))
        assert "refused, the text of the rubrics changed since" in words(finished())
    with monkeypatch.context() as patched:
        patched.setattr("experiment.prompts.rendering.join", lambda phrases: "somebody")
        assert "refused, the text of the prompts changed since" in words(finished())
    assert len(logs()) == 1


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ({}, {"limit": 1}, "has 4 samples in an epoch, more than this `limit` asks for"),
        ({"epochs": 2}, {}, "has 2 epochs, and `epochs: 1` would drop some"),
        pytest.param(
            *(
                {"shards": 2},
                {"shards": 2, "limit": 3},
                "was started with another `limit`, by which the shards are cut",
            ),
            marks=pytest.mark.slow,
        ),
        pytest.param({"shards": 2}, {"shards": 1}, "another number of shards than `shards: 1`", marks=pytest.mark.slow),
    ],
)
def test_what_would_drop_finished_samples_or_ask_them_twice_is_refused(grid, before, after, sentence):
    assert grid(**before).exit_code == 0
    held = [log.eval.run_id for log in logs()]
    refused = grid(**after)
    assert refused.exit_code == 1
    assert sentence in words(refused)
    assert [log.eval.run_id for log in logs()] == held


def test_a_cell_without_a_verdict_is_told_apart_until_it_is_asked_again(grid):
    broken = [{"model": "simulated/grader", "args": {"malformed": 1.0}}]
    for _ in range(2):
        failed = grid(graders=broken)
        assert failed.exit_code == 1
        [log] = logs()
        assert "ungraded, 4 replies of alignment_faking on simulated/faker lack a grade: `inspect score" in words(
            failed
        )
        assert f"{Path(log.location).name} --model none --action overwrite --overwrite`" in words(failed)
        assert failed.output.count("lack a grade") == 1  # said by the grid, and not once more by the run


def test_connections_are_no_change(finished):
    assert "complete already" in finished(generate={"max_connections": 7}).output


def results(folder, output):
    write_report(gather(read(str(folder))), output)
    found = json.loads((output / "results.json").read_text(encoding="utf-8"))
    for run in found["runs"]:
        del run["logs"], run["status"]
    return found["runs"]


@pytest.mark.slow
def test_shards_are_reported_as_one_run_with_the_numbers_of_an_unsharded_one(grid, tmp_path):
    panel = [
        "simulated/grader",
        *({"model": "simulated/grader", "args": {rate: 0.6}} for rate in ("sensitivity", "specificity")),
    ]
    fields = {"graders": [{"name": "us", "panel": panel}], "limit": 3}
    whole = grid("--log-dir", "whole", **fields)
    cut = grid("--log-dir", "cut", **fields, shards=2)
    assert (whole.exit_code, cut.exit_code) == (0, 0), whole.output + cut.output
    assert len(logs("cut")) == 2
    [run] = results("whole", tmp_path / "a")
    assert run["alpha_compliance"] is not None
    assert results("cut", tmp_path / "b") == [run]


def shards_of(number):
    [cell] = cells(Grid.model_validate({**SMALL, "limit": None, "shards": number}))
    return plan([cell])[0].shards


WORKERS = """
import os, signal, time
from pathlib import Path
from grids.run_shard import Outcome

def dies(shard, log_dir, prices):
    if shard.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(shard.name, "done", shard.number)

def interrupted(shard, log_dir, prices):
    Path(log_dir, str(shard.number)).touch()
    if shard.number == 1:
        raise KeyboardInterrupt
    time.sleep(1)
    return Outcome(shard.name, "done", shard.number)
"""


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """Return what puts a function in the place of what runs a shard, in other processes too."""
    (tmp_path / "workers.py").write_text(WORKERS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("workers")
    yield lambda name: monkeypatch.setattr(grids.engines, "run_shard", getattr(module, name))
    del sys.modules["workers"]


def test_a_process_that_dies_takes_no_other_with_it(worker):
    worker("dies")
    ended = sorted(grids.engines.processes(2)(shards_of(5), "", None), key=lambda outcome: outcome.name)
    assert [outcome.samples for outcome in ended] == [1, 0, 3, 4, 5]
    assert [outcome.reason for outcome in ended if outcome.status == "failed"] == [grids.engines.DIED]


def test_nothing_is_begun_after_an_interruption(worker, tmp_path):
    worker("interrupted")
    with pytest.raises(KeyboardInterrupt):
        list(grids.engines.processes(2)(shards_of(8), str(tmp_path), None))
    assert {path.name for path in tmp_path.iterdir() if path.name.isdecimal()} <= {"1", "2"}


@pytest.mark.slow
def test_several_processes_give_the_same_numbers(grid, tmp_path):
    fields = {"models": ["simulated/faker", "simulated/quiet"]}
    assert grid("--log-dir", "one", **fields).exit_code == 0
    several = grid("--log-dir", "two", "--processes", "2", **fields)
    assert several.exit_code == 0, several.output
    by_model = [sorted(results(name, tmp_path / name), key=lambda run: run["model"]) for name in ("one", "two")]
    for run in by_model[0] + by_model[1]:
        del run["run"]
    assert by_model[0] == by_model[1]


def test_a_dry_run_says_what_it_would_take_and_runs_nothing(grid, tmp_path):
    Path("prices.yaml").write_text(yaml.safe_dump({"openai/gpt-5.5": PRICE}), encoding="utf-8")
    fields = {"models": ["openai/gpt-5.5", "simulated/faker"], "variants": ["", "three_tiers"], "task": {}}
    shown = words(grid("--dry-run", "--prices", "prices.yaml", **fields))
    assert "4 cells" in shown
    assert "120 to 140" in shown  # 20 samples, with six or seven calls each
    assert "Tokens are estimated" in shown
    assert not Path("logs/grid").exists()


def test_what_costs_too_much_is_not_begun(grid):
    Path("prices.json").write_text(json.dumps({"openai/gpt-5.5": PRICE}), encoding="utf-8")
    limits = ("--prices", "prices.json", "--max-cost", "0.01")
    refused = grid(*limits, models=["openai/gpt-5.5"])
    assert refused.exit_code == 2
    assert "more than --max-cost 0.01; nothing was called" in words(refused)
    assert "no price for 'anthropic/x'; it has: openai/gpt-5.5" in words(grid(*limits, models=["anthropic/x"]))
    assert "no price for 'anthropic/x'; it has: openai/gpt-5.5" in words(grid(*limits[:2], models=["anthropic/x"]))
    assert "--max-cost needs --prices" in words(grid("--max-cost", "1"))
    assert "more than --max-cost nan" in words(grid(*limits[:2], "--max-cost", "nan", models=["openai/gpt-5.5"]))
    whole, half = (
        float(re.findall(r"up to \$([\d.]+)", words(grid(*limits, *only, models=["openai/gpt-5.5"], shards=2)))[0])
        for only in ((), ("--only", "1"))
    )
    assert half == pytest.approx(whole / 2, abs=0.01)
    assert grid(*limits, "--dry-run").exit_code == 0
    Path("prices.json").write_text(json.dumps({"openai/gpt-5.5": {**PRICE, "input": -1}}), encoding="utf-8")
    assert "a price is a number of dollars, 0 or more" in words(grid(*limits))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"variants": ["nonsense"]}, "unknown variant 'nonsense'"),
        ({"task": {"vote": 1}}, "unknown task argument 'vote'; known: faking_rubric"),
        ({"generate": {"temprature": 1}}, "unknown generation option 'temprature'"),
        ({"generate": {"temperature": "hot"}}, "generation options of simulated/faker: temperature: Input should be"),
        ({"generate": {"cache": {"per_epoch": False}}}, "its epochs would be copies of the first"),
        ({"task": {"lab": ["a", "b"]}}, "lab must be a single name, not ['a', 'b']"),
        ({"models": ["faker"]}, "must name its provider"),
        ({"models": [{"model": "openai/x", "args": {"api_key": "hidden-word"}}]}, "keys stay in the environment"),
    ],
)
def test_a_mistake_is_found_before_anything_runs(grid, fields, sentence):
    refused = grid(**fields)
    assert refused.exit_code == 2
    assert sentence in words(refused)
    assert "hidden-word" not in refused.output
    assert not Path("logs/grid").exists()


def test_an_argument_that_cannot_be_typed_is_refused_and_others_are_quoted(grid):
    assert "'lab=\"2024\"'" in grid("--print", "commands", task={"lab": "2024"}).output
    refused = grid("--print", "commands", task={"lab": "Acme, Inc."})
    assert "lab='Acme, Inc.' cannot be passed on the command line" in words(refused)
    assert refused.exit_code == 2


def test_a_damaged_log_is_named(finished):
    [path] = Path("logs/grid").rglob("*.eval")
    path.write_bytes(path.read_bytes()[:1000])
    assert f"refused, {path.absolute()} cannot be read" in words(finished())


@pytest.mark.parametrize(("only", "models"), [("2", ["quiet"]), ("*faker*", ["faker"]), ("*", ["faker", "quiet"])])
def test_only_some_are_run(grid, only, models):
    printed = grid("--print", "commands", "--only", only, models=["simulated/faker", "simulated/quiet"]).output
    assert [line.split()[4].removeprefix("simulated/") for line in printed.splitlines()] == models


def test_a_number_or_pattern_must_mean_a_cell(grid):
    assert "give a number from 1 to 1, or a pattern of names" in words(grid("--only", "3"))


@pytest.mark.slow
def test_a_printed_command_runs_what_the_grid_would_have_run(grid):
    fields = {"models": [{"model": "simulated/faker", "args": {"seed": 4}, "generate": {"max_connections": 3}}]}
    fields |= {
        "graders": [{"name": "us", "panel": ["simulated/grader", {"model": "simulated/grader", "args": {"seed": 1}}]}]
    }
    printed = grid("--print", "commands", **fields, shards=2).output.splitlines()
    assert len(printed) == 2
    with chdir(ROOT):
        done = CliRunner().invoke(inspect_cli, [*shlex.split(printed[1])[1:], "--display", "log"])
    assert done.exit_code == 0, done.output
    shared = grid(**fields, shards=2)
    assert "[2/2] simulated-faker--helpful_only--main--tool--by-us/shard-2-of-2: complete already" in shared.output


def test_a_printed_flow_spec_has_every_cell_and_makes_its_tasks(grid, monkeypatch):
    printed = grid("--print", "flow", variants=["", "three_tiers"], generate={"seed": 1}).output
    [tasks] = re.findall(r"^TASKS = (.*?)^FlowSpec", printed, re.MULTILINE | re.DOTALL)
    first, second = ast.literal_eval(tasks)
    assert [task["args"].get("variant") for task in (first, second)] == [None, "three_tiers"]
    assert [len(task["sample_id"]) for task in (first, second)] == [4, 6]
    assert (first["name"], first["model"]) == ("alignment_faking", {"name": "simulated/faker", "config": {"seed": 1}})
    monkeypatch.setenv("INSPECT_EVAL_MODEL", "simulated/faker")
    made = alignment_faking_in_flow(**second["args"])
    assert {sample.id for sample in made.dataset} >= set(second["sample_id"])


def test_keys_of_the_environment_stand_in_no_message(grid, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a-very-secret-word")

    def fail(*_, **__):
        raise RuntimeError("the provider refused a-very-secret-word")

    monkeypatch.setattr(grids.run_shard, "eval_set", fail)
    failed = grid()
    assert "the provider refused [key]" in failed.output
    assert "a-very-secret-word" not in failed.output


@pytest.mark.slow
def test_numbers_are_those_of_a_plain_run(grid, tmp_path):
    assert grid().exit_code == 0
    roles = {"grader": "simulated/grader"}
    options = {"limit": 4, "display": "log", "log_realtime": False, "log_dir": str(tmp_path / "plain")}
    inspect_eval("alignment_faking", task_args={"votes": 1}, model="simulated/faker", model_roles=roles, **options)
    assert results("logs/grid", tmp_path / "a") == results("plain", tmp_path / "b")


def test_without_its_extra_ray_is_asked_for_by_name(grid, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    refused = grid("--engine", "ray")
    assert refused.exit_code == 2
    assert "pip install 'alignment-faking-evals[ray]'" in words(refused)


def test_the_example_is_a_grid():
    assert len(plan(cells(load_grid(ROOT / "datasets" / "grids" / "example.yaml")))) == 8


def test_a_shard_that_another_process_runs_is_refused_by_name(finished):
    with FileLock(f"logs/grid/{FAKER}/.lock"):
        refused = finished(limit=4)
    assert refused.exit_code == 1
    assert f"{FAKER}: refused, {Path('logs/grid').absolute()}/{FAKER} is being run by another process" in words(refused)
    again = finished(limit=4)
    assert again.exit_code == 0
    assert "done, 8 samples" in words(again)
