"""Which runs count: one of each reply, and logs of one condition together only where nothing differs."""

import json

import pandas as pd

from analysis.reading.logs import REPLY, LeftOut, Run
from experiment.call_counts import TRANSPORT_OPTIONS

NOT_BEARING = {"preflight", "asked"}  # what a run noted of its own beginning


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
    pools: list[tuple[str, Run]] = []
    for run in runs:
        about = identity(run)
        place = next((place for place, (known, pool) in enumerate(pools) if known == about and _fits(pool, run)), None)
        if place is None:
            pools.append((about, run))
        else:
            pools[place] = about, _joined(pools[place][1], run)
    return [pool for _, pool in pools]


def _fits(pool: Run, run: Run) -> bool:
    """Tell whether a log shares no reply with a run, and the same judges gave every score that both have."""
    alike = all(pool.judges[scorer] == run.judges[scorer] for scorer in pool.judges.keys() & run.judges.keys())
    return alike and not (run.stopped or pool.stopped) and _replies(pool).isdisjoint(_replies(run))


def _replies(run: Run) -> set[tuple[object, ...]]:
    return set(run.samples[list(REPLY)].itertuples(index=False, name=None))


def _joined(pool: Run, run: Run) -> Run:
    samples = pd.concat([pool.samples, run.samples], ignore_index=True)
    return pool._replace(parts=pool.parts + run.parts, samples=samples, judges=pool.judges | run.judges)
