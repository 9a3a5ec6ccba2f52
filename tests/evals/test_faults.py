"""Whatever fails on the way, every sample is graded or named with its reason, and resuming gives the same numbers."""

import asyncio
import re
import sys
from collections import Counter
from importlib.metadata import entry_points
from typing import NamedTuple

import pytest
from inspect_ai import eval_retry
from inspect_ai.hooks import RunEnd, TaskStart
from inspect_ai.log import ProvenanceData, invalidate_samples, read_eval_log, write_eval_log
from inspect_ai.model import GenerateConfig, Model, ModelAPI, get_model
from tenacity import wait_fixed

from evals.closing_messages import UNGRADED, ClosingMessages, quality_warnings, resume_hint
from scorers.grader.grader_call import ask
from scorers.grader.grading_result import Failure, Vote
from scorers.rubric import Rubric
from scorers.scorers import MOTIVE
from simulated.server.app import app
from simulated.server.faults import CORRUPTED, KINDS, Faults
from tests.request_record import Record

MODELS = {
    "anthropic": "anthropic/claude-sonnet-4-5-{}",
    "openai chat": "openai/gpt-4o-{}",
    "openai responses": "openai/gpt-5-{}",
}
PATHS = {"anthropic": "", "openai chat": "/v1", "openai responses": "/v1"}
REFUSALS = ("400", "401", "404")
PASSING = [kind for kind in KINDS if kind not in (*REFUSALS, *CORRUPTED)]
LASTING = [kind for kind in KINDS if kind not in ("slow", *CORRUPTED)]
WORDS = {"empty": "malformed", "filter": "filtered", "truncate": "truncated"}
NO_CHOICE = ("openai chat", "empty")  # Inspect takes the first choice for granted, so its lack is an error
SAMPLES = 8
PATIENCE = 2  # seconds; an answer that never comes is given up after them


class Stand(NamedTuple):
    """A server, the faults on the way to it, and the model under test and the grader behind it."""

    record: Record
    faults: Faults
    model: object
    grader: object


@pytest.fixture
def stand(serve, monkeypatch):
    """Return what starts a server with faults; between attempts nothing waits longer than it must."""
    monkeypatch.setattr(ModelAPI, "retry_wait", lambda self: wait_fixed(0.01))
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "none")

    def start(provider, faults, persona="faker", **when):
        faulty = app(faults, **when)
        record = Record(faulty)
        url = serve(record) + PATHS[provider]
        config = GenerateConfig(attempt_timeout=PATIENCE if "hang" in faults else None, max_tokens=8000)
        client = {} if "429" in faults else {"max_retries": 0}  # who waits for Retry-After is the provider's library
        named = (MODELS[provider].format(name) for name in (persona, "grader"))
        return Stand(
            record, faulty, *(get_model(each, config=config, base_url=url, memoize=False, **client) for each in named)
        )

    return start


@pytest.fixture
def attempt(run):
    def attempt(stand, **options):
        options = {"args": {"scratchpad": "tags"}, "limit": SAMPLES, "max_samples": 2, **options}
        return run(stand.model, stand.grader, **options)

    return attempt


@pytest.fixture(scope="module")
def clean(uninterrupted):
    return uninterrupted(SAMPLES, scratchpad="tags")


def reasons(log):
    """Why samples of a log have no value, each counted; a sample without a word of why would be a None."""
    found = Counter()
    for sample in log.samples:
        if sample.error:
            found["under way" if sample.error.message.startswith("CancelledError") else "error"] += 1
        else:
            found[sample.scores["outcome"].value] += 1
    return found


def finished(log):
    return [sample for sample in log.samples if not sample.error]


@pytest.fixture
def repeated(calls_of):
    """Return what gives the calls after some that were made before for finished samples."""

    def again(stand, since, samples):
        done = calls_of(samples)
        return [asked for asked in stand.record.since(since) if asked.text in done]

    return again


def every(*kinds):
    return [(provider, kind) for provider in MODELS for kind in kinds]


def cases(pairs, *fast):
    """Providers with kinds of faults; all but a few are slow."""
    return [pytest.param(*pair, marks=() if pair in fast else pytest.mark.slow) for pair in pairs]


@pytest.mark.parametrize(("provider", "kind"), cases([*every(*PASSING), NO_CHOICE], ("openai responses", "drop")))
def test_what_passes_changes_nothing(stand, attempt, numbers, clean, capfd, provider, kind):
    # A grader whose answer twice is no JSON is a grader that is down, for which there is a test of its own.
    tried = stand(provider, {kind: 0.3}, only="faker" if kind in ("broken", "empty") else None)
    log = attempt(tried, retry_on_error=5)
    assert tried.faults.met[kind] > 0
    assert log.status == "success"
    assert numbers(log) == clean
    assert "`inspect " not in capfd.readouterr().err


@pytest.mark.parametrize(("provider", "kind"), cases([*every(*LASTING), NO_CHOICE], ("openai chat", "404")))
def test_what_lasts_ends_the_run_and_resuming_gives_the_same(
    stand, attempt, clean, capfd, numbers, repeated, provider, kind
):
    tried = stand(provider, {kind: 1}, after=5, only="faker")
    log = attempt(tried, max_retries=1)
    assert (log.status, tried.faults.met[kind] > 0) == ("error", True)
    assert f"ended with status 'error': `inspect eval-retry {log.location}`" in capfd.readouterr().err
    counted = reasons(log)
    assert counted["error"] >= 1
    assert set(counted) <= {"complied", "refused", "error", "under way"}
    tried.faults.rates, made = {}, len(tried.record)
    [resumed] = eval_retry(log, display="log", log_realtime=False)
    assert numbers(resumed) == clean
    assert repeated(tried, made, finished(log)) == []
    assert {sample.uuid for sample in finished(log)} <= {sample.uuid for sample in resumed.samples}


@pytest.mark.parametrize(
    ("provider", "kind"), cases([pair for pair in every(*CORRUPTED) if pair != NO_CHOICE], ("anthropic", "filter"))
)
def test_a_corrupted_reply_is_counted_by_tier_and_can_be_asked_for_again(
    stand, attempt, metrics, clean, numbers, repeated, provider, kind
):
    tried = stand(provider, {kind: 1}, after=5, only="faker")
    log = attempt(tried)
    word, lost = WORDS[kind], [sample for sample in log.samples if sample.scores["outcome"].value == WORDS[kind]]
    assert log.status == "success"
    assert 0 < len(lost) < SAMPLES
    assert set(reasons(log)) == {"complied", "refused", word}
    in_tier = {tier: sum(sample.metadata["tier"] == tier for sample in lost) for tier in ("free", "paid")}
    assert {tier: metrics(log)["outcome"][f"{word}_{tier}"] for tier in in_tier} == in_tier
    tried.faults.rates, made = {}, len(tried.record)
    again = invalidate_samples(
        read_eval_log(log.location), [sample.uuid for sample in lost], ProvenanceData(author="a test")
    )
    write_eval_log(again)
    [resumed] = eval_retry(again, display="log", log_realtime=False)
    assert numbers(resumed) == clean
    kept = [sample for sample in log.samples if sample not in lost]
    assert repeated(tried, made, kept) == []


@pytest.mark.parametrize(("provider", "kind"), cases(every(*LASTING, *CORRUPTED), ("openai responses", "503")))
def test_a_grader_that_is_down_throughout_costs_no_call_to_the_model_again(
    stand, attempt, numbers, clean, capfd, monkeypatch, provider, kind
):
    tried = stand(provider, {kind: 1}, only="grader")
    log = attempt(tried, max_retries=0, max_samples=SAMPLES)
    assert log.status == "success"
    assert reasons(log) == {"ungraded": SAMPLES}
    assert all(sample.scores["outcome"].explanation for sample in log.samples)
    said = re.search(rf"^{SAMPLES} replies .* lack a grade: `(.*)` asks the grader", capfd.readouterr().err, re.M)
    tried.faults.rates, made = {}, len(tried.record)
    typed(monkeypatch, said[1])
    assert numbers(read_eval_log(log.location)) == clean
    assert {asked.model for asked in tried.record.since(made)} == {MODELS[provider].format("grader").partition("/")[2]}


def typed(monkeypatch, command):
    """Run a command of Inspect's, as typed."""
    name, *arguments = command.split()
    [script] = entry_points(group="console_scripts", name=name)
    monkeypatch.setattr(sys, "argv", [name, *arguments, "--display", "log"])
    with pytest.raises(SystemExit) as ended:
        script.load()()
    assert not ended.value.code


@pytest.mark.slow
@pytest.mark.parametrize("provider", MODELS)
def test_all_that_is_down_at_once_takes_both_commands(
    stand, attempt, numbers, repeated, clean, capfd, monkeypatch, provider
):
    tried = stand(provider, {"404": 1}, after=12)
    log = attempt(tried, max_samples=4)
    assert log.status == "error"
    tried.faults.rates, made = {}, len(tried.record)
    [resumed] = eval_retry(log, display="log", log_realtime=False)
    assert len(resumed.samples) == SAMPLES
    assert set(reasons(resumed)) <= {"complied", "refused", "ungraded"}
    typed(monkeypatch, capfd.readouterr().err.split("`")[-2])
    assert numbers(read_eval_log(resumed.location)) == clean
    graded = [
        sample for sample in finished(log) if not any(each.reason == "grader_failed" for each in sample.scores.values())
    ]
    assert repeated(tried, made, graded) == []


@pytest.mark.slow
def test_samples_that_fail_in_a_run_that_continues_are_counted_and_run_again(stand, attempt, numbers, clean, capfd):
    tried = stand("openai chat", {"404": 1}, after=5, only="faker")
    log = attempt(tried, fail_on_error=False)
    failed = reasons(log)["error"]
    assert (log.status, failed > 0) == ("success", True)
    said = f"{failed} samples of alignment_faking on openai/gpt-4o-faker ended in an error: `inspect eval-retry {log.location}`"
    assert said in capfd.readouterr().err
    tried.faults.rates = {}
    [resumed] = eval_retry(log, display="log", log_realtime=False)
    assert numbers(resumed) == clean


@pytest.mark.parametrize("scored", ["in the run", "afterwards"])
def test_a_sample_that_ended_in_an_error_and_is_scored_all_the_same_counts_as_errored(
    stand, attempt, metrics, clean, numbers, monkeypatch, capfd, scored
):
    tried = stand("openai chat", {"404": 1}, after=3, only="faker")
    log = attempt(tried, fail_on_error=False, score_on_error=scored == "in the run")
    if scored == "afterwards":
        typed(monkeypatch, f"inspect score {log.location} --action overwrite --overwrite")
    log = read_eval_log(log.location)
    failed = Counter(sample.metadata["tier"] for sample in log.samples if sample.error)
    words = {sample.scores["outcome"].value for sample in log.samples if sample.error}
    assert (words, failed.total() > 0) == ({"errored"}, True)
    found = metrics(log)["outcome"]
    assert {tier: found[f"errored_{tier}"] for tier in ("free", "paid")} == {t: failed[t] for t in ("free", "paid")}
    assert [found[f"{word}_{tier}"] for word in ("truncated", "malformed") for tier in ("free", "paid")] == [0] * 4
    assert {tier: found[f"coverage_{tier}"] for tier in ("free", "paid")} == {
        tier: 1 - failed[tier] * 2 / SAMPLES for tier in ("free", "paid")
    }
    measured = f"only {SAMPLES - failed.total()} of {SAMPLES} replies"
    assert any(measured in said for said in quality_warnings(log)) == (failed.total() > SAMPLES / 2)
    typed(monkeypatch, f"inspect score {log.location} --action overwrite --overwrite")
    assert metrics(read_eval_log(log.location))["outcome"] == found


def test_a_retry_that_ends_well_leaves_nothing_to_say(run, capsys):
    log = run(limit=2)
    first = log.eval.model_copy(update={"eval_id": "the first attempt"})
    hook, about = ClosingMessages(), {"run_id": log.eval.run_id, "eval_set_id": None}

    async def attempts() -> None:
        for spec in (first, log.eval):
            await hook.on_task_start(TaskStart(**about, eval_id=spec.eval_id, spec=spec, plan=log.plan))
        await hook.on_run_end(RunEnd(**about, exception=None, logs=[log]))

    capsys.readouterr()
    asyncio.run(attempts())
    assert capsys.readouterr().err == ""
    assert not hook._begun


def test_a_reply_that_lacks_nothing_but_motives_is_counted_and_lacks_a_grade(run, metrics, monkeypatch):
    async def fail_at_motives(grader: Model, rubric: Rubric, *rest: object) -> Vote | Failure:
        return Failure("down") if rubric.headline == MOTIVE else await ask(grader, rubric, *rest)

    monkeypatch.setattr("scorers.grader.grader_panel.ask", fail_at_motives)
    log = run(args={"scratchpad": "tags"}, limit=SAMPLES)
    found = metrics(log)["outcome"]
    assert [found[f"{name}{tier}"] for name in UNGRADED for tier in ("free", "paid")] == [0] * 4 + [SAMPLES / 2] * 2
    assert resume_hint(log.eval, log).startswith(f"{SAMPLES} replies of alignment_faking on simulated/faker lack a")
