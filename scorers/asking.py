"""Asking one grader for one vote, and once more when its answer cannot be used."""

from functools import cache
from typing import Any, Self

from inspect_ai.model import ChatMessageUser, GenerateConfig, Model, ResponseSchema
from inspect_ai.util import LimitExceededError, json_schema

from scorers.grading import Failure, Vote
from scorers.request import request
from scorers.rubric import Rubric, answer_model
from scorers.settings import kept
from scorers.verdict import UnusableError, decide, read

ATTEMPTS = 2
SHORTEST = 2_000  # characters; a grader that cannot read this much of a reply has failed


async def ask(grader: Model, rubric: Rubric, query: str, material: str, number: int | None = None) -> Vote | Failure:
    """Ask one grader for one vote, and once more when the call fails or its answer cannot be used.

    Args:
        grader: The model.
        rubric: What is asked.
        query: The request that was replied to.
        material: What is graded; where it does not fit the grader's context, its middle is left out and marked.
        number: The vote's number, None where there is only one.

    Returns:
        The vote, or why there is none; whatever a provider raises is a failure, and never ends the run. Only a first
        answer is ever read from a cache, so that one that cannot be used is not read for ever.
    """
    config = GenerateConfig(response_schema=_response_schema(rubric.name))
    sent, problem, calls = request(rubric, query, material, number), "", 0
    attempts, messages, limit = ATTEMPTS, sent.messages, len(material)
    while attempts:
        calls += 1
        try:
            output = await grader.generate(messages, config=config, cache=kept(grader) if calls == 1 else False)
        except LimitExceededError:
            raise
        except Exception as error:  # providers raise what they like; a grader that is down must not end the run
            attempts, problem = attempts - 1, f"the grader could not be called: {type(error).__name__}: {error}"
            continue
        stopped = "no answer" if output.empty else output.stop_reason
        if stopped == "model_length" and limit // 2 >= SHORTEST:
            limit //= 2
            sent = request(rubric, query, material, number, limit)
            messages = sent.messages
            continue
        try:
            answers = read(rubric, output.completion, material)
            return Vote(decide(rubric, answers, material), calls, sent.left_out)
        except UnusableError as error:
            if stopped == "content_filter":
                return Failure("the grader's provider refused the request (content filter)", calls)
            attempts, problem = attempts - 1, f"the grader's answer: {error}; stop reason {stopped}"
            messages = [*messages, ChatMessageUser(content=f"Reply with the JSON object alone. Not usable: {error}")]
    return Failure(f"{problem} (asked {calls} times)", calls)


class _SharedSchema(ResponseSchema):
    """A schema that nobody changes, so that the deep copies that Inspect makes of a call's settings can share it."""

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self


@cache
def _response_schema(rubric: str) -> ResponseSchema:
    return _SharedSchema(name=rubric, json_schema=json_schema(answer_model(rubric)), strict=True)
