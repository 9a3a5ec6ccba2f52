"""What is known of how much a run measured, how its graders did and how models were called, as columns of results."""

from collections.abc import Iterator

from analysis.reading.generation_options import GRADER, UNRECORDED, UNSET, others
from analysis.summary.run_summary import ROLES, Summary
from experiment.replies.data_quality import Graders
from experiment.replies.remedies import LABELS

TEMPERATURE = "temperature"
NOTED = {
    "no_scratchpad": "replies without private reasoning",
    "native_reasoning": "replies with reasoning in another form than was asked for",
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

Named = tuple[str, int | str | bool | None, str]
"""A column's name, its value in a run, and what it means."""


def options(summary: Summary) -> Iterator[Named]:
    """Return how the models were called: temperatures, the other options, and whether a model judged itself."""
    subject, *graders = summary.health.options
    whose = {"": [subject], f"{GRADER}_": graders}
    for prefix, called in whose.items():
        temperatures = [str(each.given.get(TEMPERATURE, UNSET)) for each in called]
        more = [others(each, [TEMPERATURE]) for each in called]
        of = "each grader" if prefix else "the model under test"
        meaning = f"temperature of {of}; `{UNSET}`: its provider's default"
        yield f"{prefix}{TEMPERATURE}", "; ".join(temperatures) or UNRECORDED, meaning
        yield (
            f"{prefix}options",
            "; ".join(more) or UNRECORDED,
            f"other generation options of {of}",
        )
    yield "grades_itself", summary.model in summary.health.graders, "whether the model under test is also a grader"


def lost(summary: Summary) -> Iterator[Named]:
    """Return how many replies were not measured and why, in which forms reasoning came, and how the graders did."""
    health = summary.health
    for role, tier in zip(ROLES, summary.tiers, strict=True):
        yield f"replies_{role}", health.replies.get(tier, 0), f"replies with an outcome, {role} tier"
        found, forms = health.lost(tier), health.forms.get(tier)
        for reason, label in LABELS.items():
            yield f"lost_{reason}_{role}", found.get(reason, 0), f"replies not measured, {role} tier: {label}"
        for name, meaning in NOTED.items():
            yield f"{name}_{role}", health.number_of(name, tier), f"{meaning}, {role} tier"
        listed = UNRECORDED if forms is None else "; ".join(f"{form} {number}" for form, number in forms.items())
        yield f"forms_{role}", listed, f"forms in which private reasoning came, to their number, {role} tier"
    for name in Graders._fields:
        yield f"{GRADER}_{name}", getattr(health.quality.graders, name, None), OF_GRADERS[name]
