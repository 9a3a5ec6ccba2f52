"""Asking one grader for one vote, and once more when its answer cannot be used."""

from typing import NamedTuple

from inspect_ai.model import Model, ModelOutput
from inspect_ai.util import LimitExceededError

from scorers.grader.conversation import OVERFLOW, Conversation, stop_of
from scorers.grader.grade import decide, read
from scorers.grader.grading_result import Failure, Vote, without_quotation
from scorers.grader.json_extraction import UnusableError
from scorers.grader.provider_errors import in_short, uncalled
from scorers.rubric import Rubric

ATTEMPTS = 2
REFUSED = "the grader's provider refused the request (content filter)"
COPY = "copy each quotation letter by letter from the material, or else answer false"


class Unusable(NamedTuple):
    """What is wrong with an answer: what the grader is told of it, and what the log says."""

    told: str
    reason: str


CUT = Unusable(
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
        nothing but quotations counts, without a verdict on what rests on them, where asking again brings none.
    """
    talk = Conversation(grader, rubric, query, material, number)
    vote, reason = None, ""
    for attempt in range(ATTEMPTS):
        try:
            output = await talk.answer()
        except LimitExceededError:
            raise
        except Exception as error:  # a grader that is down must not end the run
            reason = uncalled(error)
            continue
        found = _judged(talk, output)
        if isinstance(found, Failure):
            return _final(talk, vote) or found
        if isinstance(found, Vote):
            vote = found
            if None not in vote.verdict.values.values():
                break
            found = Unusable(f"{without_quotation(vote.verdict.fabricated_quotes)}; {COPY}", "")
        reason = found.reason
        if attempt + 1 < ATTEMPTS:
            talk.ask_again(output.completion, found.told)
    reason = in_short(f"{reason} (asked {talk.calls} times)")
    return _final(talk, vote) or Failure(reason, talk.calls, talk.asked_again)


def _judged(talk: Conversation, output: ModelOutput) -> Vote | Failure | Unusable:
    """Return the vote of an answer, why no other could bring one, or what is wrong with it."""
    stopped = stop_of(output)
    try:
        answers = read(talk.rubric, output.completion, talk.material, talk.query)
    except UnusableError as error:
        if stopped == "content_filter":
            return Failure(REFUSED, talk.calls, talk.asked_again, refused=True)
        if stopped == OVERFLOW:
            return Failure(_too_long(talk), talk.calls, talk.asked_again)
        told = f"{error}; {COPY}" if talk.rubric.criteria else str(error)
        return (
            CUT if stopped == "max_tokens" else Unusable(told, f"the grader's answer: {error}; stop reason {stopped}")
        )
    return Vote(decide(talk.rubric, answers, talk.material), talk.calls, talk.left_out)


def _final(talk: Conversation, vote: Vote | None) -> Vote | None:
    """Return a vote with what it took in the end."""
    return vote._replace(calls=talk.calls, asked_again=talk.asked_again) if vote else None


def _too_long(talk: Conversation) -> str:
    part = f"{talk.shown} of {len(talk.material)} characters of the material"
    return f"the request does not fit the grader's context, even with {part}; give the grader a larger context"
