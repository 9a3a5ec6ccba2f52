"""Running shards on a Ray cluster, which decides where and when."""

import os
from collections.abc import Iterator, Sequence
from contextlib import chdir
from pathlib import Path

from experiment.errors import UserError
from grids.cells import Shard
from grids.run_shard import Outcome, reason_of, run_shard

RETRIES = 2


def ray_cluster(shards: Sequence[Shard], log_dir: str, prices: str | None = None) -> Iterator[Outcome]:
    """Run every shard as a task of its own; one whose node is lost is run again and keeps its finished samples.

    The folder and the file of prices must be seen by every node.

    Raises:
        UserError: Ray is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise UserError("--engine ray needs the extra: pip install 'alignment-faking-evals[ray]'") from error
    if not ray.is_initialized():
        ray.init(log_to_driver=True, include_dashboard=False)
    errors = ray.exceptions
    lost = (errors.NodeDiedError, errors.WorkerCrashedError, errors.OutOfMemoryError, errors.LocalRayletDiedError)
    task, here = ray.remote(num_cpus=1, max_retries=RETRIES)(_run_here), str(Path.cwd())
    running = {task.remote(here, shard, log_dir, prices): shard for shard in shards}
    while running:
        [done], _ = ray.wait(list(running), num_returns=1)
        shard = running.pop(done)
        try:
            yield ray.get(done)
        except lost as error:
            yield Outcome(shard.name, "failed", 0, f"lost more than {RETRIES} times ({type(error).__name__})")
        except errors.RayError as error:  # the worker could not even begin, or its outcome not be read
            yield Outcome(shard.name, "failed", 0, reason_of(str(error), type(error).__name__))


def _run_here(here: str, shard: Shard, log_dir: str, prices: str | None) -> Outcome:
    """Run a shard where relative paths of the grid and `.env` mean what they mean to who started it."""
    if not Path(here).is_dir():
        return Outcome(shard.name, "failed", 0, f"this node has no folder {here}, where the grid was started")
    with chdir(here):
        return run_shard(shard, log_dir, prices)
