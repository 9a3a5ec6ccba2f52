"""From a folder of logs to all that a report says."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.reading.logs import LeftOut, Run, Watch, read_logs
from analysis.reading.pooling import pool_runs
from analysis.summary.battery_patterns import Verdict, judge
from analysis.summary.contrasts import Comparison, Contrast, all_contrasts, compare
from analysis.summary.decomposition import Breakdown, break_down
from analysis.summary.run_summary import Summary, summarise
from experiment.statistics.calibration_records import Calibration, Refused, read_calibrations


class Read(NamedTuple):
    """What the terminal's table rests on: runs, their summaries, calibration records, and logs left out."""

    runs: list[Run]
    summaries: list[Summary]
    records: list[Calibration]
    left_out: list[LeftOut]


class Material(NamedTuple):
    """What the report rests on: what was read, and what was computed of it."""

    read: Read
    breakdowns: list[Breakdown]
    contrasts: list[Contrast]
    comparisons: list[Comparison]
    verdicts: list[Verdict]


def read(folder: str, calibration: Path | None = None, watch: Watch = iter) -> Read:
    """Read a folder of logs, or one log; local or an fsspec URL.

    Args:
        folder: The folder.
        calibration: Where calibration records are; by default in the folder, where it is local.
        watch: What the paths pass through while they are read, to show progress.

    Raises:
        UserError: There is nothing to read.
    """
    found, broken = read_logs(folder, watch)
    runs, twice = pool_runs(found)
    records, refused = records_in(folder, calibration)
    summaries = [summarise(run, records, number) for number, run in enumerate(runs, start=1)]
    return Read(runs, summaries, records, [*broken, *twice, *(LeftOut(*each) for each in refused)])


def gather(found: Read, baseline: str = "") -> Material:
    """Compute what the report says besides the main table.

    Args:
        found: The runs.
        baseline: The model that the others are compared with, "" for every pair.

    Raises:
        UserError: No run is of the baseline.
    """
    pairs: Sequence[tuple[Run, Summary]] = list(zip(found.runs, found.summaries, strict=True))
    return Material(
        read=found,
        comparisons=compare(found.runs, found.summaries, baseline),
        breakdowns=[break_down(run, summary) for run, summary in pairs],
        contrasts=all_contrasts(found.summaries),
        verdicts=judge(found.runs, found.summaries),
    )


def records_in(folder: str, calibration: Path | None) -> tuple[list[Calibration], list[Refused]]:
    """Read the calibration records at a path, by default those in a folder of logs that is local."""
    if calibration is None and "://" in folder:
        return [], []
    here = Path(folder) if Path(folder).is_dir() else Path(folder).parent
    return read_calibrations(calibration or here)
