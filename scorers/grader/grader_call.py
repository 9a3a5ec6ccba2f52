"""Calling one grader for one vote: shorter where it does not fit, and once more where its answer cannot be used."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput
from inspect_ai.util import LimitExceededError

from experiment.replies.context_overflow import context_overflow
from scorers.grader.grade_parsing import decide, read
from scorers.grader.grader_config import PROMPTED, cache_policy, response_schema, schema_text
from scorers.grader.grader_prompt import again, request
from scorers.grader.grading_result import Failure, Vote, without_quotation
from scorers.grader.json_extraction import UnusableError
from scorers.grader.provider_errors import call_failure, in_short, provider_message, rejects_schema
from scorers.rubric import Rubric

ATTEMPTS = 2
SHORTEST = 2_000  # characters; a grader that cannot read this much of a reply has failed
OVERFLOW: Final = "model_length"
REFUSED = "the grader's provider refused the request (content filter)"
COPY = "copy each quotation letter by letter from the material, or else answer false"


class _Unusable(NamedTuple):
    """What is wrong with an answer: as the grader is told, and as the log says."""

    told: str
    reason: str


CUT = _Unusable(
    "it was cut off; keep the explanation to one sentence",
    "the grader's answer was cut off at its token limit; give the grader a larger max_tokens",
)


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
        answer is ever read from a cache, so that one that cannot be used is not read for ever. An answer that lacks
        nothing but quotations counts, without a grade on what rests on them, where asking again brings none.
    """
    talk = _Conversation(grader, rubric, query, material, number)
    vote, reason = None, ""
    for attempt in range(ATTEMPTS):
        try:
            output = await talk.answer()
        except LimitExceededError:
            raise
        except Exception as error:  # a grader that is down must not end the run
            reason = call_failure(error)
            continue
        result = _read(talk, output)
        if isinstance(result, Failure):
            return _final(talk, vote) or result
        if isinstance(result, Vote):
            vote = result
            if None not in vote.grade.values.values():
                break
            result = _Unusable(f"{without_quotation(vote.grade.fabricated_quotes)}; {COPY}", "")
        reason = result.reason
        if attempt + 1 < ATTEMPTS:
            talk.ask_again(output.completion, result.told)
    reason = in_short(f"{reason} (asked {talk.calls} times)")
    return _final(talk, vote) or Failure(reason, talk.calls, talk.asked_again)


@dataclass
class _Conversation:
    """What one grader is sent for one vote, in how many calls, and how many answers were asked for again."""

    grader: Model
    rubric: Rubric
    query: str
    material: str
    number: int | None
    calls: int = 0
    asked_again: int = 0
    _limit: int | None = None
    _more: list[ChatMessage] = field(default_factory=list)
    _failed: bool = False

    @property
    def shown(self) -> int:
        """How many characters of the material the grader is shown."""
        return len(self.material) if self._limit is None else self._limit

    async def answer(self) -> ModelOutput:
        """Return the answer to a request that is cut until it fits; it overflows where the shortest does not fit."""
        output = await self._call()
        while _stop_reason(output) == OVERFLOW and self.shown // 2 >= SHORTEST:
            self._limit = self.shown // 2
            output = await self._call()
        return output

    def ask_again(self, answer: str, problem: str) -> None:
        """Have the next call ask for another answer, since there is a problem with this one."""
        self.asked_again += 1
        self._more = again(answer, problem)

    async def _call(self) -> ModelOutput:
        """Call the grader; what the server says of a context or a schema is no error of the grader's."""
        prompted = self.grader in PROMPTED
        config = GenerateConfig() if prompted else GenerateConfig(response_schema=response_schema(self.rubric.name))
        schema = schema_text(self.rubric.name) if prompted else ""
        sent = request(self.rubric, self.query, self.material, self.number, self._limit, schema)
        cache = False if self._more or self._failed else cache_policy(self.grader)
        self.calls += 1
        try:
            return await self.grader.generate([*sent, *self._more], config=config, cache=cache)
        except LimitExceededError:
            raise
        except Exception as error:  # providers raise what they like
            message = provider_message(error)
            if context_overflow(message):
                return ModelOutput.from_content(str(self.grader), "", stop_reason=OVERFLOW)
            if prompted or not rejects_schema(message):
                self._failed = True
                raise
        PROMPTED.add(self.grader)
        return await self._call()


def _read(talk: _Conversation, output: ModelOutput) -> Vote | Failure | _Unusable:
    """Return the vote of an answer, why no other could bring one, or what is wrong with it."""
    stopped = _stop_reason(output)
    try:
        answers = read(talk.rubric, output.completion, talk.material, talk.query)
    except UnusableError as error:
        if stopped == "content_filter":
            return Failure(REFUSED, talk.calls, talk.asked_again, refused=True)
        if stopped == OVERFLOW:
            part = f"{talk.shown} of {len(talk.material)} characters of the material"
            reason = (
                f"the request does not fit the grader's context, even with {part}; give the grader a larger context"
            )
            return Failure(reason, talk.calls, talk.asked_again)
        if stopped == "max_tokens":
            return CUT
        told = f"{error}; {COPY}" if talk.rubric.criteria else str(error)
        return _Unusable(told, f"the grader's answer: {error}; stop reason {stopped}")
    return Vote(decide(talk.rubric, answers, talk.material), talk.calls, len(talk.material) - talk.shown)


def _final(talk: _Conversation, vote: Vote | None) -> Vote | None:
    """Return a vote with what it took in the end."""
    return vote._replace(calls=talk.calls, asked_again=talk.asked_again) if vote else None


def _stop_reason(output: ModelOutput) -> str:
    return "no answer" if output.empty else output.stop_reason
