"""A server that dies in mid-run costs nothing that was finished."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from inspect_ai import eval_retry
from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample_summaries

from tests.real.conftest import COMMON, GRADER_ROLE, SUBJECT
from tests.real.fates import assert_apart, assert_one_fate
from tests.real.served import MODEL, SLOTS
from tests.real.shapes import SHAPES

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

INSPECT = Path(sys.executable).parent / "inspect"
SAMPLES = 6
ENOUGH = 2  # finished samples before the server is killed


def options(**values):
    return [part for name, value in values.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def command(folder):
    mode, body = SHAPES["none"]
    arguments = [f"{name}={value}" for name, value in {**COMMON, "scratchpad": mode}.items()]
    return [
        *(INSPECT, "eval", "alignment_faking", "--model", MODEL, "--model-role", GRADER_ROLE),
        *(part for argument in arguments for part in ("-T", argument)),
        *options(limit=SAMPLES, max_connections=SLOTS, max_samples=SLOTS, max_retries=1, log_buffer=1, **SUBJECT),
        *options(extra_body=json.dumps(body), log_dir=folder, display="plain"),
    ]


@pytest.fixture
def process(served, tmp_path, monkeypatch):
    """A run in a process of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    started = subprocess.Popen(command(tmp_path / "logs"), env=dict(os.environ), **pipes)
    yield started
    started.kill()
    started.wait()


@pytest.fixture
def killed(served):
    """Return what kills the server, which is up again when the test ends."""
    yield served.kill
    if not served.alive:
        served.start()


def finished(folder):
    return [each for info in list_eval_logs(str(folder)) for each in read_eval_log_sample_summaries(info.name)]


def wait_for(samples, folder, process):
    """Wait until a run has finished some samples."""
    deadline = time.monotonic() + 240
    while len(finished(folder)) < samples:
        assert process.poll() is None, process.communicate()[0][-2000:]
        assert time.monotonic() < deadline, "the run finished too few samples"
        time.sleep(0.2)


def test_a_run_whose_server_dies_goes_on_when_it_is_back(served, process, killed, tmp_path):
    folder = tmp_path / "logs"
    wait_for(ENOUGH, folder, process)
    killed()
    said = " ".join(process.communicate(timeout=240)[0].split())
    [info] = list_eval_logs(str(folder))
    log, path = read_eval_log(info.name), info.name.removeprefix("file://")
    held = {sample.uuid for sample in log.samples if not sample.error}
    assert ENOUGH <= len(held) < SAMPLES
    assert log.status == "error"
    assert f"ended with status 'error': `inspect eval-retry {path}` runs what" in said
    served.start()
    [retried] = eval_retry(info.name, display="log")
    resumed = read_eval_log(retried.location, resolve_attachments=True)
    assert len(resumed.samples) == SAMPLES
    assert held <= {sample.uuid for sample in resumed.samples}
    assert_one_fate(resumed)
    for sample in resumed.samples:
        assert_apart(sample)
