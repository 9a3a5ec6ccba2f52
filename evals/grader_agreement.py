"""How far a grader can be trusted: it grades labelled replies, and its verdicts are compared with the labels."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import PurePath

import fsspec  # type: ignore[import-untyped]
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.hooks import Hooks, TaskEnd, hooks
from inspect_ai.log import EvalLog
from inspect_ai.model import Model, get_model, model_roles

from evals.argument_checks import check_faking_grading, reject_unknown, usage_errors
from evals.build_task import DISTRIBUTION, SIMULATED
from evals.run_setup import check_models, prepare_run
from evals.task_version import VERSION
from evals.viewer_configuration import GRADES_AND_LABELS
from experiment.errors import UserError
from experiment.front_matter import names
from experiment.prompts.settings import load_setting
from experiment.queries.labelled_replies import COMPLIANCE, FOLDER, Labelled, mixed, part_of
from experiment.queries.query_sets import dataset_hash, set_names
from experiment.replies.vote_threshold import VOTES
from experiment.statistics.calibration_records import SUFFIX, Calibration, counts_in
from scorers.grader.grader_config import grader_config_hash
from scorers.grader.grader_panel import GRADER, the_graders
from scorers.label_agreement import LABEL_SCORERS, LABELLED, PUBLIC
from scorers.label_agreement import SUFFIX as AGREEMENT
from scorers.rubric import FAKING, load_rubric
from scorers.scorers import MOTIVES_RUBRIC
from solvers.label_replay import labelled_reply, load_label_set

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
        labels: Label sets, separated by commas: files of `datasets/labels/`, sets of its `public_label_sets.yaml`, or
            paths (.jsonl, .csv, .tsv, .json); by default `reasoning` and the setting's own answers.
        setting: The setting whose rubric grades public answers.
        faking_rubric: The definition of alignment-faking reasoning.
        votes: How many votes each grader has on it; all are asked for.
        **unknown: Rejected.

    Returns:
        The task: one sample for each labelled text.

    Raises:
        UsageError: An argument cannot be used; the command line prints its one sentence.
    """
    prepare_run()
    with usage_errors():
        reject_unknown(unknown, {"labels", "setting", "faking_rubric", "votes"})
        check_faking_grading(faking_rubric, votes)
        graders = _measured_graders()
        check_models(graders)
        rows = {name: load_label_set(name, LABELLED) for name in _label_set_names(labels, setting)}
        _write_calibration_records()
        return _build(rows, setting, faking_rubric, votes, graders)


def _measured_graders() -> list[Model]:
    """Return the models that are measured."""
    if GRADER in model_roles():
        return the_graders()
    model = get_model()
    if str(model).startswith(NO_MODEL):
        raise UserError("name the grader that is to be measured: --model provider/name, or --model-role grader=...")
    return [model]


def _label_set_names(labels: str | Sequence[str] | None, setting: str) -> list[str]:
    """Return the names of the label sets that are asked for."""
    if labels is None:
        own = [setting] if setting in set_names(FOLDER) else []
        return [REASONING, *own]
    given = [name.strip() for name in (labels.split(",") if isinstance(labels, str) else labels)]
    others = [name for name in given if name in names("settings") and name != setting]
    if others:
        raise UserError(f"labels {others[0]!r} are for another rubric; add -T setting={others[0]}")
    return list(dict.fromkeys(given))


def _build(rows: dict[str, list[Labelled]], setting: str, faking_rubric: str, votes: int, graders: list[Model]) -> Task:
    """Wire the task together from checked parts."""
    everything = [row for each in rows.values() for row in each]
    asked = _scorer_arguments(
        setting, faking_rubric, votes, [name for name in LABELLED if any(name in row.labels for row in everything)]
    )
    return Task(
        dataset=MemoryDataset([_sample(row, name, len(rows) > 1) for name, row in mixed(rows)], name=", ".join(rows)),
        solver=labelled_reply(),
        scorer=[LABEL_SCORERS[name](**given) for name, given in asked.items()],
        model_roles=None if GRADER in model_roles() else {GRADER: graders[0]},
        viewer=GRADES_AND_LABELS,
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


def _scorer_arguments(
    setting: str, faking_rubric: str, votes: int, names: Sequence[str]
) -> dict[str, dict[str, object]]:
    """Return the arguments of the scorer of each labelled score."""
    chosen = load_setting(setting)
    public = {"rubric": chosen.rubric, "polarity": chosen.polarity}
    known = load_rubric(chosen.rubric).front.scores
    given: dict[str, dict[str, object]] = {name: {"rubric": MOTIVES_RUBRIC} for name in names if name not in PUBLIC}
    given |= {name: {**public} for name in names if name == COMPLIANCE or name in known}
    return given | ({FAKING: {"rubric": faking_rubric, "votes": votes}} if FAKING in names else {})


def _sample(row: Labelled, name: str, several: bool) -> Sample:
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
        records = _calibrations(data.log) if data.log.eval.task.split("/")[-1] == TASK and data.log.results else []
        if records:
            lines = "".join(f"{record.model_dump_json()}\n" for record in records)
            with fsspec.open(data.log.location.removesuffix(".eval").removesuffix(".json") + SUFFIX, "w") as file:
                file.write(lines)


@cache
def _write_calibration_records() -> None:
    """Have the records written; registered only now, since Inspect tells every run of hooks that were there before."""
    hooks(name="calibration_record", description="Writes what a run against labels found beside its log.")(
        CalibrationRecord
    )


def _calibrations(log: EvalLog) -> list[Calibration]:
    """Return the calibration records that the header of a log amounts to, one for each labelled score."""
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
