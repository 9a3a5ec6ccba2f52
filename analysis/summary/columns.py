"""One run's numbers as named facts, each with its meaning: the columns of `results.csv` and `results.json`."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from analysis.reading.generation_options import GRADER, UNRECORDED, UNSET, others
from analysis.reading.reply_table import COMPLIANCE, FAKING
from analysis.summary.decomposition import MEANS, Breakdown
from analysis.summary.run_summary import ROLES, Summary
from experiment.replies.data_quality import Graders
from experiment.replies.malformed_reasons import LABELS
from experiment.statistics.gap import Rate
from experiment.statistics.grader_error_correction import Correction

UNITS = {
    "estimate": "estimate, a share",
    "low": "lower 95% limit",
    "high": "upper 95% limit",
    "stderr": "standard error",
    "p": "two-sided p-value, not corrected for the number of tests",
    "p_exact": "exact McNemar p-value",
    "pairs": "complete pairs",
    "queries": "queries with a complete pair",
    "unpaired": "measured replies without a partner",
    "wordings": "wordings with a complete pair",
    "epochs": "most complete epochs of a query in a wording",
    "both": "pairs in which both tiers complied",
    "only_first": "pairs in which only the first tier complied",
    "only_second": "pairs in which only the second tier complied",
    "neither": "pairs in which neither tier complied",
    "correlation": "correlation between the tiers",
    "spread": "standard deviation between the wordings' gaps, sampling error included",
    "method": "method of the interval",
    "estimand": "what the interval speaks of",
    "measured": "replies that it rests on",
    "missing": "replies without a value",
    "effective": "effective number of replies",
    "value": "estimate, a share",
    "refused": "why there is no correction",
    "ci_low": "lower end of the bounds' 95% interval",
    "ci_high": "upper end of the bounds' 95% interval",
    "margin": "margin, a share",
    "claimed": "whether the gap is shown to lie within the margin",
    "possible": "whether this many pairs would mostly have shown it",
    "needed": "queries for 80% power at the margin",
    "reason": "why",
}
BOUNDS = {**UNITS, "low": "smallest gap that they allow", "high": "largest gap that they allow"}
NINETY = {**UNITS, "low": "lower 90% limit", "high": "upper 90% limit"}

TEMPERATURE = "temperature"
COUNTED = {
    "no_scratchpad": "replies without private reasoning",
    "native_reasoning": "replies with reasoning in another form than was asked for",
    "hidden_reasoning": "replies with reasoning that the provider shows nobody",
    "echoed_tags": "replies whose answer held the tier's own tag, which was masked for the grader",
}
OF_GRADERS = {
    "calls": "calls of the graders",
    "asked_again": "grader answers that were asked for again",
    "unsupported": "criteria that a grader called met without a valid quotation, still so after asking again",
    "refused": "votes that the grader's provider refused",
    "failed": "votes of graders that failed, those refused included",
    "cut": "replies of which a grader was shown only a part",
}

Value = float | int | str | bool | None


class Fact(NamedTuple):
    """A named number or word of a run, and what it means."""

    name: str
    value: Value
    meaning: str


def facts_of(summary: Summary, breakdown: Breakdown) -> list[Fact]:
    """Return all that is known of a run; shares are in [0, 1] and gaps in [-1, 1].

    Returns:
        The facts, in the order of the columns; which there are depends on the setting's contrasts, the definitions
        and the motives that were graded.
    """
    return [
        *_identity(summary),
        *_called(summary),
        *_headline(summary),
        *_lost(summary),
        *_grades(summary),
        *_parts(summary, breakdown),
    ]


def _identity(summary: Summary) -> Iterator[Fact]:
    looks = summary.stopped.looks if summary.stopped else []
    named: dict[str, tuple[Value, str]] = {
        "run": (summary.number, "number of the run in this report"),
        "model": (summary.model, "model under test"),
        "served": (summary.served, "names under which the provider answered"),
        "grader": (summary.grader, "grading model or models"),
        "faking_by": (summary.faking_by, "rubric and votes on alignment-faking reasoning"),
        "setting": (summary.setting, "setting"),
        "condition": (summary.condition, "variants, and the queries where they are not the setting's own"),
        "wording": (summary.wording, "wording, or `ensemble` or `all`"),
        "scratchpad": (summary.scratchpad, "scratchpad mode"),
        "simulated": (summary.simulated, "whether a stand-in model took part: then it is a dry run"),
        "tier_trained": (summary.tiers[0], "the first tier of the main contrast"),
        "tier_untrained": (summary.tiers[1], "the second tier of the main contrast"),
        "grading": (summary.grading, "which grading of the log this is"),
        "logs": (" ".join(part.path for part in summary.parts), "the logs"),
        "status": (" ".join(part.status for part in summary.parts), "how each log ended"),
        "held": (sum(part.held for part in summary.parts), "samples with an outcome"),
        "planned": (sum(part.planned for part in summary.parts), "samples that there were to be, without the skipped"),
        "errored": (sum(part.errored for part in summary.parts), "samples that ended in an error of their own"),
        "absent": (sum(part.absent for part in summary.parts), "samples under way at the end of a run, or not begun"),
        "skipped": (sum(part.skipped for part in summary.parts), "samples that an early stop made superfluous"),
        "stopped": (summary.stopped.reason if summary.stopped else "", "why the run could end early"),
        "repeated_low": (looks[-1].low if looks else None, "lower limit that allows for looks, at the last of them"),
        "repeated_high": (looks[-1].high if looks else None, "upper limit that allows for looks, at the last of them"),
    }
    yield from (Fact(name, *each) for name, each in named.items())


def _called(summary: Summary) -> Iterator[Fact]:
    """Return how the models were called: temperatures, the other options, and whether a model judged itself."""
    subject, *graders = summary.health.options
    whose = {"": [subject], f"{GRADER}_": graders}
    for prefix, called in whose.items():
        temperatures = [str(each.given.get(TEMPERATURE, UNSET)) for each in called]
        more = [others(each, [TEMPERATURE]) for each in called]
        of = "each grader" if prefix else "the model under test"
        meaning = f"temperature of {of}; `{UNSET}`: its provider's default"
        yield Fact(f"{prefix}{TEMPERATURE}", "; ".join(temperatures) or UNRECORDED, meaning)
        yield Fact(f"{prefix}options", "; ".join(more) or UNRECORDED, f"other generation options of {of}")
    yield Fact(
        "grades_itself", summary.model in summary.health.graders, "whether the model under test is also a grader"
    )


def _lost(summary: Summary) -> Iterator[Fact]:
    """Return how many replies were not measured and why, in which forms reasoning came, and how the graders did."""
    health = summary.health
    for role, tier in zip(ROLES, summary.tiers, strict=True):
        yield Fact(f"replies_{role}", health.replies.get(tier, 0), f"replies with an outcome, {role} tier")
        found, forms = health.lost(tier), health.forms.get(tier)
        for reason, label in LABELS.items():
            yield Fact(f"lost_{reason}_{role}", found.get(reason, 0), f"replies not measured, {role} tier: {label}")
        for name, meaning in COUNTED.items():
            yield Fact(f"{name}_{role}", health.number_of(name, tier), f"{meaning}, {role} tier")
        listed = UNRECORDED if forms is None else "; ".join(f"{form} {number}" for form, number in forms.items())
        yield Fact(f"forms_{role}", listed, f"forms in which private reasoning came, to their number, {role} tier")
    for name in Graders._fields:
        yield Fact(f"{GRADER}_{name}", getattr(health.quality.graders, name, None), OF_GRADERS[name])


def _headline(summary: Summary) -> Iterator[Fact]:
    for role, share in zip(ROLES, summary.coverage, strict=True):
        yield Fact(f"coverage_{role}", share, f"share of replies with a value, {role} tier")
    yield from _by_role("rates", "compliance", summary.rates)
    yield from _spread("gap", f"main contrast ({summary.contrast})", summary.gap)
    for name, gap in summary.contrasts.items():
        yield from _spread(name, f"contrast {name}", gap)
    yield from _spread("bounds", "worst-case bounds of the gap for missing replies", summary.bounds, BOUNDS)
    yield from _spread("equivalence", "no gap within a margin", summary.equivalence, NINETY)
    yield Fact("detectable", summary.detectable, "smallest gap that this many pairs would have shown with 80% power")


def _grades(summary: Summary) -> Iterator[Fact]:
    yield from _by_role("faking", "alignment-faking reasoning", summary.faking)
    for name, definition in summary.definitions.items():
        yield from _by_role(name, f"compliance by the definition {name}", definition.rates)
        yield from _spread(f"{name}_gap", f"gap by the definition {name}", definition.gap)
    for two in summary.disagreements:
        yield Fact(f"{two.first}_vs_{two.second}", two.share, "share of answers that both definitions take differently")
    for name, rates in summary.motives.items():
        yield from _by_role(name, summary.means.get(name, name), rates)
    for score, alpha in summary.alpha.items():
        yield Fact(f"alpha_{score}", alpha, f"Krippendorff's alpha of the panel on {score}")
    for score, each in summary.validations.items():
        yield Fact(
            f"validated_{score}", each.problem or "yes", f"whether a calibration record fits the grader of {score}"
        )
    yield from _corrected("gap", summary.validations[COMPLIANCE].gap(summary.gap))
    for role, rate in zip(ROLES, summary.faking, strict=True):
        yield from _corrected(f"faking_{role}", summary.validations[FAKING].rate(rate))


def _parts(summary: Summary, breakdown: Breakdown) -> Iterator[Fact]:
    for role, tier in zip(ROLES, summary.tiers, strict=True):
        for share, value in breakdown.shares[tier].items():
            yield Fact(f"share_{share}_{role}", value, f"share of replies, {role} tier: {MEANS[share]}")
    yield from _by_role("faking_if_complied", "alignment-faking reasoning among compliant replies", breakdown.compliant)
    yield from _spread("gap_without_faking", "gap over pairs without alignment-faking reasoning", breakdown.without)
    for what, gaps in (("category", breakdown.categories), ("suspicion", breakdown.suspicion)):
        for name, gap in gaps.items():
            yield from _spread(f"gap_{what}_{name.replace(' ', '_')}", f"gap, {what} {name}", gap)
    for wording, alone in breakdown.wordings.items():
        yield from _spread(f"gap_wording_{wording}", f"gap in the wording {wording}", alone)


def _by_role(name: str, meaning: str, rates: tuple[Rate, Rate]) -> Iterator[Fact]:
    for role, rate in zip(ROLES, rates, strict=True):
        yield from _spread(f"{name}_{role}", f"{meaning}, {role} tier", rate)


def _corrected(name: str, correction: Correction | None) -> Iterator[Fact]:
    if correction:
        yield from _spread(f"{name}_corrected", f"{name} without the grader's errors", correction)


def _spread(name: str, meaning: str, found: NamedTuple, units: Mapping[str, str] = UNITS) -> Iterator[Fact]:
    for field, value in found._asdict().items():
        yield Fact(f"{name}_{field}", value, f"{meaning}: {units[field]}")
