"""A run that is resumed asks what it asked before, or is refused."""

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop, EarlyStopping
from pydantic import JsonValue

from experiment.errors import UserError

KEY = "asked"


class BeforeSamples:
    """Does something before the first sample, and then leaves the run to what may stop it early, if anything.

    It is Inspect's `EarlyStopping`, whose `start_task` is the one place that runs before all samples, with the run's
    options and roles, and whose error ends the run whatever `--no-fail-on-error` says.
    """

    def __init__(self, then: EarlyStopping | None = None) -> None:
        """Keep what may stop the run early."""
        self._then = then

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Begin what may stop the run early, and return its name."""
        return await self._then.start_task(task, samples, epochs) if self._then else KEY

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Leave it to what may stop the run early whether a sample is asked."""
        return await self._then.schedule_sample(id, epoch) if self._then else None

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Pass a finished sample on."""
        if self._then:
            await self._then.complete_sample(id, epoch, scores)

    async def complete_task(self) -> dict[str, JsonValue]:
        """Return what is noted of an early end."""
        return await self._then.complete_task() if self._then else {}


class SameRequests(BeforeSamples):
    """Notes in the log what a run asks and where it was read, and refuses a retry that would ask something else."""

    def __init__(self, sha256: str, source: str, then: EarlyStopping | None = None) -> None:
        """Keep a hash of the queries and prompts, and the query set's name or absolute path."""
        super().__init__(then)
        self._asked = {"sha256": sha256, "queries": source}

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Compare with the note of the run that is retried, which Inspect hands on in the metadata, or make it.

        Raises:
            UserError: The retried run asked other queries or prompts.
        """
        before = (task.metadata or {}).get(KEY) or self._asked
        if before["sha256"] != self._asked["sha256"]:
            raise UserError(
                f"the run that is resumed asked other queries or prompts: it read {before['queries']}, and this one "
                f"{self._asked['queries']}; resume it where and with what it was started, or start a new run"
            )
        task.metadata = {**(task.metadata or {}), KEY: before}
        return await super().start_task(task, samples, epochs)
