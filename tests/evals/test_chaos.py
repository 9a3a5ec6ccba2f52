"""Behind a network that breaks answers in every way, no sample is lost, none is paid for twice, and numbers are the same."""

import os
import random
import re
import signal
from contextlib import ExitStack, suppress

import pytest
from inspect_ai import eval_retry
from inspect_ai.log import list_eval_logs, read_eval_log
from inspect_ai.model import GenerateConfig, ModelAPI, get_model
from tenacity import wait_fixed

from simulated.server.app import app
from tests.chaos_proxy import KINDS, ChaosProxy
from tests.evals.test_faults import MODELS, PATHS, finished, typed
from tests.evals.test_kills import SAMPLES as SAMPLES_TO_STOP
from tests.evals.test_kills import started, wait_for
from tests.request_record import Record

SAMPLES = 8
SEEDS = 200
FAST = 3  # seeds that the short tests try
ATTEMPTS = 10  # commands that a run may need until nothing is missing
PATIENCE = 1  # seconds; an answer that never comes is given up after them
# An answer that is written twice is read by httpx as the answer to the next request on the same connection.
PASSING = tuple(kind for kind in KINDS if kind != "twice")


def without_calls(numbers):
    """Leave out how often a grader was asked, which is more where its answers are broken."""
    scores, metrics = numbers
    return scores, {
        name: re.sub(r"'grader_(calls|asked_again|failed)': EvalMetric\([^)]*\)", "", text)
        for name, text in metrics.items()
    }


@pytest.fixture(scope="module")
def clean(uninterrupted):
    return {mode: without_calls(uninterrupted(SAMPLES, scratchpad=mode)) for mode in ("tags", "tool")}


@pytest.fixture
def behind(serve, monkeypatch):
    """Return what starts a server behind a chaos proxy, and gives its record, the proxy, and both models."""
    monkeypatch.setattr(ModelAPI, "retry_wait", lambda self: wait_fixed(0.01))
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "none")
    with ExitStack() as running:

        def start(provider, share, seed):
            record = Record(app({}))
            proxy = running.enter_context(ChaosProxy(serve(record), share, seed, PASSING, late=2 * PATIENCE))
            config = GenerateConfig(attempt_timeout=PATIENCE, max_retries=3, max_tokens=8000)
            models = [
                get_model(
                    MODELS[provider].format(name),
                    config=config,
                    base_url=proxy.url + PATHS[provider],
                    memoize=False,
                    max_retries=0,
                )
                for name in ("faker", "grader")
            ]
            return record, proxy, *models

        yield start


def advised(said):
    """Return the last command that a run printed as the way on, None if it printed none."""
    commands = re.findall(r"`(inspect (?:eval-retry|score) [^`]*)`", said)
    return commands[-1] if commands else None


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.slow if seed >= FAST else ()) for seed in range(SEEDS)]
)
def test_chaos_changes_no_number_and_costs_no_finished_sample(
    behind, run, numbers, clean, calls_of, capfd, monkeypatch, seed
):
    provider, mode = list(MODELS)[seed % len(MODELS)], ("tags", "tool")[seed % 2]
    record, proxy, model, grader = behind(provider, 0.1 + 0.2 * seed / SEEDS, seed)
    log = run(model, grader, args={"scratchpad": mode}, limit=SAMPLES, max_samples=4, retry_on_error=2)
    for _ in range(ATTEMPTS):
        command = advised(capfd.readouterr().err)
        if not command:
            break
        made, held = len(record), calls_of(finished(log))
        if command.startswith("inspect score"):
            typed(monkeypatch, command)
            log = read_eval_log(log.location)
        else:
            [log] = eval_retry(log, display="log", log_realtime=False)
        subject = MODELS[provider].format("faker").partition("/")[2]
        assert [asked for asked in record.since(made) if asked.model == subject and asked.text in held] == []
    assert proxy.met
    assert log.status == "success"
    assert without_calls(numbers(log)) == clean[mode]


INTERRUPTIONS = [
    (seed, (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[seed % 3], random.Random(seed).randrange(2, 60))
    for seed in range(25)
]


@pytest.fixture(scope="module")
def undisturbed(uninterrupted):
    return without_calls(uninterrupted(SAMPLES_TO_STOP))


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Keys for every provider; what Inspect keeps for a recovery stays in the test's folder."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return monkeypatch


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "stop", "moment"), INTERRUPTIONS)
def test_a_run_that_is_stopped_amid_chaos_continues_to_the_same_numbers(
    serve, environment, numbers, undisturbed, calls_of, capfd, tmp_path, seed, stop, moment
):
    provider, record = list(MODELS)[seed % len(MODELS)], Record(app({"slow": 0.3}))
    with ChaosProxy(serve(record), 0.1, seed, PASSING, late=2 * PATIENCE) as proxy:
        environment.setenv("OPENAI_BASE_URL", f"{proxy.url}/v1")
        environment.setenv("ANTHROPIC_BASE_URL", proxy.url)
        process = started(
            provider, tmp_path / "logs", dict(os.environ), "--attempt-timeout", str(PATIENCE), "--retry-on-error", "3"
        )
        wait_for(record, moment, process)
        with suppress(ProcessLookupError):  # a run that chaos has ended
            os.killpg(process.pid, stop)
        said, _ = process.communicate(timeout=120)
        proxy.share = 0
        [info] = list_eval_logs(str(tmp_path / "logs"))
        log = read_eval_log(info.name, resolve_attachments=True)
        made, held = len(record), calls_of(finished(log))
        if log.status != "success":
            [log] = eval_retry(info.name, display="log")
            said = capfd.readouterr().err
        subject = MODELS[provider].format("faker").partition("/")[2]
        assert [asked for asked in record.since(made) if asked.model == subject and asked.text in held] == []
        if any(sample.scores["outcome"].value == "ungraded" for sample in log.samples):
            typed(environment, advised(said))
            log = read_eval_log(log.location)
    assert without_calls(numbers(log)) == undisturbed
