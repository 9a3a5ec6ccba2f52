"""Asking the grader role, one model or a panel, for as many votes as a verdict needs."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import anyio
from inspect_ai.model import Model, get_model, model_roles
from inspect_ai.solver import TaskState
from inspect_ai.util import LimitExceededError

from experiment.replies.vote_threshold import Rule, Tally, majority_rule, next_round, share_rule, value
from scorers.grader.grade_parsing import decide
from scorers.grader.grader_call import ask
from scorers.grader.grader_config import grader_config_hash, short_hash
from scorers.grader.grading_result import Failure, GraderResult, Grading, Vote
from scorers.rubric import Rubric

GRADER = "grader"
ROUNDS = (1, 2, 3)
ANSWERS = "Grades:answers"
"""Where a sample's store keeps what graders answered, by rubric hash, grader, its settings, material and vote, so that
scorers share calls and a log can be graded again; as texts, since Inspect compares all of a store after every step."""

T = TypeVar("T")

Ask: TypeAlias = Callable[[Model, int | None], Awaitable[Vote | Failure]]
"""What gets one vote of one grader, by the vote's number; None where there is only one."""

_GRADINGS: WeakKeyDictionary[TaskState, dict[tuple[object, ...], Grading]] = WeakKeyDictionary()
"""The gradings of the pass at hand, failed ones included, so that scorers that share a call agree; never logged."""


def the_graders() -> list[Model]:
    """Return the models bound to the grader role, one or a panel; never the model under test.

    Raises:
        PrerequisiteError: The run binds no such role.
    """
    bound = model_roles().get(GRADER) or get_model(role=GRADER, required=True)
    return bound if isinstance(bound, list) else [bound]


async def grade(state: TaskState, rubric: Rubric, material: str, votes: int = 1, stop: bool = True) -> Grading:
    """Grade a part of a reply, asking only for votes that were not cast before.

    Args:
        state: The sample's state; the answers are kept in its store.
        rubric: What is asked.
        material: The part of the reply that the rubric grades.
        votes: How many votes each grader has.
        stop: Whether asking stops once the result cannot change.

    Returns:
        The grading; a failure holds for this pass only, so that grading again asks again.
    """
    graders, known = the_graders(), _GRADINGS.setdefault(state, {})
    key = (rubric.sha256, material, votes, stop, *map(id, graders))
    if key not in known:
        known[key] = await _grade(state, graders, rubric, material, votes, stop)
    return known[key]


def gradings_of(state: TaskState) -> list[Grading]:
    """Return what was graded of a sample in the pass at hand, without asking anything."""
    return list(_GRADINGS.get(state, {}).values())


async def _grade(
    state: TaskState, graders: Sequence[Model], rubric: Rubric, material: str, votes: int, stop: bool
) -> Grading:
    answers: dict[str, str] = state.store.get(ANSWERS, {})
    new_votes, about = dict[str, Vote](), f"{rubric.sha256}:{short_hash(material)}"
    by = {id(grader): f"{about}:{grader}:{grader_config_hash(grader)}" for grader in graders}

    async def ask_vote(grader: Model, number: int | None) -> Vote | Failure:
        key = by[id(grader)] + (f":{number}" if number else "")
        if key in answers:
            record = json.loads(answers[key])
            stored = decide(rubric, record["answers"], material)
            return Vote(stored, record["calls"], record["left_out"], record.get("asked_again", 0))
        vote = await ask(grader, rubric, state.input_text, material, number)
        if isinstance(vote, Vote):
            new_votes[key] = vote
        return vote

    grading = await _poll(graders, rubric, ask_vote, votes, stop)
    if new_votes:
        state.store.set(ANSWERS, {**answers, **{key: _record(vote) for key, vote in new_votes.items()}})
    return grading


async def classify(graders: Sequence[Model], rubric: Rubric, query: str, material: str, votes: int = 1) -> Grading:
    """Grade a text, wherever it comes from; the arguments are those of `ask`, for one model or a panel."""
    return await _poll(graders, rubric, lambda grader, number: ask(grader, rubric, query, material, number), votes)


async def _poll(graders: Sequence[Model], rubric: Rubric, ask_vote: Ask, votes: int, stop: bool = True) -> Grading:
    """Let every grader vote, and take the majority of a panel.

    Of a panel more than half must agree; a tie is a no where private reasoning has to show something, and leaves the
    value open where a public answer has to be either.
    """
    rule = share_rule(votes)
    results = tuple(await _together([_result(grader, rubric, ask_vote, rule, stop) for grader in graders]))
    ties: Literal["no", "failed"] = "failed" if rubric.front.grades == "public" else "no"
    panel = majority_rule(len(results), ties)
    values = {name: value(Tally.of(each.values[name] for each in results), panel) for name in rubric.front.scores}
    return Grading(rubric, rule, results, values)


async def _result(grader: Model, rubric: Rubric, ask_vote: Ask, rule: Rule, stop: bool) -> GraderResult:
    """Ask one grader in at most three rounds, concurrently within a round."""
    votes: list[Vote | Failure] = []
    for number in ROUNDS:
        tally = _tally(votes, rubric.headline)
        more = next_round(tally, rule, number) if stop else rule.votes - tally.asked
        numbers = [len(votes) + 1 + each if rule.votes > 1 else None for each in range(more)]
        votes += await _together([ask_vote(grader, number) for number in numbers])
    values = {name: value(_tally(votes, name), rule) for name in rubric.front.scores}
    return GraderResult(str(grader), grader_config_hash(grader), tuple(votes), values, _tally(votes, rubric.headline))


def _tally(votes: Sequence[Vote | Failure], score: str) -> Tally:
    return Tally.of(vote.grade.values[score] if isinstance(vote, Vote) else None for vote in votes)


async def _together(calls: Sequence[Awaitable[T]]) -> list[T]:
    """Await calls at the same time, and return what they return in their order.

    Inspect's own `collect` would put a span around each vote; a limit that several of them meet is raised as one.
    """
    if len(calls) == 1:
        return [await calls[0]]
    found: dict[int, T] = {}

    async def one(index: int, call: Awaitable[T]) -> None:
        found[index] = await call

    try:
        async with anyio.create_task_group() as group:
            for index, call in enumerate(calls):
                group.start_soon(one, index, call)
    except BaseExceptionGroup as raised:
        raise (raised.subgroup(LimitExceededError) or raised).exceptions[0] from raised
    return [found[index] for index in range(len(calls))]


def _record(vote: Vote) -> str:
    record = {"answers": vote.grade.answers, "calls": vote.calls, "left_out": vote.left_out}
    return json.dumps(record | ({"asked_again": vote.asked_again} if vote.asked_again else {}))
