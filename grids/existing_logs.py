"""The logs that a grid's folder already holds: finding them, and comparing what made them with what is asked now."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalLogInfo, list_eval_logs, read_eval_log
from inspect_ai.model import GenerateConfig, Model
from pydantic_core import to_jsonable_python

from evals.closing_messages import graders_of
from experiment.call_counts import TRANSPORT_OPTIONS
from experiment.errors import UserError
from grids.cells import Cell, Shard
from grids.plan import Planned

CHANGED = {
    "prompt_sha256": "the text of the prompts",
    "queries_sha256": "the text of the queries",
    "queries_total": "the number of queries",
    "rubric_sha256": "the text of the rubrics",
    "score_means": "the meaning of the scores",
}
IGNORED = {"simulated", "suite_version"}


def folder_of(shard: Shard, log_dir: str) -> str:
    """Return the folder or URL that holds a shard's logs."""
    return f"{absolute(log_dir)}/{shard.name}"


def absolute(log_dir: str) -> str:
    """Return a folder as every process knows it: an absolute path or an fsspec URL, without a slash at its end."""
    return (log_dir if "://" in log_dir else str(Path(log_dir).expanduser().absolute())).rstrip("/")


def headers(folder: str) -> list[EvalLog]:
    """Read the headers of the logs in a folder and below it, none where there is no such folder."""
    return [_header(info) for info in list_eval_logs(folder)]


def _header(info: EvalLogInfo) -> EvalLog:
    try:
        return read_eval_log(info, header_only=True)
    except Exception as error:  # whatever a damaged file makes its reader say
        name = info.name.removeprefix("file://")
        raise UserError(f"{name} cannot be read ({error}); move it away, and its samples are run again") from error


def unknown_folders(cells: Sequence[Cell], log_dir: str) -> list[str]:
    """Return the names of the folders of a grid's folder that hold logs and belong to none of its cells, sorted."""
    root = absolute(log_dir)
    below = {info.name.rpartition(f"{root}/")[2] for info in list_eval_logs(root)}
    return sorted({path.split("/")[0] for path in below if "/" in path} - {cell.name for cell in cells})


def reject_changed(planned: Planned, shard: Shard, model: Model, graders: Sequence[Model], log_dir: str) -> None:
    """Reject a run that would add to logs made with another prompt, query, rubric, grader or option.

    Raises:
        UserError: A log in the cell's folder differs, or holds what is no longer asked; says in what.
    """
    asked = _facts_of_plan(planned, model, graders)
    for log in headers(f"{absolute(log_dir)}/{shard.cell.name}"):
        made = _facts_of_log(log)
        where = log.location.removeprefix("file://")
        changed = [name for name, value in asked.items() if name in made and made[name] != value]
        if changed:
            raise UserError(
                f"{changed[0]} changed since {where} was made; nothing was run, so that the two are not mixed: give "
                "another --log-dir, or move that folder away"
            )
        if problem := _conflict(log, planned):
            raise UserError(f"{where} {problem}, or give another --log-dir")


def _facts_of_plan(planned: Planned, model: Model, graders: Sequence[Model]) -> dict[str, Any]:
    return _facts(
        planned.task.metadata or {},
        planned.task.version,
        (str(model), model.model_args, model.config),
        [(str(grader), grader.model_args, grader.config) for grader in graders],
    )


def _facts_of_log(log: EvalLog) -> dict[str, Any]:
    spec = log.eval
    graders = [(each.model, each.args, each.config) for each in graders_of(spec)]
    return _facts(
        spec.metadata or {}, spec.task_version, (spec.model, spec.model_args, spec.model_generate_config), graders
    )


def _facts(
    metadata: dict[str, Any],
    version: int | str,
    model: tuple[str, dict[str, Any], GenerateConfig],
    graders: Sequence[tuple[str, dict[str, Any], GenerateConfig]],
) -> dict[str, Any]:
    facts = {
        "the model": model[0],
        "the model's arguments": _logged_arguments(model[1]),
        "the model's generation options": _options(model[2]),
        "the grader": [name for name, _, _ in graders],
        "the grader's arguments or options": [
            [_logged_arguments(args), _options(config)] for _, args, config in graders
        ],
        "the task's version": version,
    }
    facts |= {
        CHANGED.get(name, f"the argument {name!r}"): value for name, value in metadata.items() if name not in IGNORED
    }
    plain: dict[str, Any] = to_jsonable_python(facts)
    return plain


def _logged_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the model arguments that Inspect writes into a log."""
    return {name: value for name, value in arguments.items() if not name.startswith("aws_")}


def _options(config: GenerateConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude_none=True, exclude=TRANSPORT_OPTIONS)


def _conflict(log: EvalLog, planned: Planned) -> str:
    """Say why a log's samples would be lost or asked again, "" where the run only adds to them."""
    cell, config = planned.cell, log.eval.config
    number, parts = _division(log.location, cell.name)
    if parts != cell.shards:
        return (
            f"was made with another number of shards than `shards: {cell.shards}`, so queries would count twice: "
            "keep the number that it was started with"
        )
    now, made = planned.shards[number - 1 : number], config.limit
    if parts > 1 and [made] != [shard.limit for shard in now]:
        return (
            "was started with another `limit`, by which the shards are cut, so queries would be asked twice: "
            "keep the limit that it was started with"
        )
    if isinstance(made, int) and made > now[0].samples[1]:
        return f"has {made} samples in an epoch, more than this `limit` asks for: write at least the limit it has"
    if (config.epochs or 1) > cell.epochs:
        return f"has {config.epochs} epochs, and `epochs: {cell.epochs}` would drop some: write at least as many"
    return ""


def _division(location: str, cell: str) -> tuple[int, int]:
    """Return which shard of how many a log holds, as its place says."""
    part, _, file = location.rpartition(f"/{cell}/")[2].rpartition("/")
    found = re.fullmatch(r"shard-(\d+)-of-(\d+)", part)
    return (int(found[1]), int(found[2])) if file and found else (1, 1)
