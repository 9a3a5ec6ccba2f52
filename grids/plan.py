"""What running a grid would take, known before the first call: samples, prompts, hashes."""

from collections.abc import Sequence
from inspect import signature
from typing import NamedTuple

from inspect_ai import Task
from inspect_ai.model import GenerateConfig

from evals.alignment_faking import alignment_faking
from evals.argument_checks import Arguments, check_arguments
from evals.build_task import build_task
from evals.run_setup import reject_epoch_copies
from experiment.call_counts import Calls, calls_per_sample
from experiment.errors import UserError
from experiment.prompts.conditions import ResolvedCondition, resolve_condition
from grids.cells import Cell, Entry, Shard, shards

TASK = "alignment_faking"


class Planned(NamedTuple):
    """A cell and what it is made of.

    Args:
        cell: The cell.
        task: Its task, built without asking any model.
        resolved: Its setting and prompts.
        arguments: The task's arguments.
        shards: What is run, each by one process.
    """

    cell: Cell
    task: Task
    resolved: ResolvedCondition
    arguments: Arguments
    shards: list[Shard]

    @property
    def samples(self) -> int:
        """How many samples it is to have, counting epochs."""
        return sum(shard.planned for shard in self.shards)

    @property
    def calls(self) -> Calls:
        """What they cost in calls."""
        mode = next(iter(self.resolved.prompts.values())).scratchpad
        votes, stop_votes = self.arguments.votes, self.arguments.stop_votes
        return calls_per_sample(mode, len(self.cell.graders), votes, stop_votes).times(self.samples)


def plan(cells: Sequence[Cell]) -> list[Planned]:
    """Plan every cell, so that a mistake in the last one is found before the first one is paid for.

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

    Raises:
        UserError: An argument cannot be used.
    """
    parameters = signature(alignment_faking).parameters.values()
    defaults = {each.name: each.default for each in parameters if each.kind is not each.VAR_KEYWORD}
    arguments = check_arguments(cell.model.model, **{**defaults, **cell.task})
    reject_epoch_copies(_check(cell.model))
    for grader in cell.graders:
        _check(grader)
    names = list(models) or [cell.model.model, *(grader.model for grader in cell.graders)]
    task, resolved = build_task(arguments, names), resolve_condition(arguments.condition)
    parts = shards(cell, len(task.dataset), len(resolved.setting.tiers))
    return Planned(cell, task, resolved, arguments, parts)


def _check(entry: Entry) -> GenerateConfig:
    provider, _, name = entry.model.partition("/")
    if not provider or not name:
        raise UserError(f"model {entry.model!r} must name its provider: provider/name")
    return entry.config
