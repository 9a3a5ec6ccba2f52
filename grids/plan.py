"""What running a grid would take, known before the first call: samples, prompts, hashes."""

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple

from inspect_ai import Task
from inspect_ai.model import GenerateConfig

from evals.alignment_faking import (
    Judged,
    Running,
    alignment_faking,
    build,
    reject_epoch_copies,
    reject_lists,
    stopping_rules,
)
from experiment.call_counts import Calls, calls_per_sample
from experiment.errors import UserError, unknown_name_error
from experiment.prompts.conditions import Condition, ResolvedCondition, parse_variant_names, resolve_condition
from experiment.prompts.labs import lab_name
from grids.cells import Cell, Entry, Shard, shards
from grids.model_entries import config_of

TASK = "alignment_faking"


class Planned(NamedTuple):
    """A cell and what it is made of.

    Args:
        cell: The cell.
        task: Its task, built without asking any model.
        resolved: Its setting and prompts.
        judged: How its alignment-faking reasoning is judged.
        shards: What is run, each by one process.
    """

    cell: Cell
    task: Task
    resolved: ResolvedCondition
    judged: Judged
    shards: list[Shard]

    @property
    def samples(self) -> int:
        """How many samples it is to have, counting epochs."""
        return sum(shard.planned for shard in self.shards)

    @property
    def calls(self) -> Calls:
        """What they cost in calls."""
        mode = next(iter(self.resolved.prompts.values())).scratchpad
        return calls_per_sample(mode, len(self.cell.graders), self.judged.votes, self.judged.stop_votes).times(
            self.samples
        )


def plan(cells: Sequence[Cell]) -> list[Planned]:
    """Plan every cell, so that a mistake in the last one is found before the first one is paid for.

    Args:
        cells: The cells.

    Returns:
        What each is made of.

    Raises:
        UserError: An argument cannot be used; names the cell.
    """
    found = []
    for cell in cells:
        try:
            found.append(planned(cell))
        except UserError as error:
            raise UserError(f"cell {cell.name}: {error}") from error
    return found


def planned(cell: Cell, models: Sequence[str] = ()) -> Planned:
    """Plan one cell.

    Args:
        cell: The cell.
        models: The names that its model and graders call themselves; by default those of the grid.

    Returns:
        What it is made of.

    Raises:
        UserError: An argument cannot be used.
    """
    arguments = {**_defaults(), **_known(cell.task)}
    one_each = {name: arguments[name] for name in ("setting", "scratchpad", "wording", "lab")}
    reject_lists(**one_each, queries=arguments["queries"] or "")
    judged = Judged(**{name: arguments[name] for name in Judged._fields}).checked()
    lab = lab_name(arguments["lab"], cell.model.model)
    variants = parse_variant_names(arguments["variant"])
    condition = Condition(arguments["setting"], arguments["wording"], variants, arguments["scratchpad"], lab)
    reject_epoch_copies(_check(cell.model))
    for grader in cell.graders:
        _check(grader)
    names = list(models) or [cell.model.model, *(grader.model for grader in cell.graders)]
    stops = stopping_rules(arguments["stop"], condition)
    running = Running(**{name: arguments[name] for name in Running._fields}).checked(arguments["stop"])
    task, found = build(condition, arguments["queries"], judged, names, stops, running), resolve_condition(condition)
    parts = shards(cell, len(task.dataset), len(found.setting.tiers))
    return Planned(cell, task, found, judged, parts)


def _defaults() -> dict[str, Any]:
    parameters = inspect.signature(alignment_faking).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is not each.VAR_KEYWORD}


def _known(arguments: dict[str, Any]) -> dict[str, Any]:
    for name in arguments:
        if name not in _defaults():
            raise unknown_name_error("task argument", name, _defaults())
    return arguments


def _check(entry: Entry) -> GenerateConfig:
    provider, _, name = entry.model.partition("/")
    if not provider or not name:
        raise UserError(f"model {entry.model!r} must name its provider: provider/name")
    return config_of(entry)
