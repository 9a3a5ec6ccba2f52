"""How fast the suite is, as ratios: to a bare Inspect task, to what latency allows, to Inspect's own reading of logs.

Example: python -m benchmarks.speed --only overhead --small
"""

import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from itertools import product
from os import cpu_count
from pathlib import Path
from statistics import mean

import click

from benchmarks import log_reading as reports
from benchmarks import text_growth as texts
from benchmarks.child_process import ROOT, run_python
from benchmarks.overhead import KINDS, Cost, Kind, Plan, measured
from benchmarks.study_tables import markdown_table
from experiment.call_counts import calls_per_sample
from experiment.front_matter import names
from experiment.prompts.scratchpads import load_scratchpad
from experiment.replies.vote_threshold import VOTES

PAGE = Path(__file__).parent / "speed.md"
HEAD = """# Speed

Written by `make bench`, on stand-in models: ratios of times in one run. A section can be measured again by itself."""
ROUNDS = 2
BOUNDS = "The latency bound is calls x latency / connections, which both models share; the CPU bound is the bare task."
BOUNDED = ["samples", "latency, s", "connections", "votes", "calls", "latency bound, s", "bare, s", "suite, s"]
BOUNDED += ["suite to the larger", "processor time, suite to bare"]
STARTED = """import sys
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
bare = Task(dataset=[Sample(input="Hello")])
roles = {"grader": "simulated/grader"}
eval("alignment_faking" if sys.argv[1] == "suite" else bare, model="simulated/faker", model_roles=roles, limit=2,
     log_dir=sys.argv[2], display="log")
"""
IMPORT = 'python -c "import inspect_ai"'
COMMANDS = {
    IMPORT: ("-c", "import inspect_ai"),
    "alignment-faking --help": ("-m", "cli", "--help"),
    "alignment-faking show helpful_only": ("-m", "cli", "show", "helpful_only"),
    "alignment-faking power --gap 0.05 --paid 0.03": ("-m", "cli", "power", "--gap", "0.05", "--paid", "0.03"),
}
COMMAND_ROUNDS = 5

Section = Callable[[bool], Iterator[str]]


def in_turn(plan: Plan, rounds: int = 1, kinds: Sequence[Kind] = ("suite", "bare")) -> dict[Kind, Cost]:
    """Measure suite and bare tasks in turn, and return the cheapest run of each: other load only ever adds."""
    runs: dict[Kind, list[Cost]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, costs in runs.items():
            costs.append(measured(kind, plan))
            click.echo(f"{kind} {plan}: {costs[-1]}", err=True)
    return {kind: min(costs, key=lambda cost: cost.cpu) for kind, costs in runs.items()}


def overhead(small: bool) -> Iterator[str]:
    """Processor time, throughput and memory beside the bare task."""
    sizes = (100,) if small else (400, 1_000)
    yield (
        f"Beside a bare task that makes the same calls, without latency; after start-up, the best of {ROUNDS}. The "
        "suite gives a sample 12 scores; Inspect itself spends time on each, so that the bare task was also run with "
        "12 empty ones. The bare tasks look for unreachable objects as often as Python does by itself, the suite less "
        "often (`evals/run_setup.py`)."
    )
    head = ["samples", "", "processor time, ms a sample", "suite to it", "samples a second", "suite to it", "peak MB"]
    found = {size: in_turn(Plan(size), ROUNDS, KINDS) for size in sizes}
    yield markdown_table(head, [row for size, costs in found.items() for row in _compared(size, costs)])


def _compared(size: int, costs: dict[Kind, Cost]) -> Iterator[list[str]]:
    suite = costs["suite"]
    for kind, cost in costs.items():
        ratios = [f"{suite.cpu / cost.cpu:.2f}", f"{cost.wall / suite.wall:.2f}"]
        times = [f"{1000 * cost.cpu / size:.1f}", f"{size / cost.wall:.1f}"]
        yield [f"{size:,}", kind, times[0], ratios[0], times[1], ratios[1], f"{cost.memory:.0f}"]


def size(small: bool) -> Iterator[str]:
    """What a large run takes."""
    few, many = (50, 200) if small else (1_000, 10_000)
    yield (
        "Suite and bare task, without latency and without interim metrics (`--no-score-display`), to which Inspect "
        f"gives up to an eleventh of a run's time. {many:,} samples on one core and, for as long as that takes, "
        f"{few:,} on another, again and again, so that both meet the same machine."
    )
    kinds: tuple[Kind, ...] = ("suite", "bare")
    found = {(kind, n): cost for kind in kinds for n, cost in _at_once(kind, few, many).items()}
    head = ["samples", "", "processor time, ms a sample", "samples a second", "peak MB"]
    yield markdown_table(
        head,
        [
            [f"{n:,}", kind, f"{1000 * each.cpu / n:.1f}", f"{n / each.wall:.1f}", f"{each.memory:.0f}"]
            for (kind, n), each in found.items()
        ],
    )
    suite, bare = ((found[kind, many].cpu / many) / (found[kind, few].cpu / few) for kind in kinds)
    yield (
        f"A sample of {many:,} takes {suite:.2f} times the processor time of one of {few:,}, in the bare task "
        f"{bare:.2f} times. At {many:,} the suite takes {found['suite', many].cpu / found['bare', many].cpu:.2f} times "
        "what the bare task does, which was run after it."
    )


def _at_once(kind: Kind, few: int, many: int) -> dict[int, Cost]:
    with ThreadPoolExecutor() as pool:
        large = pool.submit(measured, kind, Plan(many, interim=False))
        little: list[Cost] = []
        while not (little and large.done()):
            little.append(measured(kind, Plan(few, interim=False)))
    click.echo(f"{kind} {few:,}: {[each.cpu for each in little]}", err=True)
    return {few: Cost(*map(mean, zip(*little, strict=True))), many: large.result()}


def latency(small: bool) -> Iterator[str]:
    """Wall-clock time beside what latency and processor allow."""
    yield f"200 queries in two tiers, the best of {ROUNDS}. {BOUNDS}"
    yield markdown_table(BOUNDED, [_bounded(Plan(40 if small else 400, 0.2), ROUNDS)])


def latencies(small: bool) -> Iterator[str]:
    """The same for other latencies, connections and votes."""
    grid = [Plan(40, 1.0)] if small else [Plan(200, *each) for each in product((0.2, 1.0), (20, 50, 100), (5, 20))]
    yield f"Each once. {BOUNDS}"
    yield markdown_table(BOUNDED, [_bounded(plan, 1) for plan in grid])


def _bounded(plan: Plan, rounds: int) -> list[str]:
    suite, bare = in_turn(plan, rounds).values()
    bound = suite.calls * plan.samples * plan.latency / plan.connections
    times = [f"{each:.1f}" for each in (bound, bare.wall, suite.wall)]
    told = [str(plan.samples), f"{plan.latency:g}", str(plan.connections), str(plan.votes)]
    ratios = [f"{suite.wall / max(bound, bare.wall):.2f}", f"{suite.cpu / bare.cpu:.2f}"]
    return [*told, f"{suite.calls * plan.samples:.0f}", *times, *ratios]


def calls(small: bool) -> Iterator[str]:
    """Calls a pair, and votes saved."""
    modes = {mode: calls_per_sample(load_scratchpad(mode), 1, VOTES, True).times(2) for mode in names("scratchpads")}
    yield f"Calls a pair, with one grader and {VOTES} votes:"
    yield markdown_table(
        ["scratchpad", "model", "grader, votes agree", "at most"], [[m, *map(str, c)] for m, c in modes.items()]
    )
    yield "Votes that need not be asked for, because the verdict cannot change:"
    saved = {votes: measured("suite", Plan(40 if small else 200, votes=votes)).saved for votes in (5, 20)}
    yield markdown_table(["votes", "saved"], [[str(votes), f"{100 * share:.0f}%"] for votes, share in saved.items()])


def workers(small: bool) -> Iterator[str]:
    """Two workers against one, and against plain processes."""
    if not find_spec("ray"):
        yield "Not measured: this needs the extra `ray` (`make test-ray` installs it)."
        return
    options = ["--queries", "20", "--rounds", "1"] if small else []
    yield subprocess.run(
        [sys.executable, "-m", "benchmarks.ray_scaling", *options],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ).stdout


def reading(small: bool) -> Iterator[str]:
    """Table and report, beside Inspect's own reading of the same logs."""
    logs, samples = (10, 20) if small else (100, 200)
    found = reports.compared(logs, samples)
    conditions = len(reports.CONDITIONS)
    yield f"{logs} logs of {samples} samples, {logs // conditions} models in {conditions} conditions."
    inspect = found["samples_df"].seconds
    head = ["", "seconds", "to Inspect's `samples_df`", "peak MB"]
    yield markdown_table(
        head,
        [
            [name, f"{each.seconds:.1f}", f"{each.seconds / inspect:.2f}", f"{each.memory:.0f}"]
            for name, each in found.items()
        ],
    )


def startup(small: bool) -> Iterator[str]:
    """From nothing to the end of two samples."""
    yield f"Two samples, from the start of the process to its end, the best of {ROUNDS}."
    times = {kind: min(_started(kind) for _ in range(ROUNDS)) for kind in ("suite", "bare")}
    yield markdown_table(
        ["suite, s", "bare, s", "ratio"],
        [[*(f"{each:.1f}" for each in times.values()), f"{times['suite'] / times['bare']:.2f}"]],
    )


def commands(small: bool) -> Iterator[str]:
    """Processor time of a command that asks no model."""
    timed = {name: min(run_python(*code).processor for _ in range(COMMAND_ROUNDS)) for name, code in COMMANDS.items()}
    yield f"User and system time of the process from its start to its end, the best of {COMMAND_ROUNDS}."
    rows = [[f"`{name}`", f"{taken:.2f}", f"{taken / timed[IMPORT]:.2f}"] for name, taken in timed.items()]
    yield markdown_table(["", "seconds", "to the import of Inspect"], rows)


def growth(small: bool) -> Iterator[str]:
    """How the time to read one text grows with its length."""
    sizes = (2_000, 10_000, 40_000) if small else texts.SIZES
    yield (
        "Each text repeats a shape of a reply, an opening mark without its closing one, or a character that costs "
        f"much. All are read at all lengths but the largest, there the {texts.FEW} that grew fastest. Shown is the one "
        "that grew fastest up to the largest; an exponent of 1 is linear, pages cut what is too long."
    )
    head = ["", "texts", "fastest growing", *(f"{size:,} characters, s" for size in sizes), "exponent"]
    yield markdown_table(
        head,
        [
            [
                name,
                str(number),
                f"`{worst.unit[:24]!r}`",
                *(f"{each:.3f}" for each in worst.seconds),
                f"{worst.exponent:.2f}",
            ]
            for name, number, worst in texts.growths(sizes)
        ],
    )
    long = len(texts.page("w" * sizes[-1])) // 1000
    yield f"A text of {sizes[-1]:,} characters makes a page of {long:,} KB."


def _started(kind: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return run_python("-c", STARTED, kind, folder).seconds


SECTIONS: dict[str, Section] = {
    "overhead": overhead,
    "size": size,
    "latency": latency,
    "latencies": latencies,
    "calls": calls,
    "workers": workers,
    "reading": reading,
    "startup": startup,
    "commands": commands,
    "growth": growth,
}


def machine() -> str:
    """Name the machine and the versions."""
    about = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next(
        (line.split(":")[1].strip() for line in about.splitlines() if "model name" in line), platform.machine()
    )
    packages = ", ".join(f"{name} {version(name)}" for name in ("inspect-ai", "alignment-faking-evals"))
    return f"{model}, {cpu_count()} cores; Python {platform.python_version()}, {packages}."


def title(name: str) -> str:
    """Return a section's heading."""
    return str(SECTIONS[name].__doc__).rstrip(".")


def placed(page: str, name: str, body: str) -> str:
    """Put a section into the page, in place of what it said before."""
    told = dict(part.split("\n\n", 1) for part in page.split("\n## ")[1:])
    told[title(name)] = body
    parts = [f"## {heading}\n\n{told[heading].strip()}" for heading in map(title, SECTIONS) if heading in told]
    return "\n\n".join([HEAD, *parts]) + "\n"


@click.command(epilog="Example: python -m benchmarks.speed --only overhead --small")
@click.option("--only", type=click.Choice(list(SECTIONS)), multiple=True, help="Only these sections.")
@click.option("--small", is_flag=True, help="Few samples, to see that it works; prints instead of writing the page.")
def main(only: tuple[str, ...], small: bool) -> None:
    """Measure, and write each section into speed.md beside this file as soon as it is measured."""
    for name in only or SECTIONS:
        body = "\n\n".join(part.strip() for part in [*SECTIONS[name](small), f"On {machine()}"])
        click.echo(f"## {title(name)}\n\n{body}\n")
        if not small:
            page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
            PAGE.write_text(placed(page, name, body), encoding="utf-8")


if __name__ == "__main__":
    main()
