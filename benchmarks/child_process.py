"""What a process of its own costs."""

import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class ProcessCost(NamedTuple):
    """Seconds, processor seconds (user and system), and the peak memory in MB of the largest process so far."""

    seconds: float
    processor: float
    memory: float


def run_python(*arguments: str) -> ProcessCost:
    """Run Python with these arguments from the repository's root and return what it cost."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return ProcessCost(seconds, processor, after.ru_maxrss / 1024)
