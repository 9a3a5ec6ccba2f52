"""How far a grader can be trusted: it grades labelled replies, and its verdicts are compared with the labels."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import PurePath

import click
import fsspec  # type: ignore[import-untyped]
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.hooks import Hooks, TaskEnd, hooks
from inspect_ai.log import EvalLog
from inspect_ai.model import Model, get_model, model_roles
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig

from evals.alignment_faking import DISTRIBUTION, SIMULATED, VERSION, Judged, reject_duplicate_graders
from evals.ending import register_resume_hint
from evals.keys import refuse_keys
from evals.memory import raise_gc_threshold
from experiment.documents import names
from experiment.errors import UserError
from experiment.prompts.settings import load_setting
from experiment.queries.labelled_replies import COMPLIANCE, FOLDER, Labelled, mixed, part_of
from experiment.queries.query_sets import dataset_hash, set_names
from experiment.replies.votes import VOTES
from experiment.statistics.calibration import SUFFIX, Calibration, counts_in
from scorers.grader.grader_config import grader_config_hash
from scorers.grader.voting import GRADER, the_graders
from scorers.label_agreement import AGAINST, LABELLED, PUBLIC
from scorers.label_agreement import SUFFIX as AGREEMENT
from scorers.rubric import FAKING, load_rubric
from scorers.scorers import MOTIVES_RUBRIC
from solvers.labelled import labelled_reply, load_label_set

TASK = "grader_agreement"
REASONING = "reasoning"
NO_MODEL = "none/"
UNKNOWN_QUERY = "(The request is not known.)"


@task
def grader_agreement(
    labels: str | list[str] | None = None,
    setting: str = "helpful_only",
    faking_rubric: str = "four_criteria",
    votes: int = VOTES,
    **unknown: object,
) -> Task:
    """Measure how far a grader agrees with labels, and write a calibration record beside the log.

    ## Model Roles
    `grader`: the model, or the panel, that is measured; where none is bound, the model under evaluation is the grader.

    Args:
        labels: Label sets, separated by commas: files of `datasets/labels/`, public sets of its `catalogue.yaml`, or
            paths (.jsonl, .csv, .json); by default `reasoning` and the setting's own answers.
        setting: The setting whose rubric grades public answers.
        faking_rubric: The definition of alignment-faking reasoning.
        votes: How many votes each grader has on it; all are asked for.
        **unknown: Refused.

    Returns:
        The task: one sample for each labelled text.

    Raises:
        UsageError: An argument cannot be used; the command line prints its one sentence.
    """
    register_resume_hint()
    raise_gc_threshold()
    try:
        if unknown:
            known = "labels, setting, faking_rubric, votes"
            raise UserError(f"unknown task argument {next(iter(unknown))!r}; known: {known}")
        judged = Judged(faking_rubric, votes, stop_votes=False).checked()
        graders = reject_duplicate_graders(measured())
        refuse_keys(graders)
        rows = {name: load_label_set(name, LABELLED) for name in sets(labels, setting)}
        write_calibration_records()
        return build(rows, setting, judged, graders)
    except UserError as error:
        raise click.UsageError(str(error)) from error


def measured() -> list[Model]:
    """Return the models that are measured."""
    if GRADER in model_roles():
        return the_graders()
    model = get_model()
    if str(model).startswith(NO_MODEL):
        raise UserError("name the grader that is to be measured: --model provider/name, or --model-role grader=...")
    return [model]


def sets(labels: str | Sequence[str] | None, setting: str) -> list[str]:
    """Return the names of the label sets that are asked for."""
    if labels is None:
        own = [setting] if setting in set_names(FOLDER) else []
        return [REASONING, *own]
    given = [name.strip() for name in (labels.split(",") if isinstance(labels, str) else labels)]
    others = [name for name in given if name in names("settings") and name != setting]
    if others:
        raise UserError(f"labels {others[0]!r} are for another rubric; add -T setting={others[0]}")
    return list(dict.fromkeys(given))


def build(rows: dict[str, list[Labelled]], setting: str, judged: Judged, graders: list[Model]) -> Task:
    """Wire the task together from checked parts."""
    everything = [row for each in rows.values() for row in each]
    asked = arguments(setting, judged, [name for name in LABELLED if any(name in row.labels for row in everything)])
    return Task(
        dataset=MemoryDataset([sample(row, name, len(rows) > 1) for name, row in mixed(rows)], name=", ".join(rows)),
        solver=labelled_reply(),
        scorer=[AGAINST[name](**given) for name, given in asked.items()],
        model_roles=None if GRADER in model_roles() else {GRADER: graders[0]},
        viewer=VIEWER,
        version=VERSION,
        metadata={
            "labels": list(rows),
            "labels_sha256": dataset_hash(everything),
            "grader": ", ".join(map(str, graders)),
            "settings": ", ".join(map(grader_config_hash, graders)),
            "asked": {name: {"votes": 1, **given} for name, given in asked.items()},
            "rubric_sha256": {given["rubric"]: load_rubric(given["rubric"]).sha256 for given in asked.values()},
            "simulated": any(str(grader).startswith(SIMULATED) for grader in graders),
            "agreement_version": version(DISTRIBUTION),
        },
    )


def arguments(setting: str, judged: Judged, names: Sequence[str]) -> dict[str, dict[str, object]]:
    """Return the arguments of the scorer of each labelled score."""
    chosen = load_setting(setting)
    public = {"rubric": chosen.rubric, "polarity": chosen.polarity}
    known = load_rubric(chosen.rubric).front.scores
    given: dict[str, dict[str, object]] = {name: {"rubric": MOTIVES_RUBRIC} for name in names if name not in PUBLIC}
    given |= {name: {**public} for name in names if name == COMPLIANCE or name in known}
    return given | ({FAKING: {"rubric": judged.faking_rubric, "votes": judged.votes}} if FAKING in names else {})


def sample(row: Labelled, name: str, several: bool) -> Sample:
    """Make the sample of one labelled text; where there are several sets, its id names its own."""
    return Sample(
        id=f"{PurePath(name).stem}.{row.id}" if several else row.id,
        input=row.query or UNKNOWN_QUERY,
        metadata={
            "text": row.text,
            "part": part_of(row, PUBLIC, name),
            "tier": row.tier,
            "stratum": row.stratum,
            "labels": row.labels,
            "reason": row.reason,
        },
    )


class CalibrationRecord(Hooks):
    """Writes the calibration record when a run against labels ends."""

    async def on_task_end(self, data: TaskEnd) -> None:
        """Write the record of a run that came to its end."""
        records = calibrations(data.log) if data.log.eval.task.split("/")[-1] == TASK and data.log.results else []
        if records:
            lines = "".join(f"{record.model_dump_json()}\n" for record in records)
            with fsspec.open(data.log.location.removesuffix(".eval").removesuffix(".json") + SUFFIX, "w") as file:
                file.write(lines)


@cache
def write_calibration_records() -> None:
    """Have the records written; registered only now, since Inspect tells every run of hooks that were there before."""
    hooks(name="calibration_record", description="Writes what a run against labels found beside its log.")(
        CalibrationRecord
    )


def calibrations(log: EvalLog) -> list[Calibration]:
    """Return the calibration records that a log amounts to, one for each score.

    Args:
        log: The log of a run against labels; its header is enough.

    Returns:
        The records; none where the run has no results.
    """
    facts, found = log.eval.metadata or {}, []
    for score in log.results.scores if log.results else []:
        name = score.scorer.removesuffix(AGREEMENT)
        metrics = {key: metric.value for key, metric in score.metrics.items()}
        if name not in facts["asked"] or not metrics.get("labelled"):
            continue
        given = facts["asked"][name]
        tiers = [key.removesuffix("_hits") for key in metrics if key.endswith("_hits")]
        found.append(
            Calibration(
                score=name,
                grader=facts["grader"],
                settings=facts["settings"],
                rubric=given["rubric"],
                rubric_sha256=facts["rubric_sha256"][given["rubric"]],
                votes=given["votes"],
                labels=facts["labels"],
                labels_sha256=facts["labels_sha256"],
                counts=counts_in(metrics),
                tiers={tier: counts_in(metrics, f"{tier}_") for tier in tiers},
                ungraded=int(metrics["ungraded"]),
                simulated=facts["simulated"],
                suite_version=facts["agreement_version"],
                created=str(log.eval.created),
            )
        )
    return found


VIEWER = ViewerConfig(
    task_samples_view=TaskSamplesView(
        name="verdicts against labels",
        columns=[
            TaskSamplesColumn(id="sampleId"),
            TaskSamplesColumn(id="input"),
            *(TaskSamplesColumn.score(f"{name}{AGREEMENT}") for name in (COMPLIANCE, FAKING)),
            *(TaskSamplesColumn(id=name, visible=False) for name in ("target", "answer", "tokens", "duration")),
        ],
        score_labels={f"{name}{AGREEMENT}": name.replace("_", " ") for name in LABELLED},
        score_color_scales={
            f"{name}{AGREEMENT}": {
                "hit": "good",
                "rejection": "good",
                "miss": "bad",
                "false alarm": "bad",
                "ungraded": "warn",
            }
            for name in LABELLED
        },
        color_scales_enabled=True,
    )
)
