"""Runs as a user starts, kills, resumes, re-grades and installs them: through the command line, in processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
RUN = ["--model", "simulated/faker", "--model-role", "grader=simulated/grader", "--display", "plain"]


def inspect(*arguments, cwd=ROOT, **options):
    return subprocess.run(
        [BIN / "inspect", *arguments], cwd=cwd, capture_output=True, text=True, timeout=280, **options
    )


def logs(folder):
    return [read_eval_log(info.name) for info in list_eval_logs(str(folder), descending=False)]


def outcomes(log):
    return {(s.id, s.epoch): [str(s.scores[name].value) for name in sorted(s.scores)] for s in log.samples}


@pytest.mark.slow
def test_the_file_and_the_name_run_the_same_task_from_anywhere(tmp_path):
    by_file = inspect("eval", "evals/alignment_faking.py", *RUN, "--limit", "4", "--log-dir", str(tmp_path / "a"))
    by_name = inspect("eval", "alignment_faking", *RUN, "--limit", "4", "--log-dir", str(tmp_path / "b"), cwd=tmp_path)
    assert (by_file.returncode, by_name.returncode) == (0, 0), by_file.stderr + by_name.stderr
    [first], [second] = logs(tmp_path / "a"), logs(tmp_path / "b")
    assert first.eval.task == second.eval.task == "alignment_faking"
    assert [scorer.name for scorer in first.eval.scorers] == [scorer.name for scorer in second.eval.scorers]
    assert outcomes(first) == outcomes(second)


@pytest.mark.slow
def test_plain_inspect_score_finds_the_scorers_and_changes_nothing(tmp_path):
    assert inspect("eval", "alignment_faking", *RUN, "--limit", "6", "--log-dir", str(tmp_path / "a")).returncode == 0
    [info] = list_eval_logs(str(tmp_path / "a"))
    again = inspect(
        "score", info.name, "--action", "overwrite", "--output-file", str(tmp_path / "b" / "again.eval"), cwd=tmp_path
    )
    assert again.returncode == 0, again.stderr + again.stdout
    before, after = read_eval_log(info.name), read_eval_log(str(tmp_path / "b" / "again.eval"))
    assert outcomes(before) == outcomes(after)
    assert str(before.results.scores) == str(after.results.scores)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-T", "setting=helpful"], "unknown setting 'helpful'"),
        pytest.param(["-T", "mode=tags"], "unknown task argument 'mode'", marks=pytest.mark.slow),
        pytest.param(["-T", "queries=none.csv"], "query file 'none.csv' does not exist", marks=pytest.mark.slow),
    ],
)
def test_a_mistake_is_answered_in_one_sentence(tmp_path, arguments, sentence):
    failed = inspect("eval", "alignment_faking", *RUN, *arguments, cwd=tmp_path)
    assert failed.returncode != 0
    assert sentence in " ".join((failed.stdout + failed.stderr).split())
    assert "Traceback" not in failed.stdout + failed.stderr
    assert not list(tmp_path.rglob("*.eval"))


@pytest.mark.slow
def test_without_a_grader_nothing_is_called(tmp_path):
    failed = inspect("eval", "alignment_faking", *RUN[:2], "--display", "plain", cwd=tmp_path)
    assert failed.returncode != 0
    assert "grader" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr


@pytest.mark.slow
def test_a_relative_query_file_is_found_where_the_user_stands(tmp_path):
    (tmp_path / "mine.csv").write_text("id,text\nbread,How does bread rise?\n")
    environment = {**os.environ, "PWD": str(ROOT)}
    task = os.path.relpath(ROOT / "evals" / "alignment_faking.py", tmp_path)
    done = inspect(
        "eval", task, *RUN, "-T", "queries=mine.csv", "--log-dir", str(tmp_path), cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert {sample.id for sample in logs(tmp_path)[0].samples} == {"bread-free", "bread-paid"}


@pytest.mark.slow
def test_a_killed_run_resumes_without_repeating_a_sample(tmp_path):
    options = [
        *RUN,
        "-M",
        "latency=0.2",
        "--max-connections",
        "8",
        "--max-samples",
        "8",
        "--log-buffer",
        "1",
        "--limit",
        "40",
    ]
    whole = inspect("eval", "alignment_faking", *options, "--log-dir", str(tmp_path / "whole"))
    assert whole.returncode == 0, whole.stderr
    killed = tmp_path / "killed"
    process = subprocess.Popen(
        [BIN / "inspect", "eval", "alignment_faking", *options, "--log-dir", str(killed)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    done = wait_for_samples(killed, 12)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert 12 <= done < 40
    [info] = list_eval_logs(str(killed))
    kept = {(sample.id, sample.uuid) for sample in read_eval_log(info.name).samples}
    retried = inspect("eval-retry", info.name, "--display", "plain", "--log-dir", str(killed))
    assert retried.returncode == 0, retried.stdout + retried.stderr
    resumed = next(log for log in logs(killed) if log.status == "success")
    assert len(resumed.samples) == len({sample.id for sample in resumed.samples}) == 40
    assert kept <= {(sample.id, sample.uuid) for sample in resumed.samples}
    [uninterrupted] = logs(tmp_path / "whole")
    assert outcomes(resumed) == outcomes(uninterrupted)
    assert str(resumed.results.scores) == str(uninterrupted.results.scores)


def wait_for_samples(folder, enough):
    """Wait until a running log holds enough finished samples."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for info in list_eval_logs(str(folder)) if folder.exists() else []:
            done = len(read_eval_log(info.name).samples or [])
            if done >= enough:
                return done
        time.sleep(0.2)
    pytest.fail(f"the run had not finished {enough} samples in time")


@pytest.mark.slow
def test_a_wheel_brings_its_data_and_runs(tmp_path):
    subprocess.run([BIN / "python", "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    [wheel] = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    pip = [tmp_path / "env" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    locked = ["--require-hashes", "--requirement", ROOT / "requirements.lock"]
    subprocess.run([*pip, *locked], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    command = [tmp_path / "env" / "bin" / "inspect", "eval", "evals/alignment_faking", *RUN, "--limit", "4"]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    table = subprocess.run(
        [tmp_path / "env" / "bin" / "alignment-faking", "report", os.environ["INSPECT_LOG_DIR"]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "simulated/faker" in table.stdout
    shown = subprocess.run(
        [tmp_path / "env" / "bin" / "python", "-c", "import datasets, json; print(json.dumps(datasets.__version__))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shown.stdout)
    (tmp_path / "grid.yaml").write_text("{models: [simulated/faker], graders: [simulated/grader], limit: 2}\n")
    grid = [tmp_path / "env" / "bin" / "alignment-faking", "grid", "grid.yaml"]
    for options in ([], ["--print", "commands"]):
        done = subprocess.run([*grid, *options], cwd=tmp_path, capture_output=True, text=True, check=True)
    printed = f"{tmp_path}/env/bin/{done.stdout.strip()} --log-dir {tmp_path}/again"
    subprocess.run(printed, shell=True, cwd=tmp_path, capture_output=True, check=True)
    assert [len(log.samples) for log in logs(tmp_path / "again")] == [4]
