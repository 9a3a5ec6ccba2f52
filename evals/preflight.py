"""The preflight: a few calls to the models before the first sample, which reject a run that cannot measure."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSpec
from inspect_ai.model import Model, get_model
from inspect_ai.util import EarlyStopping

from evals.closing_messages import print_message
from evals.preflight_calls import ModelFindings, Trial, longest, try_grader, try_subject
from evals.preflight_checks import Result
from evals.resumed_run import BeforeSamples
from experiment.errors import UserError
from experiment.prompts.rendering import Prompt
from experiment.queries.query_sets import Query
from scorers.grader.grader_config import grader_config_hash, short_hash
from scorers.grader.grader_panel import the_graders
from scorers.rubric import Rubric

STAND_INS = ("simulated/", "mockllm/", "none/")
KEY = "preflight"
MOST_CALLS = 4
SKIP = "-T preflight=false runs it unchecked"


def _is_real(model: object) -> bool:
    """Tell by its name whether a model is behind a server, and not one that runs in this process."""
    return not str(model).startswith(STAND_INS)


def checked_first(
    models: Iterable[object],
    prompts: Iterable[Prompt],
    queries: Iterable[Query],
    rubric: Rubric,
    then: EarlyStopping | None = None,
) -> EarlyStopping | None:
    """Return what goes into `Task(early_stopping=...)`: a preflight, and after it what may stop the run early.

    Where no model is behind a server, there is no preflight.
    """
    if not any(map(_is_real, models)):
        return then
    return Preflight(longest(list(prompts), [query.text for query in queries]), rubric, then)


class Preflight(BeforeSamples):
    """Asks the models before the first sample."""

    def __init__(self, trial: Trial, rubric: Rubric, then: EarlyStopping | None = None) -> None:
        """Keep the request for the model, the rubric for the grader, and what may stop the run early."""
        super().__init__(then)
        self._trial, self._rubric = trial, rubric

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Ask, note in the log's metadata what was found, and warn of it or refuse the run.

        A retry finds the note of the run that it retries in its own metadata: what passed there is not asked again.

        Raises:
            UserError: The run could not measure; says what to change.
        """
        name = await super().start_task(task, samples, epochs)
        subject = None if task.solver else get_model()  # another solver may ask for something else
        grader = next(filter(_is_real, the_graders()), None)
        about = self._about(subject, grader)
        note = (task.metadata or {}).get(KEY) or {}
        if note.get("about") != about or (note["refused"] and note["run_id"] != task.run_id):
            note = _note(await self._ask(subject, grader)) | {"about": about, "run_id": task.run_id}
            task.metadata = task.metadata if task.metadata is not None else {}
            task.metadata[KEY] = note
            if note["warned"] and not note["refused"]:
                print_message(f"Preflight: {note['warned']}.")
        if note["refused"]:
            raise UserError(f"{note['refused']} ({SKIP})")
        return name

    def _about(self, subject: Model | None, grader: Model | None) -> str:
        """Return a hash of what a note is about: the models, where and how they are asked, and what."""
        models = [(str(each), each.api.base_url, grader_config_hash(each)) for each in (subject, grader) if each]
        texts = [message.text for message in self._trial.messages]
        return short_hash(json.dumps([models, self._trial.mode.mode, texts, self._rubric.sha256]))

    async def _ask(self, subject: Model | None, grader: Model | None) -> list[ModelFindings]:
        found = [await try_grader(grader, self._rubric)] if grader else []
        left = MOST_CALLS - sum(each.calls for each in found)
        return [*found, await try_subject(subject, self._trial, left)] if subject and _is_real(subject) else found


def _note(findings: Sequence[ModelFindings]) -> dict[str, Any]:
    """Return what the log keeps of a preflight; what was warned of and what was refused are a sentence each."""

    def sentences(result: Result) -> str:
        pairs = [(each.model, one) for each in findings for one in each.found if one.result == result]
        return "; ".join(f"{model}: {one.sentence}" for model, one in pairs)

    return {
        "checks": [{"model": each.model, **one._asdict()} for each in findings for one in each.found],
        "calls": sum(each.calls for each in findings),
        "prompt_tokens": max((each.prompt_tokens for each in findings), default=0),
        "warned": sentences("warned"),
        "refused": sentences("refused"),
    }
