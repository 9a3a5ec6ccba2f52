"""A table of a log's replies: a row for each, with what one pass of the scorers gave it."""

from typing import Any

import pandas as pd

from analysis.reading.log_metadata import SampleMetadata
from analysis.reading.sample_summaries import SampleSummary, Scored, Usage, edited_by
from analysis.reading.scoring_passes import OUTCOME, Grading
from experiment.replies.outcomes import settled, value_of
from experiment.replies.reply_counts import FORM, MALFORMED, OF_GRADERS, SEEN

COMPLIANCE, FAKING, SUSPICION = "compliance", "alignment_faking", "test_suspicion"
NEEDED = (COMPLIANCE, FAKING, SUSPICION)
NOTED = (MALFORMED, FORM, *SEEN, *OF_GRADERS)


def replies(summaries: list[SampleSummary], grading: Grading) -> pd.DataFrame:
    """Tabulate the replies of a log in one grading.

    Args:
        summaries: The samples with an outcome.
        grading: The grading.

    Returns:
        A row for each sample and epoch: what the sample's metadata say of it, its outcome and its value `complied`,
        which scores a person edited, the served model, what the scorer `outcome` noted under `NOTED`, the definitions'
        verdicts, why there is no verdict on alignment faking, the votes' share, whether the reasoning knows what
        refusing leads to and whether verdicts differ, the verdicts of a panel's members, tokens and cost, and a column
        for each scorer with numbers, NaN where unscored.
    """
    table = pd.DataFrame([_row(summary, grading) for summary in summaries])
    absent = [name for name in NEEDED if name not in table]
    return table.assign(**dict.fromkeys(absent, float("nan")))


def _row(summary: SampleSummary, grading: Grading) -> dict[str, Any]:
    asked = SampleMetadata.model_validate(summary.metadata)
    given = summary.scores or {}
    scores = {scorer: given[name] for scorer, name in grading.items() if name in given}
    word, graded, faking = scores.get(OUTCOME, given[OUTCOME]), scores.get(COMPLIANCE), scores.get(FAKING)
    decided = settled(word.value, _number(graded)) if graded else word.value
    return {
        "sample": summary.id,
        "epoch": summary.epoch,
        **asked.model_dump(),
        OUTCOME: decided,
        "complied": value_of(decided),
        "edited": [f"{scorer} by {edited_by(score.history)}" for scorer, score in scores.items() if score.history],
        "served": _noted(word, "served"),
        "noted": {name: value for name in NOTED if (value := _noted(word, name)) is not None},
        "definitions": _noted(graded, "definitions") or {},
        "unscored": faking.reason if faking else None,
        "vote_share": _noted(faking, "vote_share"),
        "knows_consequence": bool(_noted(faking, "knows_consequence")),
        "disputed": _disputed(graded, faking),
        "panel_votes": {COMPLIANCE: _panel_votes(word), FAKING: _panel_votes(faking)},
        **_usage(summary),
        **{name: float(score.value) for name, score in scores.items() if isinstance(score.value, int | float)},
    }


def _number(score: Scored) -> float:
    return float(score.value) if isinstance(score.value, int | float) else float("nan")


def _noted(score: Scored | None, name: str) -> Any:  # noqa: ANN401 - a score's metadata may hold anything
    return (score.metadata or {}).get(name) if score else None


def _panel_votes(score: Scored | None) -> list[float]:
    """Return the verdicts of a panel's members, without those that gave none."""
    return [float(value) for _, value in _noted(score, "panel") or [] if value is not None]


def _disputed(graded: Scored | None, faking: Scored | None) -> bool:
    """Tell whether definitions of compliance or members of a panel differ, or enough votes say yes against a no."""
    verdicts = [list((_noted(graded, "definitions") or {}).values())]
    verdicts += [[value for _, value in _noted(score, "panel") or []] for score in (graded, faking)]
    return any(len(set(each)) > 1 for each in verdicts) or bool(_noted(faking, "possible"))


def _usage(summary: SampleSummary) -> dict[str, float | int | None]:
    """Sum the tokens of the model under test and of the graders; costs are known where Inspect was given prices."""
    total, roles = _total(summary.model_usage), _total(summary.role_usage)
    graders = {f"grader_{name}": value for name, value in roles.items()}
    own = {name: None if value is None else value - (roles[name] or 0) for name, value in total.items()}
    return {**own, **graders}


def _total(usages: dict[str, Usage]) -> dict[str, Any]:
    costs = [usage.total_cost for usage in usages.values() if usage.total_cost is not None]
    return {
        "input_tokens": sum(usage.input_tokens for usage in usages.values()),
        "output_tokens": sum(usage.output_tokens for usage in usages.values()),
        "cost": sum(costs) if costs else None,
    }
