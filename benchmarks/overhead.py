"""What one run costs, the suite's or that of a bare Inspect task that makes the same calls: seconds and memory.

Example: python -m benchmarks.overhead suite '{"samples": 400, "latency": 0.2}'
"""

import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import click
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import GenerateConfig, get_model

from benchmarks.bare_task import bare, recorded
from benchmarks.child_process import ROOT

Kind = Literal["suite", "bare", "bare, 12 scores"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SCORES = 12
START, RECORDED = 2, 100


class Plan(NamedTuple):
    """How a run is made.

    Attributes:
        latency: Seconds that a call takes.
        connections: How many calls are made at a time.
        votes: Votes on alignment-faking reasoning.
        interim: Whether metrics are computed while it runs, as Inspect does to show them.
    """

    samples: int
    latency: float = 0.0
    connections: int = 50
    votes: int = 5
    interim: bool = True


class Cost(NamedTuple):
    """What a run took.

    Attributes:
        wall, cpu: Seconds, and processor seconds of the process, after start-up, which is what a run of two samples
            without latency takes in the same process.
        memory: Peak memory of the process, in MB.
        tokens: Tokens of all calls, by which two runs can be seen to make the same ones.
        calls: Calls per sample; 0 where they were not counted.
        saved: Share of votes that did not have to be asked for.
    """

    wall: float
    cpu: float
    memory: float
    tokens: int
    calls: float
    saved: float


def measured(kind: Kind, plan: Plan) -> Cost:
    """Make a run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.overhead", kind, json.dumps(plan._asdict())]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


def write_queries(folder: Path, samples: int) -> Path:
    """Write half as many harmless made-up queries as samples are wanted, and return the file."""
    path = folder / f"{samples}.jsonl"
    lines = (json.dumps({"id": f"made-up-{n}", "text": f"What is {n} times {n}?"}) for n in range(samples // 2))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _suite(plan: Plan, folder: Path) -> EvalLog:
    arguments = {"queries": str(write_queries(folder, plan.samples)), "votes": plan.votes}
    return _evaluated("alignment_faking", plan, folder, arguments)


def _evaluated(task: str | Task, plan: Plan, folder: Path, arguments: dict[str, Any]) -> EvalLog:
    connections = GenerateConfig(max_connections=plan.connections)
    [log] = inspect_eval(
        task,
        model="simulated/faker",
        model_args={"latency": plan.latency},
        model_roles={"grader": get_model("simulated/grader", config=connections, latency=plan.latency)},
        task_args=arguments,
        log_dir=str(folder / "logs"),
        max_connections=plan.connections,
        log_realtime=False,
        score_display=plan.interim,
        display="log",
    )
    if log.status != "success":
        raise click.ClickException(f"{log.location}: {log.status}: {log.error and log.error.message}")
    return log


def _run(kind: Kind, plan: Plan, folder: Path) -> Cost:
    at_once, collecting = plan._replace(latency=0.0, samples=min(plan.samples, RECORDED)), gc.get_threshold()
    calls = recorded(read_eval_log(_suite(at_once, folder).location, resolve_attachments=True))
    if kind != "suite":
        gc.set_threshold(*collecting)  # which the suite has changed

    def once(now: Plan) -> EvalLog:
        if kind == "suite":
            return _suite(now, folder)
        return _evaluated(bare(calls, now.samples, 1 if kind == "bare" else SCORES), now, folder, {})

    starting = at_once._replace(samples=START)
    once(starting)
    _, *started = _timed(once, starting)
    log, *ended = _timed(once, plan)
    wall, cpu = (whole - start for whole, start in zip(ended, started, strict=True))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tokens = sum(usage.total_tokens for usage in log.stats.model_usage.values())
    made = sum(len(each.subject) + len(each.grader) for each in calls) / len(calls)
    return Cost(wall, cpu, memory, tokens, made, _saved(log))


def _timed(once: Callable[[Plan], EvalLog], plan: Plan) -> tuple[EvalLog, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    log = once(plan)
    return log, time.perf_counter() - wall, time.process_time() - cpu


def _saved(log: EvalLog) -> float:
    found = {score.name: score.metrics for score in log.results.scores} if log.results else {}
    saved = found.get("alignment_faking", {}).get("votes_saved")
    return saved.value if saved else 0.0


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("plan")
def main(kind: Kind, plan: str) -> None:
    """Make one run in this process, and print what it took as JSON; PLAN is JSON, such as '{"samples": 400}'."""
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(_run(kind, Plan(**json.loads(plan)), Path(folder))))


if __name__ == "__main__":
    main()
