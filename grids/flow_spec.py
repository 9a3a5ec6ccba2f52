"""A grid as a spec of Inspect Flow, and how Flow makes its tasks."""

from collections.abc import Sequence
from pprint import pformat
from typing import Any

from inspect_ai import Task, task
from inspect_ai.model import get_model

from experiment.errors import UserError
from grids.cells import Cell, Entry
from grids.plan import TASK, Planned, planned
from scorers.grader.grader_panel import GRADER

SPEC = '''"""A spec of Inspect Flow: flow run THIS_FILE"""

from inspect_flow import FlowSpec, FlowTask

from grids.flow_spec import alignment_faking_in_flow

TASKS = {tasks}

FlowSpec(
    log_dir={log_dir!r},
    options={options},
    tasks=[FlowTask(factory=alignment_faking_in_flow, **task) for task in TASKS],
)
'''


@task
def alignment_faking_in_flow(graders: Sequence[dict[str, Any]] = (), **arguments: Any) -> Task:
    """Make a task for Flow, which binds roles only afterwards, while `alignment_faking` is not made without a grader.

    Args:
        graders: The grader or the members of a panel, as entries of a grid.
        **arguments: Arguments of `alignment_faking`.

    Raises:
        UserError: There is no grader, or an argument cannot be used.
    """
    if not graders:
        raise UserError("graders is empty; give the grader, or the members of a panel, that Flow binds to the role")
    model, members = Entry(model=str(get_model())), tuple(Entry.model_validate(each) for each in graders)
    return planned(Cell(name=TASK, model=model, graders=members, task=arguments, epochs=1, limit=None, shards=1)).task


def flow_spec(plan: Sequence[Planned], log_dir: str) -> str:
    """Write the Python file that `flow run` takes: a task for each cell, unsharded, all into one folder."""
    tasks = pformat([_task(part) for part in plan], width=110, compact=True, sort_dicts=False)
    options = plan[0].cell.run.model_dump(exclude_none=True)
    return SPEC.format(tasks=tasks, log_dir=log_dir, options=options)


def _task(part: Planned) -> dict[str, Any]:
    cell, last = part.cell, part.shards[-1].samples[1]
    graders = [_model(grader) for grader in cell.graders]
    entries = [grader.model_dump(exclude_defaults=True) for grader in cell.graders]
    ids = [str(sample.id) for sample in list(part.task.dataset)[:last]]
    return {
        "name": TASK,
        "args": {"graders": entries, **cell.task},
        "model": _model(cell.model),
        "model_roles": {GRADER: graders[0] if len(graders) == 1 else graders},
        **({"epochs": cell.epochs} if cell.epochs > 1 else {}),
        **({"sample_id": ids} if last < len(part.task.dataset) else {}),
    }


def _model(entry: Entry) -> dict[str, Any]:
    parts = {"base_url": entry.base_url, "model_args": entry.args, "config": entry.generate}
    return {"name": entry.model, **{name: value for name, value in parts.items() if value}}
