"""Runs that are killed, interrupted or out of disk lose nothing: resumed, they give the numbers of one that was not."""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from inspect_ai import eval_retry
from inspect_ai.log import list_eval_logs, read_eval_log

from cli.main import main as alignment_faking
from simulated.server.app import app
from tests.request_record import Record

INSPECT = Path(sys.executable).parent / "inspect"
MODELS = {
    "anthropic": "anthropic/claude-sonnet-4-5-{}",
    "openai chat": "openai/gpt-4o-{}",
    "openai responses": "openai/gpt-5-{}",
}
SAMPLES = 20
AT_ONCE = 4
CALLS = 4  # the least that a sample takes in mode tool: two replies and two grades
KILLS = 20
CHANCE = random.Random(20)
# Moments are counted in requests, so that they are spread over a run however fast the machine is.
MOMENTS = [
    (stop, provider, moment)
    for stop in (signal.SIGKILL, signal.SIGINT)
    for provider, moment in zip(
        [list(MODELS)[number % len(MODELS)] for number in range(KILLS)],
        sorted(CHANCE.sample(range(1, SAMPLES * CALLS), KILLS)),
        strict=True,
    )
]


@pytest.fixture(scope="module")
def record(serve):
    """A server that all runs of this module ask, and the record of what it is asked."""
    kept = Record(app({"slow": 0.3}))
    kept.url = serve(kept)
    return kept


@pytest.fixture(autouse=True)
def interruptible():
    """Let the runs be interrupted where the tests themselves are not, as in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def environment(record, monkeypatch, tmp_path):
    """The stand-in server for every provider; what Inspect keeps for a recovery stays in the test's folder."""
    values = {
        "OPENAI_BASE_URL": f"{record.url}/v1",
        "ANTHROPIC_BASE_URL": record.url,
        "OPENAI_API_KEY": "none",
        "ANTHROPIC_API_KEY": "none",
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return dict(os.environ)


def command(provider, folder):
    model, grader = MODELS[provider].format("faker"), MODELS[provider].format("grader")
    options = ["--max-samples", str(AT_ONCE), "--log-buffer", "1", "--limit", str(SAMPLES), "--max-tokens", "8000"]
    roles = ["--model", model, "--model-role", f"grader={grader}"]
    return [INSPECT, "eval", "alignment_faking", *roles, "-T", "votes=1", *options, "--log-dir", str(folder)]


def started(provider, folder, environment, *more, **options):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(
        [*command(provider, folder), "--display", "plain", *more],
        env=environment,
        start_new_session=True,
        **pipes,
        **options,
    )


@pytest.fixture(scope="module")
def clean(uninterrupted):
    return uninterrupted(SAMPLES)


def wait_for(record, requests, process):
    """Wait until a run has made some requests, or is over."""
    deadline = time.monotonic() + 90
    while len(record) < requests and process.poll() is None:
        assert time.monotonic() < deadline, "the run made too few requests"
        time.sleep(0.002)


def report(folder):
    return " ".join(
        CliRunner().invoke(alignment_faking, ["report", str(folder)], env={"COLUMNS": "1000"}).output.split()
    )


def finished(log):
    return [sample for sample in log.samples or [] if not sample.error]


def assert_accounted(log, said):
    """A log holds whole samples, and its report accounts for all others."""
    held = finished(log)
    assert all("outcome" in sample.scores for sample in held)
    assert all(sample.error.message.startswith("CancelledError") for sample in log.samples or [] if sample.error)
    if held:
        assert f"it holds {len(held)} of {SAMPLES} samples" in said
        assert f"`inspect eval-retry {log.location.removeprefix('file://')}`" in said
        under_way, not_begun = map(
            int, re.search(r"(\d+) were under way at the end and (\d+) not begun", said).groups()
        )
        assert under_way + not_begun == SAMPLES - len(held)
        assert under_way <= AT_ONCE
    else:
        assert "holds no finished sample" in said


@pytest.fixture
def resumes(record, clean, numbers, calls_of):
    """Return what resumes a log, and holds that no call of a sample in it is made again and the numbers are the same."""

    def resume(log):
        made, held = len(record), finished(log)
        [resumed] = eval_retry(log.location, display="log")
        assert resumed.status == "success"
        assert numbers(resumed) == clean
        assert [asked for asked in record.since(made) if asked.text in calls_of(held)] == []
        assert {sample.uuid for sample in held} <= {sample.uuid for sample in resumed.samples}

    return resume


@pytest.mark.slow
@pytest.mark.parametrize(("stop", "provider", "moment"), MOMENTS)
def test_a_run_that_is_stopped_at_any_moment_can_be_resumed(
    stop, provider, moment, record, environment, resumes, tmp_path
):
    before, folder = len(record), tmp_path / "logs"
    process = started(provider, folder, environment)
    wait_for(record, before + moment, process)
    os.killpg(process.pid, stop)
    said, _ = process.communicate(timeout=60)
    [info] = list_eval_logs(str(folder))
    log = read_eval_log(info.name, resolve_attachments=True)
    assert log.status == ("started" if stop == signal.SIGKILL else "cancelled")
    if stop == signal.SIGINT:
        assert f"was interrupted (LOG ends in {log.eval.task_id}.eval): `inspect eval-retry LOG` runs what" in said
    assert_accounted(log, report(folder))
    resumes(log)


@pytest.mark.slow
@pytest.mark.parametrize("buffer", [[], ["--no-log-realtime"]])
@pytest.mark.parametrize("kilobytes", [100, 150, 200])
def test_a_full_disk_ends_a_run_that_resumes_when_there_is_room(kilobytes, buffer, environment, resumes, tmp_path):
    size = kilobytes * 1024
    full = [*command("anthropic", tmp_path / "logs"), "--display", "plain", *buffer]
    done = subprocess.run(
        full,
        env=environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = " ".join((done.stdout + done.stderr).split())
    assert "File too large" in said or "disk I/O error" in said
    [info] = list_eval_logs(str(tmp_path / "logs"))
    assert f"ended with status 'error': `inspect eval-retry {info.name.removeprefix('file://')}` runs what" in said
    resumes(read_eval_log(info.name, resolve_attachments=True))
