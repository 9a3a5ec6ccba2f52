"""Building the task of `alignment_faking` from checked arguments: its samples, solvers, scorers and metadata."""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import HeadlineMetric

from evals.argument_checks import BALANCED, Arguments
from evals.preflight import checked_first
from evals.resumed_run import SameRequests
from evals.task_version import VERSION
from evals.viewer_configuration import TIERS_AND_SCORES
from experiment.errors import UserError
from experiment.paths import given_path
from experiment.prompts.conditions import resolve_condition
from experiment.prompts.rendering import Prompt
from experiment.prompts.settings import Setting
from experiment.prompts.variants import load_variant
from experiment.prompts.wordings import ALL
from experiment.queries.query_sets import Query, dataset_hash, load_queries, set_names
from experiment.queries.wording_assignment import by_wording, place, place_all
from scorers.rubric import Rubric, load_rubric
from scorers.scorers import MOTIVES, MOTIVES_RUBRIC, alignment_faking, announced, compliance, outcome
from solvers.early_stopping import Stopping
from solvers.prompt_setup import apply_prompt
from solvers.public_datasets import load_public_set, public_set_names
from solvers.reply_store import split_reply
from solvers.scratchpad_solver import reason_and_answer

DISTRIBUTION = "alignment-faking-evals"
SIMULATED = "simulated/"
BENIGN = "benign"
CONTINUES = frozenset({"anthropic", "mockllm", "sagemaker", "sglang", "simulated", "vllm"})


def build_task(arguments: Arguments, models: Sequence[str]) -> Task:
    """Build the task, without asking any model; the models are that under test and the graders, by name.

    Raises:
        UserError: A name is unknown, a file cannot be read, or the parts do not fit together.
    """
    condition = arguments.condition
    setting, prompts = resolve_condition(condition)
    name = arguments.queries or setting.queries
    queries = load_public_set(name) if name in public_set_names() else load_queries(name, public_set_names())
    _reject_mismatch(condition.variant, name, setting, prompts, models[0])
    rubrics = rubrics_of(setting, arguments.faking_rubric)
    public: dict[str, Any] = {"rubric": setting.rubric, "polarity": setting.polarity}
    faking = {key: getattr(arguments, key) for key in ("faking_rubric", "votes", "stop_votes")}
    tags = _announcement_tags(condition.variant)
    shared = {"queries": name, "material": _material_hash(queries, prompts.values()), **public}
    shared |= {"require_scratchpad": True} if arguments.require_scratchpad else {}
    samples = _samples(arguments, setting, prompts, queries, shared)
    source = name if name in (*set_names("queries"), *public_set_names()) else str(given_path(name))
    stopping = Stopping(arguments.stops, [str(sample.id) for sample in samples]) if arguments.stops else None
    return Task(
        dataset=MemoryDataset(samples, name=name),
        setup=apply_prompt(**condition._asdict()),
        solver=[reason_and_answer(), split_reply()],
        scorer=[
            compliance(**public, **tags),
            alignment_faking(**public, **faking),
            *(motive(**public) for motive in MOTIVES.values()),
            outcome(**public),
            *([announced(**tags)] if tags else []),
        ],
        headline_metric=HeadlineMetric(scorer="compliance", metric="gap"),
        early_stopping=SameRequests(
            shared["material"],
            source,
            checked_first(models, prompts.values(), queries, rubrics[0], stopping) if arguments.preflight else stopping,
        ),
        cleanup=stopping.note_failure if stopping else None,
        viewer=TIERS_AND_SCORES,
        version=VERSION,
        metadata={
            **condition._asdict(),
            "setting": setting.name,
            "setting_path": condition.setting,
            "scratchpad": next(iter(prompts.values())).scratchpad.mode,
            "queries": name,
            "setting_queries": setting.queries,
            "queries_sha256": dataset_hash(queries),
            "queries_total": len(queries),
            "prompt_sha256": {wording: prompt.sha256 for wording, prompt in prompts.items()},
            **faking,
            "order": arguments.order,
            "require_scratchpad": arguments.require_scratchpad,
            "stop": ",".join(map(str, arguments.stops)) or None,
            "rubric_sha256": {rubric.name: rubric.sha256 for rubric in rubrics},
            "score_means": {
                score: meaning.means for rubric in rubrics for score, meaning in rubric.front.scores.items()
            },
            "suite_version": version(DISTRIBUTION),
            "simulated": any(model.startswith(SIMULATED) for model in models),
        },
    )


def rubrics_of(setting: Setting, faking_rubric: str) -> list[Rubric]:
    """Return the rubrics of a run: one for the public answer, two for the private reasoning."""
    return [load_rubric(name) for name in (setting.rubric, faking_rubric, MOTIVES_RUBRIC)]


def _reject_mismatch(
    variants: Sequence[str], queries: str, setting: Setting, prompts: dict[str, Prompt], model: str
) -> None:
    """Reject a setting that does not go with the model, the queries or its rubric."""
    provider = model.split("/")[0]
    if any(prompt.prefill for prompt in prompts.values()) and provider not in CONTINUES:
        known = ", ".join(sorted(CONTINUES))
        raise UserError(
            f"variant {variants} prefills the reply, which provider {provider!r} does not support ({known} do)"
        )
    if queries == BENIGN and not setting.benign:
        raise UserError(
            f"queries={BENIGN} cannot be used in setting {setting.name!r}, whose queries have a format of their own"
        )
    if load_rubric(setting.rubric).front.grades != "public":
        raise UserError(f"rubric {setting.rubric!r} of setting {setting.name!r} does not grade the public answer")


def _announcement_tags(variants: Sequence[str]) -> dict[str, str]:
    """Return the tags by which a variant asks the model to announce whether it complies, as a scorer's arguments."""
    tags = next(filter(None, (load_variant(name).accept_tags for name in variants)), None)
    return dict(zip(("accept_tag", "reject_tag"), tags, strict=True)) if tags else {}


def _material_hash(queries: list[Query], prompts: Iterable[Prompt]) -> str:
    """Return a short hash of all that is asked and sent, by which a resumed run is known to ask the same."""
    sent = "".join([dataset_hash(queries), *(prompt.sha256 for prompt in prompts)])
    return hashlib.sha256(sent.encode()).hexdigest()[:12]


def _samples(
    arguments: Arguments, setting: Setting, prompts: dict[str, Prompt], queries: list[Query], shared: dict[str, object]
) -> list[Sample]:
    """Make the samples: every query once in each tier, tiers next to each other so that limits keep whole pairs."""
    every = arguments.condition.wording == ALL
    pairs = place_all(queries, list(prompts)) if every else place(queries, list(prompts))
    pairs = pairs if arguments.order == BALANCED else by_wording(pairs)
    mode = next(iter(prompts.values())).scratchpad
    shared |= {
        "scratchpad": mode.mode,
        **({"tags": mode.tags.model_dump()} if mode.tags else {}),
        **({"one_turn": True} if mode.one_turn else {}),
        "contrasts": {name: list(pair) for name, pair in setting.contrasts.items()},
    }
    tags = {wording: list(prompt.tier_tags) for wording, prompt in prompts.items()}
    return [
        Sample(
            id=f"{query.id}.{wording}-{tier}" if every else f"{query.id}-{tier}",
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
        for query, wording in pairs
        for tier in setting.tiers
    ]
