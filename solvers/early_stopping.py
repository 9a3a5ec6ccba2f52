"""Ending a run early through Inspect's hook: whole pairs are no longer asked once a look settles the question."""

from collections.abc import Sequence
from itertools import islice
from math import nan
from typing import NamedTuple

import anyio
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.solver import TaskState
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from experiment.errors import UserError
from experiment.prompts.settings import main_contrast
from experiment.replies.outcomes import value_of
from experiment.statistics.pairing import Observation
from experiment.statistics.stopping_bounds import Look, Stop, bounds, interim_analysis, looks

OUTCOME = "outcome"
READING = 2.0  # seconds without a sample that was read back, after which a resumed run has read all of them

Pair = tuple[str, str]
Id = str | int


class Design(NamedTuple):
    """What a run was given to ask: samples in the order of the design, and the looks that follow from their number.

    Attributes:
        samples: Sample id to query, wording, epoch and tier, without a value.
        order: The whole pairs, with their samples in the two tiers of the main contrast.
        tiers: These tiers.
        at: Numbers of pairs at the looks.
    """

    samples: dict[Id, Observation]
    order: dict[Pair, list[Id]]
    tiers: tuple[str, str]
    at: tuple[int, ...]


def _design_of(samples: Sequence[Sample]) -> Design:
    """Read the design of a run off its samples, tiers of a query next to each other.

    What a limit leaves of a pair is in no look.

    Raises:
        UserError: There is no whole pair.
    """
    facts = [sample.metadata or {} for sample in samples]
    asked = {
        sample.id or 0: Observation(fact["query"], fact["wording"], 1, fact["tier"], nan)
        for sample, fact in zip(samples, facts, strict=True)
    }
    contrasts = facts[0]["contrasts"]
    first, second = contrasts[main_contrast(contrasts)]
    pairs: dict[Pair, list[Id]] = {}
    for id, each in asked.items():
        if each.tier in (first, second):
            pairs.setdefault((each.query, each.wording), []).append(id)
    whole = {pair: ids for pair, ids in pairs.items() if len(ids) == 2}
    if not whole:
        raise UserError("stop needs at least one whole pair; give --limit a multiple of the number of tiers")
    return Design(asked, whole, (first, second), looks(len(whole), len({wording for _, wording in whole})))


def _reject_unplanned_run(task: EvalSpec, given: Sequence[Id], planned: Sequence[Id], epochs: int) -> None:
    """Reject a run of which looks cannot be taken as they were planned.

    Raises:
        UserError: It has several epochs, keeps no samples, or is a part of the design other than its beginning.
    """
    if epochs > 1:
        raise UserError(f"stop needs one epoch, since its interval is that of single replies, not --epochs {epochs}")
    if task.config.log_samples is False:
        raise UserError("stop needs the samples in the log; Inspect does not stop early with --no-log-samples")
    if isinstance(task.config.limit, tuple) or list(given) != list(planned[: len(given)]):
        raise UserError(
            "stop needs the samples in order and from the beginning; it cannot be combined with "
            "--sample-id, --sample-shuffle, a range of --limit, or shards"
        )


class Stopping:
    """Inspect's `EarlyStopping`: counts pairs as they finish and skips those that are no longer needed."""

    def __init__(self, stops: Sequence[Stop], planned: Sequence[Id]) -> None:
        """Keep the rules, and the ids of all samples of the design, in order."""
        self._stops, self._planned = stops, planned
        self._task_id = ""

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Fix the looks before the first call; a run that is tried again starts anew with what it has finished."""
        if self._task_id and self._task_id != task.task_id:
            raise UserError("stop cannot be shared by concurrent runs; pass the task by name instead of as an object")
        _reject_unplanned_run(task, [sample.id or 0 for sample in samples], self._planned, epochs)
        self._design, self._task_id = _design_of(samples), task.task_id
        self._attempts = 1 + (task.config.retry_on_error or 0)
        self._values: dict[Id, float] = {}
        self._failures: dict[Id, int] = {}
        self._begun: set[Pair] = set()
        self._looks: list[Look] = []
        self._read_back, self._read_before, self._reading = 0, 0, anyio.Lock()
        return "stop=" + ",".join(map(str, self._stops))

    async def schedule_sample(self, id: Id, epoch: int) -> EarlyStop | None:
        """Skip a sample of a pair of which nothing was asked, once the question is settled."""
        pair = self._pair(id)
        if self._reason and pair not in self._begun:
            await self._all_read_back()
        if self._reason and pair not in self._begun:
            return EarlyStop(id=id, epoch=epoch, reason=self._reason)
        self._begun.add(pair)
        return None

    async def complete_sample(self, id: Id, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Note an outcome, of this run or of the one that it resumes."""
        self._read_back += self._pair(id) not in self._begun
        word = scores[OUTCOME].score.value if OUTCOME in scores else None
        self._note(id, value_of(word) if isinstance(word, str) else nan)

    async def note_failure(self, state: TaskState) -> None:
        """Note a sample that failed for good, of which `complete_sample` never hears; for `Task(cleanup=...)`."""
        id = state.sample_id
        if OUTCOME not in (state.scores or {}):
            self._failures[id] = self._failures.get(id, 0) + 1
            if self._failures[id] == self._attempts:
                self._note(id, nan)

    async def complete_task(self) -> dict[str, JsonValue]:
        """Say for the log what was looked at, and why the run ended."""
        design, self._task_id = self._design, ""
        return {
            "stop": ",".join(map(str, self._stops)),
            "bounds": list(bounds(design.at, self._stops[0].shape)),
            "planned_looks": list(design.at),
            "looks": [look._asdict() for look in self._looks],
            "reason": self._reason,
            "planned_pairs": len(design.order),
            "skipped_pairs": len(design.order.keys() - self._begun),
        }

    async def _all_read_back(self) -> None:
        """Wait for what a resumed run reads back in no order: the partner of a finished sample has to be asked."""
        async with self._reading:
            while self._read_before < self._read_back:
                self._read_before = self._read_back
                await anyio.sleep(READING)

    @property
    def _reason(self) -> str:
        return self._looks[-1].reason if self._looks else ""

    def _pair(self, id: Id) -> Pair:
        return self._design.samples[id][:2]

    def _note(self, id: Id, value: float) -> None:
        """Keep a value, and look wherever all pairs before are now there."""
        self._values[id] = value
        self._begun.add(self._pair(id))
        quantiles = bounds(self._design.at, self._stops[0].shape)
        for at, z in list(zip(self._design.at, quantiles, strict=True))[len(self._looks) :]:
            pairs = list(islice(self._design.order.values(), at))
            if self._reason or any(each not in self._values for ids in pairs for each in ids):
                return
            prefix = [each for ids in pairs for each in ids]
            seen = [self._design.samples[each]._replace(value=self._values[each]) for each in prefix]
            self._looks.append(interim_analysis(self._stops, seen, self._design.tiers, z))
