"""A grid as plain `inspect eval` commands, a line for each shard."""

import json
import shlex
from typing import Any

import yaml

from experiment.errors import UserError
from grids.cells import Entry, Shard
from grids.existing_logs import folder_of
from grids.plan import TASK, Planned
from scorers.grader.grader_panel import GRADER

LISTS = ("stop", "variant")  # arguments that take several names, separated by commas


def command(planned: Planned, shard: Shard, log_dir: str) -> str:
    """Write the command that runs a shard, on one line for a shell.

    Raises:
        UserError: An argument cannot be typed.
    """
    cell, (first, last) = shard.cell, shard.samples
    graders = [_specified(grader) for grader in cell.graders]
    role = json.dumps(graders[0] if len(graders) == 1 else graders)
    words = ["inspect", "eval", TASK, *_model(cell.model), "--model-role", f"{GRADER}={role}"]
    for name, value in cell.task.items():
        words += ["-T", f"{name}={_typed(name, value)}"]
    words += ["--epochs", str(cell.epochs)] if cell.epochs > 1 else []
    if (first, last) != (0, len(planned.task.dataset)):
        words += ["--limit", f"{first + 1}-{last}" if first else f"{last}"]
    words += ["--retry-on-error", str(cell.run.retry_on_error)] if cell.run.retry_on_error else []
    words += ["--max-samples", str(cell.run.max_samples)] if cell.run.max_samples else []
    words += ["--log-buffer", str(cell.run.log_buffer)] if cell.run.log_buffer else []
    words += [] if cell.run.log_realtime else ["--no-log-realtime"]
    return shlex.join([*words, "--log-dir", folder_of(shard, log_dir)])


def _specified(entry: Entry) -> dict[str, Any]:
    """Return a model as Inspect's command line takes it: its options beside its name."""
    url = {"base_url": entry.base_url} if entry.base_url else {}
    return {"model": entry.model, **url, **({"model_args": entry.args} if entry.args else {}), **entry.generate}


def _typed(name: str, value: object) -> str:
    """Return a task argument as it is typed: Inspect reads it as YAML and makes a list of a text with commas."""
    if not isinstance(value, str):
        return json.dumps(value)
    if "," in value and name not in LISTS:
        raise UserError(f"{name}={value!r} cannot be passed on the command line, where Inspect splits text at commas")
    return value if yaml.safe_load(value) == value else json.dumps(value)


def _model(entry: Entry) -> list[str]:
    given = _specified(entry)
    return ["--model", entry.model] if list(given) == ["model"] else ["--model-spec", json.dumps(given)]
