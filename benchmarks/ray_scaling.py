"""What two Ray workers gain over one, beside what two warm plain processes gain, in the same run.

Example: python benchmarks/ray_scaling.py --queries 60 --rounds 3
"""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from statistics import fmean
from time import monotonic, sleep

import click

from grids.cells import Shard
from grids.grid_schema import Grid, cells
from grids.plan import plan
from grids.run_shard import Outcome, run_shard

WORKERS = 2

Submit = Callable[[Shard, str], Callable[[], Outcome]]
"""What begins a shard on some worker, and returns what waits for it."""


def shards(queries: int) -> list[Shard]:
    """Cut one cell into a shard for each worker."""
    grid = Grid.model_validate(
        {
            "models": ["simulated/faker"],
            "graders": ["simulated/grader"],
            "limit": queries,
            "shards": WORKERS,
            "run": {"log_realtime": False},
        }
    )
    return plan(cells(grid))[0].shards


def on_ray() -> Submit:
    """Start a Ray cluster on this machine."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    try:
        import ray
    except ImportError as error:
        raise click.UsageError("this needs the extra `ray`: make test-ray installs it") from error
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    task = ray.remote(run_shard).options(num_cpus=1)

    def submit(shard: Shard, folder: str) -> Callable[[], Outcome]:
        running = task.remote(shard, folder)
        return lambda: ray.get(running)

    return submit


def on_processes() -> Submit:
    """Start plain processes."""
    pool = ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn"))
    # Both are started before either has work, which a pool that is asked one by one would not do.
    for waiting in [pool.submit(sleep, 1) for _ in range(WORKERS)]:
        waiting.result()

    def submit(shard: Shard, folder: str) -> Callable[[], Outcome]:
        running: Future[Outcome] = pool.submit(run_shard, shard, folder)
        return running.result

    return submit


def seconds(submit: Submit, parts: Sequence[Shard], together: bool) -> float:
    """Run shards at the same time or one after the other, into a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        started = monotonic()
        if together:
            ended = [wait() for wait in [submit(part, folder) for part in parts]]
        else:
            ended = [submit(part, folder)() for part in parts]
        taken = monotonic() - started
    if any(outcome.status != "done" for outcome in ended):
        raise RuntimeError(f"not everything ran: {ended}")
    return taken


@click.command(help=__doc__)
@click.option("--queries", default=200, show_default=True, help="Queries, each in two tiers.")
@click.option("--rounds", default=8, show_default=True, help="How often everything is timed.")
def main(queries: int, rounds: int) -> None:
    os.chdir(Path(__file__).parents[1])
    engines = {"Ray": on_ray(), "plain processes": on_processes()}
    parts, few = shards(queries), shards(WORKERS)
    for submit in engines.values():
        for _ in range(2):  # the first run in a worker loads everything
            seconds(submit, few, together=True)
    taken: dict[tuple[str, bool], list[float]] = {(name, each): [] for name in engines for each in (False, True)}
    for _ in range(rounds):
        for (name, together), times in taken.items():
            times.append(seconds(engines[name], parts, together))
            click.echo(f"{name}, {'two workers' if together else 'one worker'}: {times[-1]:.1f} s", err=True)
    # Rounds are taken in turn, so that a machine whose speed changes does so for all: a best of each would not.
    mean = {key: fmean(times) for key, times in taken.items()}
    gains = {name: mean[name, False] / mean[name, True] for name in engines}
    print(f"Means of {rounds} rounds in turn, {queries} queries.\n")
    print("| | one worker, s | two workers, s | speed-up |")
    print("| --- | --- | --- | --- |")
    for name, gain in gains.items():
        print(f"| {name} | {mean[name, False]:.1f} | {mean[name, True]:.1f} | {gain:.2f} |")
    share = gains["Ray"] / gains["plain processes"]
    both = mean["plain processes", True] / mean["Ray", True]
    print(f"| Ray in parts of plain processes | | {both:.2f} | {share:.2f} |")


if __name__ == "__main__":
    main()
