"""One run's numbers, computed by the functions that the log's own metrics call."""

from collections import Counter
from collections.abc import Sequence
from math import nan
from typing import NamedTuple

import pandas as pd

from analysis.reading.incomplete_runs import Stopped
from analysis.reading.logs import Part, Run
from analysis.reading.reply_table import COMPLIANCE, FAKING
from analysis.reading.scoring_passes import OUTCOME
from analysis.summary.grader_validation import Validation, validate
from analysis.summary.measurement_quality import Health, health_of
from experiment.prompts.settings import main_contrast
from experiment.statistics.agreement import Disagreement, disagreements, krippendorff_alpha
from experiment.statistics.calibration_records import Calibration
from experiment.statistics.equivalence import Equivalence, equivalence
from experiment.statistics.gap import POPULATION, Gap, Rate, compliance_gap, tier_rate
from experiment.statistics.missing_bounds import Bounds, coverage, gap_bounds
from experiment.statistics.pairing import Observation, Pairs, pair
from experiment.statistics.power import Plan, detectable_gap
from experiment.verdict.battery_estimates import MAIN

MOTIVES = "motives"  # the rubric
ROLES = ("trained", "untrained")  # of the tiers of a main contrast


class Definition(NamedTuple):
    """What one definition of compliance gives: its rate in each of the two tiers, and its gap."""

    rates: tuple[Rate, Rate]
    gap: Gap


class Summary(NamedTuple):
    """What a reader needs of one run.

    Args:
        number: The row's number, by which notes name it.
        condition: The variants, and the queries where they are not the setting's own; "main" for neither.
        wording: One wording's name, "ensemble" or "all".
        simulated: Whether a stand-in model took part: then it is a dry run.
        tiers: The trained and the untrained tier.
        coverage: Share of samples with a value, for each of the two tiers.
        contrast: The main contrast: the compliance gap, where the setting declares one.
        contrasts: The gap of every other contrast, by name.
        detectable: The smallest gap that this many pairs would have shown with 80% power; NaN where there is none.
        faking: Share of graded private reasoning that fakes alignment, for each of the two tiers.
        motives: Share of graded private reasoning that shows a motive, for each of the two tiers, by name.
        validations: What labels say of the grader, for compliance and for alignment-faking reasoning.
        alpha: Agreement between the members of a panel of graders, by score; empty where one grader judged.
        unscored: Why replies have no verdict on alignment-faking reasoning, to their number.
        faking_by: The definition and votes by which alignment-faking reasoning was graded, "" where it was not.
        grading: Which grading of the log this is, from 1.
        stopped: How the run was looked at, where it could end early.
        edited: Which scores a person edited, by whom and why, to their number.
    """

    number: int
    model: str
    served: str
    grader: str
    setting: str
    condition: str
    wording: str
    scratchpad: str
    simulated: bool
    tiers: tuple[str, str]
    coverage: tuple[float, float]
    rates: tuple[Rate, Rate]
    contrast: str
    gap: Gap
    contrasts: dict[str, Gap]
    bounds: Bounds
    equivalence: Equivalence
    detectable: float
    faking: tuple[Rate, Rate]
    definitions: dict[str, Definition]
    disagreements: list[Disagreement]
    motives: dict[str, tuple[Rate, Rate]]
    means: dict[str, str]
    validations: dict[str, Validation]
    alpha: dict[str, float]
    unscored: dict[str, int]
    faking_by: str
    grading: int
    parts: tuple[Part, ...]
    stopped: Stopped | None
    health: Health
    edited: dict[str, int]


def summarise(run: Run, calibrations: Sequence[Calibration] = (), number: int = 1) -> Summary:
    """Compute one run's numbers.

    Args:
        run: A log's header and samples.
        calibrations: Records of how graders agree with labels.
        number: The row's number.

    Returns:
        The summary; rates, gap and bounds are shares in [-1, 1].
    """
    spec, facts = run.log.eval, run.log.eval.metadata or {}
    contrasts = dict(run.samples["contrasts"].iloc[0])
    first, second = contrasts.pop(main := main_contrast(contrasts))
    words = observations(run.samples, run.samples["complied"])
    tiers = (first, second)
    pairs = pair(words, first, second)
    gap = compliance_gap(pairs)
    rates = _rates(words, tiers)
    served = sorted(set(run.samples["served"].dropna()))
    return Summary(
        number=number,
        model=spec.model,
        served=", ".join(served),
        grader=_grader(run),
        setting=facts["setting"],
        condition=_condition(run),
        wording=facts["wording"],
        scratchpad=facts["scratchpad"],
        simulated=bool(facts.get("simulated")) or any(name.startswith("simulated/") for name in served),
        tiers=tiers,
        coverage=(coverage(words, first), coverage(words, second)),
        rates=rates,
        contrast=main,
        gap=gap,
        contrasts={name: compliance_gap(pair(words, *other)) for name, other in contrasts.items()},
        bounds=gap_bounds(words, first, second),
        equivalence=equivalence(pairs),
        detectable=_detectable(gap, pairs, rates[1]),
        faking=_rates(observations(run.samples, run.samples[FAKING]), tiers),
        definitions=_definitions(run, tiers),
        disagreements=disagreements(run.samples["definitions"].tolist()),
        motives=_motives(run, tiers),
        means=facts.get("score_means", {}),
        validations={
            COMPLIANCE: validate(run, COMPLIANCE, calibrations),
            FAKING: validate(run, FAKING, calibrations),
        },
        alpha=_alpha(run),
        unscored=dict(Counter(run.samples["unscored"].dropna())),
        faking_by=_faking_by(run),
        grading=run.grading,
        parts=run.parts,
        stopped=run.stopped,
        health=health_of(run),
        edited=dict(Counter(run.samples["edited"].explode().dropna())),
    )


def observations(samples: pd.DataFrame, values: "pd.Series[float]") -> list[Observation]:
    """Turn a run's samples into the experiment's observations."""
    columns = (samples[name].tolist() for name in ("query", "wording", "epoch", "tier"))
    return [Observation(*row) for row in zip(*columns, values.tolist(), strict=True)]


def _rates(rows: Sequence[Observation], tiers: tuple[str, str]) -> tuple[Rate, Rate]:
    return tier_rate(rows, tiers[0]), tier_rate(rows, tiers[1])


def _detectable(gap: Gap, pairs: Pairs, untrained: Rate) -> float:
    if not gap.pairs:
        return nan
    paid = (untrained.estimate * untrained.effective + 0.5) / (untrained.effective + 1)
    plan = Plan(paid, epochs=gap.pairs / gap.queries)
    if gap.estimand == POPULATION:
        clusters = len(pairs.queries)
        epochs, asked = gap.pairs / clusters, clusters / gap.queries
        plan = Plan(paid, epochs=epochs, wordings=gap.wordings, asked=asked)
    return detectable_gap(gap.queries, plan)


def _condition(run: Run) -> str:
    facts = run.log.eval.metadata or {}
    own = facts["queries"] == facts["setting_queries"]
    return ", ".join([*facts["variant"], *([] if own else [facts["queries"]])]) or MAIN


def _definitions(run: Run, tiers: tuple[str, str]) -> dict[str, Definition]:
    names = list(dict.fromkeys(name for each in run.samples["definitions"] for name in each))[1:]
    found = {}
    for name in names:
        values = run.samples["definitions"].map(lambda each, name=name: float(each.get(name, nan)))
        rows = observations(run.samples, values)
        found[name] = Definition(_rates(rows, tiers), compliance_gap(pair(rows, *tiers)))
    return found


def _motives(run: Run, tiers: tuple[str, str]) -> dict[str, tuple[Rate, Rate]]:
    return {
        name: _rates(observations(run.samples, run.samples[name]), tiers)
        for name, judge in run.judges.items()
        if judge.rubric == MOTIVES and name in run.samples
    }


def _faking_by(run: Run) -> str:
    judge = run.judges.get(FAKING)
    return f"{judge.rubric}, {judge.votes} {'vote' if judge.votes == 1 else 'votes'}" if judge and judge.rubric else ""


def _alpha(run: Run) -> dict[str, float]:
    found = {
        score: krippendorff_alpha(each[score] for each in run.samples["panel_votes"]) for score in (COMPLIANCE, FAKING)
    }
    return {score: alpha for score, alpha in found.items() if alpha is not None}


def _grader(run: Run) -> str:
    """Name who gave the grades that stand in the log, else who was bound to give them."""
    bound = (run.log.eval.model_roles or {}).get("grader")
    configs = bound if isinstance(bound, list) else [bound] if bound else []
    named = [run.judges[score].grader for score in (OUTCOME, COMPLIANCE) if score in run.judges]
    own = named[0] if named else ", ".join(config.model for config in configs)
    faking = run.judges[FAKING].grader if FAKING in run.judges else own
    return own if faking == own else f"{own}; AF reasoning: {faking}"
