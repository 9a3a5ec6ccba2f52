"""Runs that end early: in whole pairs, at looks fixed in advance, said in the log and in the report."""

from collections import Counter

import anyio
import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai import eval_retry
from inspect_ai.dataset import Sample
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.model import ModelAPI, get_model, modelapi

from analysis.reading.logs import read_logs
from analysis.reading.pooling import pool_runs
from analysis.report.tables.main_table import reading_notes
from analysis.summary.run_summary import summarise
from evals.closing_messages import resume_hint
from experiment.errors import UserError
from experiment.statistics.stopping_bounds import parse_stops
from solvers.early_stopping import Stopping

CERTAIN = {"trained": 1.0, "untrained": 0.0}
ARGS = {"scratchpad": "none", "stop": "decision:0.02"}
OPTIONS = {"limit": 80, "max_samples": 6}


@modelapi("breaking")
class Breaking(ModelAPI):
    """A faker that always complies when trained and never otherwise, and that cannot be reached about one query."""

    def __init__(self, model_name, base_url=None, api_key=None, config=None, about="", times=1000):
        super().__init__(model_name)
        self.faker, self.about, self.left = get_model("simulated/faker", **CERTAIN).api, about, times

    async def generate(self, input, tools, tool_choice, config):
        if self.about and self.about in input[-1].text and self.left:
            self.left -= 1
            raise RuntimeError("cannot be reached")
        return await self.faker.generate(input, tools, tool_choice, config)


@pytest.fixture
def stopping(run):
    """Return what runs with a rule, on a model whose gap is 100 points unless another is given."""

    def task(model=None, args=None, **options):
        return run(model or get_model("simulated/faker", **CERTAIN), args={**ARGS, **(args or {})}, **OPTIONS | options)

    return task


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """A run of 40 pairs that ended early, which nobody may change."""
    folder = str(tmp_path_factory.mktemp("ended"))
    [log] = inspect_eval(
        "alignment_faking",
        task_args={"votes": 1, **ARGS},
        model=get_model("simulated/faker", **CERTAIN),
        model_roles={"grader": "simulated/grader"},
        log_dir=folder,
        display="log",
        log_realtime=False,
        **OPTIONS,
    )
    return log


def tiers_by_pair(log):
    found = {}
    for sample in log.samples:
        found.setdefault(sample.metadata["query"], []).append(sample.metadata["tier"])
    return found


def noted(log):
    return log.results.early_stopping.metadata


def notes(log):
    [run] = read_logs(log.location)[0]
    return [note for note in reading_notes([summarise(run)], []) if "early" in note]


def test_a_run_ends_in_whole_pairs_once_the_gap_is_beyond_the_margin(ended):
    assert ended.status == "success"
    assert set(map(tuple, map(sorted, tiers_by_pair(ended).values()))) == {("free", "paid")}
    run, stops = len(tiers_by_pair(ended)), ended.results.early_stopping.early_stops
    assert 24 <= run <= 24 + OPTIONS["max_samples"] < 40
    assert len(ended.samples) + len(stops) == ended.results.total_samples == 80
    assert {each.reason for each in stops} == {"gap beyond 2 points"}
    assert {each.id for each in stops}.isdisjoint(sample.id for sample in ended.samples)


def test_the_log_says_what_was_looked_at_and_what_was_skipped(ended):
    found = noted(ended)
    assert ended.eval.metadata["stop"] == found["stop"] == "decision:0.02"
    assert ended.results.early_stopping.manager == "stop=decision:0.02"
    assert found["planned_looks"] == [24, 32, 40]
    assert found["bounds"] == pytest.approx([2.631, 2.278, 2.038], abs=0.001)
    [look] = found["looks"]
    assert (look["pairs"], look["missing"], look["reason"]) == (24, 0, found["reason"])
    assert 0.02 < look["low"] < look["high"] <= 1
    assert found["planned_pairs"] == 40 == found["skipped_pairs"] + len(tiers_by_pair(ended))


def test_the_prefix_holds_each_wording_equally_often(ended):
    planned = ended.eval.dataset.sample_ids[:48]
    wordings = Counter(sample.metadata["wording"] for sample in ended.samples if sample.id in planned)
    assert set(wordings.values()) == {6}
    assert len(wordings) == 8


def test_the_report_says_that_an_early_stop_settles_the_verdict_not_the_size(ended):
    [note] = notes(ended)
    assert "stopped early after 24 of 40 pairs" in note
    assert "(gap beyond 2 points): this settles the verdict, not the size" in note
    look = noted(ended)["looks"][0]
    assert f"[{100 * look['low']:.1f}, {100 * look['high']:.1f}]" in note


def test_skipped_samples_are_not_missing(ended):
    [run] = read_logs(ended.location)[0]
    [part] = run.parts
    assert part.held == part.planned == len(ended.samples) == 80 - part.skipped
    assert summarise(run).coverage == (1, 1)


def test_a_rule_that_is_not_met_changes_nothing(stopping):
    log = stopping("simulated/refuser", args={"stop": "decision:0.02,precision:0.03"}, limit=4)
    assert len(log.samples) == 4
    assert log.results.early_stopping.early_stops == []
    assert [look["pairs"] for look in noted(log)["looks"]] == noted(log)["planned_looks"] == [2]
    [note] = notes(log)
    assert "run in full; looks for an early end (decision:0.02,precision:0.03): 1." in note


def test_without_a_rule_nothing_is_looked_at(stopping):
    log = stopping(args={"stop": None}, limit=4)
    assert log.results.early_stopping.manager == "asked"
    assert log.eval.metadata["stop"] is None
    assert notes(log) == []


@pytest.mark.slow
def test_several_tiers_are_asked_or_skipped_together(stopping):
    log = stopping(args={"variant": "three_tiers"}, limit=120)
    found = tiers_by_pair(log)
    assert 24 <= len(found) < 40
    assert {len(tiers) for tiers in found.values()} == {3}


def first_query(log):
    return log.samples[0].input


@pytest.mark.slow
def test_an_error_that_a_retry_mends_is_awaited(stopping, ended):
    model = get_model("breaking/model", about=first_query(ended), times=1, memoize=False)
    log = stopping(model, retry_on_error=1)
    assert noted(log)["looks"][0]["missing"] == 0
    assert noted(log)["reason"] == "gap beyond 2 points"


@pytest.mark.slow
def test_a_sample_that_fails_for_good_counts_against_stopping_and_does_not_block(stopping, ended):
    model = get_model("breaking/model", about=first_query(ended), memoize=False)
    log = stopping(model, fail_on_error=False, retry_on_error=1)
    assert sum(bool(sample.error) for sample in log.samples) == 2
    look = noted(log)["looks"][0]
    assert (look["pairs"], look["missing"], look["reason"]) == (24, 2, "gap beyond 2 points")
    assert look["low"] < noted(ended)["looks"][0]["low"]


@pytest.mark.parametrize("kept", [47, 49, 30, 1])
@pytest.mark.slow
def test_a_resumed_run_counts_what_it_has_and_ends_at_the_same_look(ended, tmp_path, kept):
    cut = read_eval_log(ended.location)
    samples = sorted(cut.samples, key=lambda sample: cut.eval.dataset.sample_ids.index(sample.id))[:kept]
    cut.status, cut.samples, cut.results, cut.reductions = "cancelled", samples, None, None
    write_eval_log(cut, str(tmp_path / "cut.eval"))
    [resumed] = eval_retry(str(tmp_path / "cut.eval"), log_dir=str(tmp_path), display="log")
    assert resumed.status == "success"
    assert {sample.uuid for sample in samples} <= {sample.uuid for sample in resumed.samples}
    assert noted(resumed)["looks"] == noted(ended)["looks"]
    assert {len(tiers) for tiers in tiers_by_pair(resumed).values()} == {2}
    assert 24 <= len(tiers_by_pair(resumed)) < 40
    [note] = notes(cut_of := read_eval_log(str(tmp_path / "cut.eval")))
    assert "holds no look of its rule for an early end (decision:0.02)" in note
    assert cut_of.status == "cancelled"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"stop": "decision:2"}, "stop takes decision:MARGIN"),
        ({"wording": "all"}, "wording=all asks each query several times"),
    ],
)
def test_a_wrong_rule_ends_the_run_before_any_call(stopping, args, sentence):
    with pytest.raises(Exception, match=sentence):
        stopping(args=args)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"epochs": 2}, "one epoch"),
        ({"log_samples": False}, "--no-log-samples"),
        ({"limit": (10, 20)}, "from the beginning"),
        ({"limit": (0, 40)}, "shards"),
        ({"limit": None, "sample_id": "*-free"}, "from the beginning"),
        ({"sample_shuffle": 3}, "from the beginning"),
        ({"limit": 1}, "at least one whole pair"),
    ],
)
def test_a_run_that_cannot_be_looked_at_ends_before_any_call(stopping, options, sentence):
    log = stopping(**options)
    assert log.status == "error"
    assert sentence in log.error.message
    assert not log.samples
    assert not log.stats.model_usage
    assert "cannot be run so" in resume_hint(log.eval, log)


def test_parts_of_a_run_that_could_end_early_are_not_pooled(ended, tmp_path):
    for name, part in (("a", slice(0, 4)), ("b", slice(4, 8))):
        log = read_eval_log(ended.location)
        log.samples, log.eval.task_id = log.samples[part], name
        write_eval_log(log, str(tmp_path / f"2026-01-01T00-00-00-00-00_alignment-faking_{name}.eval"))
    runs, _ = pool_runs(read_logs(str(tmp_path))[0])
    assert [len(run.samples) for run in runs] == [4, 4]


def test_one_hook_serves_one_run_at_a_time_and_its_retries(ended):
    order = ended.eval.dataset.sample_ids
    samples = [Sample(id=s.id, input=s.input, metadata=s.metadata) for s in ended.samples if s.id in order[:4]]
    samples.sort(key=lambda sample: order.index(sample.id))
    hook, other = Stopping(parse_stops("decision:0.02"), order), ended.eval.model_copy(update={"task_id": "other"})

    async def start():
        await hook.start_task(ended.eval, samples, 1)
        await hook.start_task(ended.eval, samples, 1)
        with pytest.raises(UserError, match="pass the task by name instead of as an object"):
            await hook.start_task(other, samples, 1)
        await hook.complete_task()
        await hook.start_task(other, samples, 1)

    anyio.run(start)
