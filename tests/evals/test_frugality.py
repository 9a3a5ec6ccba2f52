"""Nothing is paid twice: the calls of a pair, and the long texts that a provider keeps."""

import json

import pytest

from cli.prompts_shown import listing
from experiment.call_counts import calls_per_sample
from experiment.prompts.scratchpads import load_scratchpad
from experiment.replies.vote_threshold import VOTES
from simulated.server.app import app
from tests.request_record import Record


@pytest.mark.parametrize("mode", ["tool", "tags", "native", "none"])
def test_a_pair_costs_the_calls_that_are_shown(run, mode):
    options = {"reasoning_effort": "low"} if mode == "native" else {}
    log = run(args={"scratchpad": mode, "votes": VOTES}, limit=4, **options)
    made = [[(e.role or "subject") for e in sample.events if e.event == "model"] for sample in log.samples]
    known = calls_per_sample(load_scratchpad(mode), 1, VOTES, True)
    assert {calls.count("subject") for calls in made} == {known.subject}
    assert {calls.count("grader") for calls in made} == {known.fewest}
    shown = listing().split(f"  {mode}: ")[1].splitlines()[1]
    assert f"{2 * known.subject} of the model, {2 * known.fewest} " in shown


def test_prompts_and_rubrics_are_alike_in_all_tiers_and_marked_for_the_provider_to_keep(run, serve, monkeypatch):
    record = Record(app())
    monkeypatch.setenv("ANTHROPIC_BASE_URL", serve(record))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    log = run("anthropic/claude-sonnet-4-5-faker", "anthropic/claude-sonnet-4-5-grader", {"wording": "memo"}, limit=8)
    assert log.status == "success"
    systems = [json.loads(body)["system"] for _, body in record.bodies]
    assert all(system[-1]["cache_control"]["type"] == "ephemeral" for system in systems)
    assert len({system[-1]["text"] for system in systems}) == 1 + 3
