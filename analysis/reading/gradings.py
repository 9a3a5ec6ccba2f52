"""The gradings of a log: which scores one pass of the scorers gave, by whom, and a row for each reply."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from analysis.reading.summaries import SampleSummary, Scored, Usage
from experiment.replies.outcomes import value_of
from experiment.replies.reply_counts import FORM, MALFORMED, OF_GRADERS, SEEN
from experiment.statistics.calibration import Judge

OUTCOME, COMPLIANCE, FAKING, SUSPICION = "outcome", "compliance", "alignment_faking", "test_suspicion"
NEEDED = (COMPLIANCE, FAKING, SUSPICION)
NOTED = (MALFORMED, FORM, *SEEN, *OF_GRADERS)
SAMPLE = ("query", "wording", "category", "tier", "contrasts", "material")

Grading = dict[str, str]
"""Scorer to the name of its score in the log: `compliance1` where the log was graded again."""


def gradings(summaries: list[SampleSummary]) -> list[Grading]:
    """Sort the scores of a log by the passes that gave them.

    Inspect appends the scores of a pass together, in the order of its scorers, so one that does not come after the last
    begins another pass. A later pass takes over the scores that it did not give itself.

    Args:
        summaries: The log's samples.

    Returns:
        The passes, oldest first; one without scores where the log has none.
    """
    given = dict.fromkeys(name for summary in summaries for name in summary.scores or {})
    passes: list[Grading] = [{}]
    order: dict[str, int] = {}
    for name in given:
        scorer = _scorer_of(name, given)
        order.setdefault(scorer, len(order))
        if passes[-1] and order[scorer] <= max(order[each] for each in passes[-1]):
            passes.append({})
        passes[-1][scorer] = name
    return [passes[0], *({**passes[0], **again} for again in passes[1:])]


def judges(summaries: list[SampleSummary], grading: Grading) -> dict[str, Judge]:
    """Return who gave each score of a grading; a scorer that graded nothing is absent."""
    noted = {scorer: _about_judge(summaries, name) for scorer, name in grading.items()}
    # Of scores that share a call, the first says who judged; the others name it.
    found = {scorer: noted.get(str(each.get("with", scorer)), {}) for scorer, each in noted.items()}
    return {scorer: _judge(each) for scorer, each in found.items() if each.get("grader")}


def replies(summaries: list[SampleSummary], grading: Grading) -> pd.DataFrame:
    """Tabulate the replies of a log in one grading.

    Args:
        summaries: The samples with an outcome.
        grading: The grading.

    Returns:
        A row for each sample and epoch: what the sample's metadata say of it, its outcome and its value `complied`,
        the served model, what the scorer `outcome` noted under `NOTED`, the definitions' verdicts, why there is no
        verdict on alignment faking, the votes' share, whether the reasoning knows what refusing leads to and whether
        verdicts differ, the verdicts of a panel's members, tokens and cost, and a column for each scorer with numbers,
        NaN where unscored.
    """
    table = pd.DataFrame([_row(summary, grading) for summary in summaries])
    absent = [name for name in NEEDED if name not in table]
    return table.assign(**dict.fromkeys(absent, float("nan")))


def _scorer_of(name: str, names: Collection[str]) -> str:
    """Return the scorer behind a score's name, to which Inspect adds a running number when a log is graded again."""
    plain = name.rstrip("0123456789")
    return plain if plain in names else name


def _about_judge(summaries: list[SampleSummary], name: str) -> dict[str, Any]:
    """Return what the first score of that name with a judge, or with another score's, says of it."""
    noted = [(summary.scores or {})[name].metadata or {} for summary in summaries if name in (summary.scores or {})]
    return next((each for each in noted if each.get("grader") or each.get("with")), {})


def _judge(noted: dict[str, Any]) -> Judge:
    return Judge(
        noted["grader"],
        noted.get("settings", ""),
        noted.get("rubric", ""),
        noted.get("rubric_sha256", ""),
        noted.get("votes", 1),
    )


def _row(summary: SampleSummary, grading: Grading) -> dict[str, Any]:
    given = summary.scores or {}
    scores = {scorer: given[name] for scorer, name in grading.items() if name in given}
    word, graded, faking = scores.get(OUTCOME, given[OUTCOME]), scores.get(COMPLIANCE), scores.get(FAKING)
    return {
        "sample": summary.id,
        "epoch": summary.epoch,
        **{name: summary.metadata[name] for name in SAMPLE},
        OUTCOME: word.value,
        "complied": value_of(word.value),
        "served": _noted(word, "served"),
        "noted": {name: value for name in NOTED if (value := _noted(word, name)) is not None},
        "definitions": _noted(graded, "definitions") or {},
        "unscored": faking.reason if faking else None,
        "vote_share": _noted(faking, "vote_share"),
        "knows_consequence": bool(_noted(faking, "knows_consequence")),
        "disputed": _disputed(graded, faking),
        "panel": {COMPLIANCE: _panel(word), FAKING: _panel(faking)},
        **_usage(summary),
        **{name: float(score.value) for name, score in scores.items() if isinstance(score.value, int | float)},
    }


def _noted(score: Scored | None, name: str) -> Any:  # noqa: ANN401 - a score's metadata may hold anything
    return (score.metadata or {}).get(name) if score else None


def _panel(score: Scored | None) -> list[float]:
    """Return the verdicts of a panel's members on a reply, without those that gave none."""
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
