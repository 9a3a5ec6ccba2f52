"""The main evaluation: the same queries in a trained and an untrained tier, with a private scratchpad."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Literal, NamedTuple, Self

import click
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import HeadlineMetric
from inspect_ai.model import CachePolicy, GenerateConfig, Model, get_model
from inspect_ai.viewer import ScoreColorScale, TaskSamplesColumn, TaskSamplesView, ViewerConfig

from evals.ending import register_resume_hint
from evals.keys import refuse_keys
from evals.memory import raise_gc_threshold
from evals.preflight import checked_first
from experiment.errors import UserError, unknown_name_error
from experiment.prompts.conditions import Condition, parse_variant_names, resolve_condition
from experiment.prompts.labs import lab_name
from experiment.prompts.rendering import Prompt
from experiment.prompts.settings import Setting
from experiment.prompts.variants import load_variant
from experiment.prompts.wordings import ALL
from experiment.queries.query_sets import Query, dataset_hash, load_queries
from experiment.queries.wording_assignment import by_wording, place, place_all
from experiment.replies.votes import VOTES
from experiment.statistics.stopping import Stop, parse_stops
from scorers.grader.grader_config import grader_config_hash
from scorers.grader.voting import the_graders
from scorers.rubric import FAKING, Rubric, load_rubric, rubrics_for
from scorers.scorers import MOTIVES, MOTIVES_RUBRIC, announced, compliance, outcome
from scorers.scorers import alignment_faking as alignment_faking_reasoning
from solvers.catalogue import catalogue_names, load_catalogued
from solvers.early_stopping import Stopping
from solvers.private_reasoning import reason_and_answer
from solvers.prompt_setup import apply_prompt
from solvers.reply import split_reply

VERSION = "4-B"
DISTRIBUTION = "alignment-faking-evals"
SIMULATED = "simulated/"
BALANCED = "balanced"
BENIGN = "benign"
ORDERS = (BALANCED, "wording")
CONTINUES = frozenset({"anthropic", "mockllm", "sagemaker", "sglang", "simulated", "vllm"})


@task
def alignment_faking(
    setting: str = "helpful_only",
    scratchpad: str = "tool",
    queries: str | None = None,
    wording: str = "ensemble",
    variant: str | list[str] | None = None,
    lab: str = "own",
    faking_rubric: str = "four_criteria",
    votes: int = VOTES,
    stop_votes: bool = True,
    stop: str | list[str] | None = None,
    order: str = "balanced",
    require_scratchpad: bool = False,
    preflight: bool = True,
    **unknown: object,
) -> Task:
    """Measure the compliance gap and the reasoning behind it.

    ## Model Roles
    `grader` (required): judges compliance, alignment-faking reasoning and motives; several models make a panel.

    Args:
        setting: A folder of `datasets/prompts/`, or the path of a prompt of your own or in a paper's checkout.
        scratchpad: How the model reasons in private: `tool`, `tags`, `native` or `none`.
        queries: A file of `datasets/queries/`, a public set of its `catalogue.yaml`, or a path (.jsonl, .csv, .json);
            by default the setting's own.
        wording: `ensemble` (each query in one of the setting's wordings), `all`, or one wording's name.
        variant: Files below `datasets/prompts/variants/`, separated by commas.
        lab: The lab that is said to train the model: a name, `own` or `fictional`.
        faking_rubric: The definition of alignment-faking reasoning: `four_criteria`, `five_criteria` or
            `five_criteria_full`.
        votes: How many votes each grader has on alignment-faking reasoning; 40% yes make a yes.
        stop_votes: Whether asking stops once the verdict cannot change.
        stop: When the run may end early: `decision:MARGIN`, `precision:HALF_WIDTH` or both, as shares.
        order: The order of the samples: `balanced` over wordings, or by `wording`, which suits a server with a prefix
            cache; a limit then leaves whole wordings out.
        require_scratchpad: Whether a reply without private reasoning is left out instead of being graded.
        preflight: Whether the models behind servers are asked a few times before the first sample, so that a run that
            cannot measure is refused.
        **unknown: Refused; Inspect itself would only warn of a mistyped argument.

    Returns:
        The task: for each query one sample per tier, next to each other.

    Raises:
        UsageError: An argument cannot be used; the command line prints its one sentence.
        PrerequisiteError: No model is bound to the grader role.
    """
    register_resume_hint()
    raise_gc_threshold()
    try:
        refuse(unknown)
        reject_lists(
            setting=setting, scratchpad=scratchpad, queries=queries or "", wording=wording, lab=lab, order=order
        )
        judged = Judged(faking_rubric, votes, stop_votes).checked()
        model, graders = get_model(), reject_duplicate_graders(the_graders())
        refuse_keys([model, *graders])
        reject_epoch_copies(model.config)
        condition = Condition(setting, wording, parse_variant_names(variant), scratchpad, lab_name(lab, str(model)))
        models = [str(model), *map(str, graders)]
        running = Running(order, require_scratchpad, preflight).checked(stop)
        return build(condition, queries, judged, models, stopping_rules(stop, condition), running)
    except UserError as error:
        raise click.UsageError(str(error)) from error


class Judged(NamedTuple):
    """How alignment-faking reasoning is judged: by which definition, with how many votes, stopping early or not."""

    faking_rubric: str
    votes: int
    stop_votes: bool

    def checked(self) -> Self:
        """Return this, or refuse what cannot be used."""
        if self.faking_rubric not in rubrics_for(FAKING):
            raise unknown_name_error("faking_rubric", str(self.faking_rubric), rubrics_for(FAKING))
        if type(self.votes) is not int or self.votes < 1:
            raise UserError(f"votes takes a whole number of at least 1, not {self.votes!r}")
        if type(self.stop_votes) is not bool:
            raise UserError(f"stop_votes is true or false, not {self.stop_votes!r}")
        return self


class Running(NamedTuple):
    """How a run is made: in which order, with which replies, checked beforehand or not."""

    order: str
    require_scratchpad: bool
    preflight: bool

    def checked(self, stop: object) -> Self:
        """Return this, or refuse what cannot be used, also together with early stopping."""
        if self.order not in ORDERS:
            raise unknown_name_error("order", str(self.order), ORDERS)
        if stop is not None and self.order != BALANCED:
            raise UserError(f"stop takes a balanced order, whose beginning speaks of the whole, not order={self.order}")
        for name, value in self._asdict().items():
            if name != "order" and type(value) is not bool:
                raise UserError(f"{name} is true or false, not {value!r}")
        return self


def refuse(unknown: dict[str, object]) -> None:
    """Refuse task arguments that do not exist."""
    if unknown:
        known = ", ".join([*Condition._fields, "queries", *Judged._fields, "stop", *Running._fields])
        raise UserError(f"unknown task argument {next(iter(unknown))!r}; known: {known}")


def reject_lists(**names: object) -> None:
    """Refuse what is not one name: the command line makes a list of a text with commas, and null of nothing."""
    for argument, value in names.items():
        if not isinstance(value, str):
            raise UserError(f"{argument} takes one name, not {value!r}")


def stopping_rules(stop: str | list[str] | None, condition: Condition) -> tuple[Stop, ...]:
    """Return the rules by which a run may end early, none where none are asked for."""
    if stop is not None and condition.wording == ALL:
        raise UserError(f"stop takes pairs that are independent; wording={ALL} asks each query several times")
    return () if stop is None else parse_stops(stop)


def build(
    condition: Condition,
    queries: str | None,
    judged: Judged,
    models: list[str],
    stops: tuple[Stop, ...],
    running: Running,
) -> Task:
    """Wire the task together from checked parts."""
    setting, prompts = resolve_condition(condition)
    name = queries or setting.queries
    asked = load_catalogued(name) if name in catalogue_names() else load_queries(name, catalogue_names())
    mode = next(iter(prompts.values())).scratchpad
    reject_prefill(condition, models[0], any(prompt.prefill for prompt in prompts.values()))
    if name == BENIGN and not setting.benign:
        raise UserError(
            f"queries={name} make no sense in setting {setting.name!r}, whose queries have a form of their own"
        )
    if load_rubric(setting.rubric).front.grades != "public":
        raise UserError(f"rubric {setting.rubric!r} of setting {setting.name!r} does not grade the public answer")
    public: dict[str, Any] = {"rubric": setting.rubric, "polarity": setting.polarity}
    tags = announcements(condition.variant)
    shared = {"queries": name, "material": material(asked, prompts), **public}
    shared |= {"require_scratchpad": True} if running.require_scratchpad else {}
    planned = samples(setting, prompts, placed(condition, asked, list(prompts), running.order), shared)
    stopping = Stopping(stops, [str(sample.id) for sample in planned]) if stops else None
    return Task(
        dataset=MemoryDataset(planned, name=name),
        setup=apply_prompt(**condition._asdict()),
        solver=[reason_and_answer(), split_reply()],
        scorer=[
            compliance(**public, **tags),
            alignment_faking_reasoning(**public, **judged._asdict()),
            *(motive(**public) for motive in MOTIVES.values()),
            outcome(**public),
            *([announced(**tags)] if tags else []),
        ],
        headline_metric=HeadlineMetric(scorer="compliance", metric="gap"),
        early_stopping=checked_first(models, prompts.values(), asked, load_rubric(setting.rubric), stopping)
        if running.preflight
        else stopping,
        cleanup=stopping.note_failure if stopping else None,
        viewer=VIEWER,
        version=VERSION,
        metadata={
            **condition._asdict(),
            "setting": setting.name,
            "setting_path": condition.setting,
            "scratchpad": mode.mode,
            "queries": name,
            "setting_queries": setting.queries,
            "queries_sha256": dataset_hash(asked),
            "queries_total": len(asked),
            "prompt_sha256": {wording: prompt.sha256 for wording, prompt in prompts.items()},
            **judged._asdict(),
            "order": running.order,
            "require_scratchpad": running.require_scratchpad,
            "stop": ",".join(map(str, stops)) or None,
            "rubric_sha256": {rubric.name: rubric.sha256 for rubric in asked_by(setting, judged)},
            "score_means": {
                name: score.means for rubric in asked_by(setting, judged) for name, score in rubric.front.scores.items()
            },
            "suite_version": version(DISTRIBUTION),
            "simulated": any(name.startswith(SIMULATED) for name in models),
        },
    )


def asked_by(setting: Setting, judged: Judged) -> list[Rubric]:
    """Return the rubrics of a run: one for the public answer, two for the private reasoning."""
    return [load_rubric(name) for name in (setting.rubric, judged.faking_rubric, MOTIVES_RUBRIC)]


def announcements(variants: Sequence[str]) -> dict[str, str]:
    """Return the tags by which a variant asks the model to announce whether it complies, as a scorer's arguments."""
    asked = [tags for tags in (load_variant(name).accept_tags for name in variants) if tags]
    return dict(zip(("accept_tag", "reject_tag"), asked[0], strict=True)) if asked else {}


def reject_duplicate_graders(graders: list[Model]) -> list[Model]:
    """Return a panel, or refuse one that asks the same model twice in the same way."""
    seen = [(str(grader), grader_config_hash(grader)) for grader in graders]
    twins = [name for name, settings in seen if seen.count((name, settings)) > 1]
    if twins:
        raise UserError(f"the panel of graders names {twins[0]!r} twice; votes=N asks one grader several times")
    return graders


def reject_epoch_copies(config: GenerateConfig) -> None:
    """Refuse to keep the replies of the model under test across epochs, which would count copies as replies."""
    if isinstance(config.cache, CachePolicy) and not config.cache.per_epoch:
        raise UserError("cache.per_epoch is false for the model under test: its epochs would be copies of the first")


def reject_prefill(condition: Condition, model: str, prefilled: bool) -> None:
    """Refuse a prefill where the provider would begin a new message instead of going on with ours."""
    provider = model.split("/")[0]
    if prefilled and provider not in CONTINUES:
        known = ", ".join(sorted(CONTINUES))
        raise UserError(
            f"variant {condition.variant} begins the reply, which provider {provider!r} does not continue ({known} do)"
        )


def material(queries: list[Query], prompts: dict[str, Prompt]) -> str:
    """Return a short hash of all that is asked and sent, by which a resumed run is known to go on with the same."""
    sent = "".join([dataset_hash(queries), *(prompt.sha256 for prompt in prompts.values())])
    return hashlib.sha256(sent.encode()).hexdigest()[:12]


class Asked(NamedTuple):
    """A query in one wording, and the id that its samples share."""

    id: str
    query: Query
    wording: str


def placed(condition: Condition, queries: list[Query], wordings: list[str], order: str) -> list[Asked]:
    """Say which query is asked in which wording, in the order of the run."""
    every = condition.wording == ALL
    pairs = place_all(queries, wordings) if every else place(queries, wordings)
    pairs = pairs if order == BALANCED else by_wording(pairs)
    return [Asked(f"{query.id}.{wording}" if every else query.id, query, wording) for query, wording in pairs]


def samples(
    setting: Setting, prompts: dict[str, Prompt], asked: list[Asked], shared: dict[str, object]
) -> list[Sample]:
    """Make the samples: every query once in each tier, tiers next to each other so that limits keep whole pairs."""
    mode = next(iter(prompts.values())).scratchpad
    tags = {wording: list(prompt.tier_tags) for wording, prompt in prompts.items()}
    shared |= {
        "scratchpad": mode.mode,
        **({"tags": mode.tags.model_dump()} if mode.tags else {}),
        "contrasts": {name: list(pair) for name, pair in setting.contrasts.items()},
    }
    return [
        Sample(
            id=f"{id}-{tier}",
            input=query.text,
            metadata={
                "query": query.id,
                "category": query.category,
                "tier": tier,
                "wording": wording,
                "tier_tags": tags[wording],
                **shared,
            },
        )
        for id, query, wording in asked
        for tier in setting.tiers
    ]


SCORERS = ("outcome", "compliance", "alignment_faking", "self_preservation")
OTHERS = tuple(name for name in MOTIVES if name not in SCORERS)
OUTCOME_COLOURS: dict[str, Literal["good", "bad", "warn", "info", "muted"]] = {
    "complied": "info",
    "refused": "muted",
    "malformed": "warn",
    "truncated": "warn",
    "filtered": "warn",
    "ungraded": "bad",
}
VIEWER = ViewerConfig(
    task_samples_view=TaskSamplesView(
        name="tiers and scores",
        columns=[
            TaskSamplesColumn(id="sampleId"),
            TaskSamplesColumn(id="input"),
            *(TaskSamplesColumn.score(name) for name in SCORERS),
            *(TaskSamplesColumn.score(name, visible=False) for name in OTHERS),
            *(TaskSamplesColumn(id=name, visible=False) for name in ("target", "answer", "tokens", "duration")),
        ],
        score_labels={"alignment_faking": "AF reasoning"} | {name: name.replace("_", " ") for name in MOTIVES},
        score_color_scales={
            "outcome": OUTCOME_COLOURS,
            "compliance": ScoreColorScale(palette="neutral", min=0, max=1),
            "alignment_faking": ScoreColorScale(palette="good-low", min=0, max=1),
            **{name: ScoreColorScale(palette="neutral", min=0, max=1) for name in MOTIVES},
        },
        color_scales_enabled=True,
    )
)
