"""A bare Inspect task that makes the calls of a recorded run again and does nothing else."""

from collections.abc import Sequence
from typing import NamedTuple

import anyio
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalLog
from inspect_ai.model import Model, ModelOutput, get_model
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolDef, ToolInfo

from scorers.grader.grader_panel import GRADER


class Calls(NamedTuple):
    """The calls of one sample: those to the model under test, one after the other, and those to the grader."""

    query: str
    subject: tuple[ModelEvent, ...]
    grader: tuple[ModelEvent, ...]


def recorded(log: EvalLog) -> list[Calls]:
    """Return the calls of every sample of a log."""
    found = []
    for sample in log.samples or []:
        events = [event for event in sample.events if isinstance(event, ModelEvent)]
        subject, grader = ([e for e in events if (e.role == GRADER) is asked] for asked in (False, True))
        found.append(Calls(str(sample.input), tuple(subject), tuple(grader)))
    return found


def bare(calls: Sequence[Calls], samples: int, scores: int = 1) -> Task:
    """Make the task.

    Args:
        calls: The calls of each sample; begun anew where there are fewer than samples.
        samples: How many samples.
        scores: How many scorers, of which the first makes the grader's calls and the others nothing.

    Returns:
        A task without prompts, splitting, rubrics or pairs.
    """
    asked = [calls[number % len(calls)] for number in range(samples)]

    # The calls are no arguments of the solver and the scorer: Inspect would write those to the log.
    @solver
    def ask() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            first = asked[int(state.sample_id)].subject[0]
            state.messages, state.tool_choice = list(first.input), first.tool_choice
            state.tools = [_tool(each) for each in first.tools]
            state = await generate(state, tool_calls="single")
            state.tool_choice = "auto"
            return await generate(state) if first.tools else state

        return solve

    @scorer(metrics=[accuracy()])
    def grade(number: int) -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            async with anyio.create_task_group() as group:
                for call in asked[int(state.sample_id)].grader if number == 0 else ():
                    group.start_soon(_again, get_model(role=GRADER), call)
            return Score(value=1)

        return score

    dataset = [Sample(id=number, input=each.query) for number, each in enumerate(asked)]
    return Task(
        dataset=MemoryDataset(dataset, name="bare"), solver=ask(), scorer=[*map(grade, range(scores))], name="bare"
    )


def _tool(told: ToolInfo) -> Tool:
    async def execute(**given: str) -> str:
        return "noted"

    return ToolDef(execute, told.name, told.description, told.parameters).as_tool()


async def _again(model: Model, call: ModelEvent) -> ModelOutput:
    return await model.generate(call.input, call.tools, call.tool_choice, call.config)
