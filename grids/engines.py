"""Where shards are run: in this process, in several processes, or on a Ray cluster."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from typing import TypeAlias

from grids.cells import Shard
from grids.run_shard import Outcome, run_shard

DIED = "its process died, perhaps out of memory"

Engine: TypeAlias = Callable[[Sequence[Shard], str, str | None], Iterator[Outcome]]
"""What runs shards into a folder, with a file of prices or none, and yields what becomes of each as it ends."""


def one_process(shards: Sequence[Shard], log_dir: str, prices: str | None = None) -> Iterator[Outcome]:
    """Run one shard after the other in this process."""
    for shard in shards:
        yield run_shard(shard, log_dir, prices)


def processes(number: int) -> Engine:
    """Return what runs shards in so many processes of this machine, at least 2."""

    def run(shards: Sequence[Shard], log_dir: str, prices: str | None = None) -> Iterator[Outcome]:
        waiting, running = iter(shards), dict[Future[Outcome], tuple[Shard, ProcessPoolExecutor]]()

        def begin(pool: ProcessPoolExecutor) -> None:
            if shard := next(waiting, None):
                running[pool.submit(run_shard, shard, log_dir, prices)] = shard, pool
            else:
                pool.shutdown()

        # One shard at a time is handed to a process, so that nothing is begun after an interruption; and each process
        # is a pool of its own, so that one that dies takes no other with it.
        for _ in range(number):
            begin(_process())
        try:
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    shard, pool = running.pop(future)
                    try:
                        outcome = future.result()
                    except BrokenExecutor:
                        outcome, pool = Outcome(shard.name, "failed", 0, DIED), _process()
                    begin(pool)
                    yield outcome
        finally:
            for _, pool in running.values():
                pool.shutdown()

    return run


def _process() -> ProcessPoolExecutor:
    """Return a fresh interpreter: Inspect's event loop and clients do not survive a fork."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
