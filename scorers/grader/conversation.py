"""What one grader is sent for one vote: the request, shorter where it does not fit, and what asks for it once more."""

from dataclasses import dataclass, field
from typing import Final

from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput
from inspect_ai.util import LimitExceededError

from experiment.replies.context_overflow import context_overflow
from scorers.grader.grader_config import kept
from scorers.grader.reasons import server_said
from scorers.grader.request import again, request
from scorers.grader.schemas import PROMPTED, refuses_schema, response_schema, schema_text
from scorers.rubric import Rubric

SHORTEST = 2_000  # characters; a grader that cannot read this much of a reply has failed
OVERFLOW: Final = "model_length"


@dataclass
class Conversation:
    """What one grader is sent for one vote.

    Args:
        grader: The model.
        rubric: What is asked.
        query: The request that was replied to.
        material: What is graded.
        number: The vote's number, None where there is only one.
        calls: How many calls were made.
        asked_again: How many answers were asked for again.
    """

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

    @property
    def left_out(self) -> int:
        """How many it is not shown."""
        return len(self.material) - self.shown

    async def answer(self) -> ModelOutput:
        """Return the grader's answer, to a request that is cut until it fits its context.

        Returns:
            The answer; its stop reason is "model_length" where the shortest request does not fit either.

        Raises:
            LimitExceededError: A limit of the sample was met.
            Exception: Whatever a provider raises.
        """
        output = await self._call()
        while stop_of(output) == OVERFLOW and self.shown // 2 >= SHORTEST:
            self._limit = self.shown // 2
            output = await self._call()
        return output

    def ask_again(self, answer: str, problem: str) -> None:
        """Have the next call ask for another answer.

        Args:
            answer: The grader's answer.
            problem: What is wrong with it.
        """
        self.asked_again += 1
        self._more = again(answer, problem)

    async def _call(self) -> ModelOutput:
        """Call the grader; what the server says of a context or a schema is no error of the grader's."""
        prompted = self.grader in PROMPTED
        config = GenerateConfig() if prompted else GenerateConfig(response_schema=response_schema(self.rubric.name))
        schema = schema_text(self.rubric.name) if prompted else ""
        sent = request(self.rubric, self.query, self.material, self.number, self._limit, schema)
        cache = False if self._more or self._failed else kept(self.grader)
        self.calls += 1
        try:
            return await self.grader.generate([*sent.messages, *self._more], config=config, cache=cache)
        except LimitExceededError:
            raise
        except Exception as error:  # providers raise what they like
            said = server_said(error)
            if context_overflow(said):
                return ModelOutput.from_content(str(self.grader), "", stop_reason=OVERFLOW)
            if prompted or not refuses_schema(said):
                self._failed = True
                raise
        PROMPTED.add(self.grader)
        return await self._call()


def stop_of(output: ModelOutput) -> str:
    """Return why a grader stopped, "no answer" where its provider returned nothing."""
    return "no answer" if output.empty else output.stop_reason
