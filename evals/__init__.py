"""What a researcher runs; importing it registers every task, solver, tool, scorer and provider with Inspect."""

from collections.abc import Callable
from functools import wraps

from inspect_ai import Task, task
from inspect_ai.util import registry_info

import evals.alignment_faking
import evals.battery
import evals.grader_agreement
import scorers.label_agreement
import scorers.scorers
import simulated.provider
import solvers.label_replay
import solvers.prompt_setup
import solvers.reply_store
import solvers.scratchpad_solver
from experiment.registry_names import unqualified


def _register_as(name: str, made: Callable[..., Task]) -> None:
    @task(name=name)
    @unqualified
    @wraps(made)
    def again(**arguments: object) -> Task:
        return made(**arguments)

    again.__module__ = made.__module__  # by which a log names the distribution


for _module in (evals.alignment_faking, evals.battery, evals.grader_agreement):
    for _name, _made in list(vars(_module).items()):
        _is_task = getattr(_made, "__annotations__", {}).get("return") is Task and hasattr(_made, "__wrapped__")
        if _is_task and registry_info(_made).name == f"{__name__}/{_name}":  # from a wheel
            _register_as(_name, _made)
