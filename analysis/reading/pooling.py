"""Which runs count: one of each reply, and logs of one condition together only where nothing differs."""

import json
from dataclasses import dataclass, field

import pandas as pd

from analysis.reading.logs import LeftOut, Run
from experiment.call_counts import TRANSPORT_OPTIONS
from experiment.statistics.calibration import Judge

NOT_BEARING = {"preflight"}  # what a run noted of its own beginning
REPLY = ["query", "wording", "tier", "epoch"]


def pool_runs(runs: list[Run]) -> tuple[list[Run], list[LeftOut]]:
    """Drop what would count twice, and pool what is one run in several logs.

    Of a run and its retries, and of a log and its copies, the one with the most replies counts, of several the newest;
    a copy that other graders graded is a run of its own. Logs that share no reply are pooled where nothing that bears
    on a result differs: task version, model, its arguments and generation options, condition, prompts, queries,
    rubrics and, of scores that both have, graders. Runs that could end early are never pooled: their intervals are each
    one's own.

    Args:
        runs: Runs of one log each.

    Returns:
        The runs that count, in the order given; and the logs that do not, with the log that counts instead.
    """
    kept, left_out = _once(runs)
    return _pooled(kept), left_out


def identity(run: Run) -> str:
    """Return all that bears on a run's replies, as text: equal where runs may be pooled."""
    spec = run.log.eval
    config = spec.model_generate_config.model_dump(mode="json", exclude_none=True, exclude=TRANSPORT_OPTIONS)
    metadata = {name: value for name, value in (spec.metadata or {}).items() if name not in NOT_BEARING}
    facts = [spec.task_version, spec.model, spec.model_args, config, metadata]
    return json.dumps(facts, sort_keys=True, default=str)


def _once(runs: list[Run]) -> tuple[list[Run], list[LeftOut]]:
    best: dict[tuple[str, int, str], Run] = {}
    for run in runs:
        key = (run.log.eval.task_id, run.grading, json.dumps(sorted(run.judges.items())))
        best[key] = max(best.get(key, run), run, key=_completeness)
    kept = {id(run) for run in best.values()}
    used = {part.path for run in best.values() for part in run.parts}
    instead = {run.log.eval.task_id: run.log.location for run in best.values()}
    left_out = [
        LeftOut(run.log.location, f"the same run as {instead[run.log.eval.task_id]}, which counts instead")
        for run in runs
        if run.log.location not in used
    ]
    return [run for run in runs if id(run) in kept], list(dict.fromkeys(left_out))


def _completeness(run: Run) -> tuple[int, str, str]:
    return len(run.samples), run.log.eval.created, run.log.location


def _pooled(runs: list[Run]) -> list[Run]:
    pools: list[_Pool] = []
    for run in runs:
        about, replies = identity(run), set(run.samples[REPLY].itertuples(index=False, name=None))
        fits = (pool for pool in pools if pool.about == about and pool.takes(run, replies))
        pool = next(fits, None)
        if pool is None:
            pools.append(pool := _Pool(about))
        pool.add(run, replies)
    return [pool.run() for pool in pools]


@dataclass
class _Pool:
    """Logs that are one run."""

    about: str
    runs: list[Run] = field(default_factory=list)
    replies: set[tuple[object, ...]] = field(default_factory=set)
    judges: dict[str, Judge] = field(default_factory=dict)

    def takes(self, run: Run, replies: set[tuple[object, ...]]) -> bool:
        """Tell whether a log shares no reply with these, and the same judges gave every score that both have."""
        alike = all(self.judges[scorer] == run.judges[scorer] for scorer in self.judges.keys() & run.judges.keys())
        return alike and not (run.stopped or self.runs[0].stopped) and self.replies.isdisjoint(replies)

    def add(self, run: Run, replies: set[tuple[object, ...]]) -> None:
        """Add a log."""
        self.runs.append(run)
        self.replies |= replies
        self.judges |= run.judges

    def run(self) -> Run:
        """Return the one run."""
        first, *others = self.runs
        if not others:
            return first
        samples = pd.concat([run.samples for run in self.runs], ignore_index=True)
        parts = tuple(part for run in self.runs for part in run.parts)
        return first._replace(parts=parts, samples=samples, judges=self.judges)
