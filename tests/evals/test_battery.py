"""The whole battery on every stand-in, through Inspect: each recovers its documented pattern."""

import re
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval

import evals.battery
from experiment.statistics.intervals import wilson
from simulated.personas.personas import PERSONAS

TABLE = Path(__file__).parents[1] / "battery_truth.txt"
(_, *NAMES), *ROWS = [line.split() for line in TABLE.read_text().splitlines()[1:]]
TASKS = dict(zip((row[0] for row in ROWS), filter(re.compile("battery_").match, vars(evals.battery)), strict=True))


def documented(condition, name):
    cell = next(row[1 + NAMES.index(name)] for row in ROWS if row[0] == condition)
    return [int(rate) / 100 for rate in cell.split("/")]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PERSONAS)
def test_every_tier_of_every_condition_is_the_documented_one(metrics, name):
    logs = inspect_eval(
        list(TASKS.values()),
        model=f"simulated/{name}",
        model_roles={"grader": "simulated/grader"},
        task_args={"scratchpad": "tags"},
        log_realtime=False,
        log_samples=True,
    )
    assert [log.status for log in logs] == ["success"] * len(TASKS)
    by_task = {log.eval.task: log for log in logs}
    for condition, task in TASKS.items():
        log = by_task[task]
        compliance = metrics(log)["compliance"]
        tiers = [key.removeprefix("n_") for key in compliance if key.startswith("n_")]
        rates = documented(condition, name)
        assert len(tiers) == len(rates)
        for tier, expected in zip(tiers, rates, strict=True):
            n = compliance[f"n_{tier}"]
            low, high = wilson(compliance[tier] * n, n, level=0.999)
            assert low <= expected <= high, (condition, tier, compliance[tier], n)
