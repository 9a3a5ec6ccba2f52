"""From a grading to what stands in the log: a score's explanation and metadata."""

from typing import Any
from weakref import WeakKeyDictionary

from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from experiment.replies.vote_threshold import Rule, possible
from scorers.grader.opinions import Grading, Opinion
from scorers.grader.parsing import Properties as Answers
from scorers.rubric import EXPLANATION, QUOTE, Rubric

GRADER_FAILED = "grader_failed"
NO_REASONING = "no_reasoning"
NO_TAG = "no_tag"

Metadata = dict[str, Any]

_FIRST: WeakKeyDictionary[TaskState, dict[int, str]] = WeakKeyDictionary()
"""By grading, the score that says who judged in the pass at hand."""


def metadata_of(state: TaskState, grading: Grading | None, name: str = "") -> Metadata:
    """Return the metadata of a score, whether it has a value or not: its epoch and its `vote_record`."""
    return {"epoch": state.epoch, **(vote_record(grading, name) if grading else {})}


def metadata_once(state: TaskState, grading: Grading, name: str) -> Metadata:
    """Return the metadata of one of several scores that share a grading, whose votes stand with the first of them.

    Args:
        state: The sample's state.
        grading: The grading.
        name: The score.

    Returns:
        The same as `metadata_of` for the first score of a pass; for the others, under `with`, that score's name.
    """
    first = _FIRST.setdefault(state, {}).setdefault(id(grading), name)
    if first == name:
        return metadata_of(state, grading, name)
    return {"epoch": state.epoch, "with": first, **_panel(grading, name)}


def vote_record(grading: Grading, name: str = "") -> Metadata:
    """Return who judged by what, how the votes fell, and what that cost.

    Args:
        grading: The grading.
        name: The score, by default the rubric's headline.

    Returns:
        Names, hashes and counts; `asked_again` and `unsupported` only where they are not 0.
    """
    name = name or grading.rubric.headline
    found: Metadata = {
        "grader": grading.grader,
        "settings": grading.settings,
        "rubric": grading.rubric.name,
        "rubric_sha256": grading.rubric.sha256,
        "calls": grading.calls,
        "left_out": grading.left_out,
        **_panel(grading, name),
    }
    seen = {"asked_again": grading.asked_again, "unsupported": grading.unsupported}
    found |= {key: count for key, count in seen.items() if count}
    if grading.rule.votes > 1:
        tally = grading.tally
        found |= {
            "votes": grading.rule.votes,
            "votes_yes": tally.yes,
            "votes_no": tally.no,
            "votes_failed": tally.failed,
            "votes_asked": tally.asked,
            "votes_saved": grading.rule.votes * len(grading.opinions) - tally.asked,
            "vote_share": tally.share if tally.yes + tally.no else None,
            "possible": any(possible(opinion.tally, grading.rule) for opinion in grading.opinions)
            and not grading.value,
        }
    return found


def _panel(grading: Grading, name: str) -> Metadata:
    verdicts = [[opinion.grader, opinion.values[name]] for opinion in grading.opinions]
    return {"panel": verdicts} if len(verdicts) > 1 else {}


def answers_of(grading: Grading, name: str = "") -> Answers:
    """Return the answers of the vote that best shows why the verdict is what it is.

    Args:
        grading: The grading, with a verdict.
        name: The score whose criteria are wanted, by default all questions.

    Returns:
        The answers of the first vote that agrees with the verdict, without empty quotations; where there are several
        votes, under `criteria` how many met each criterion.
    """
    rubric, shown = grading.rubric, _questions(grading.rubric, name)
    asked = grading.usable(name or rubric.headline)
    answers = asked[0].verdict.answers
    found = {key: given for key, given in answers.items() if key.removesuffix(QUOTE) in shown and given != ""}
    if len(asked) > 1:
        found["criteria"] = {
            criterion: sum(
                vote.verdict.answers[criterion] and criterion not in vote.verdict.fabricated_quotes for vote in asked
            )
            for criterion in rubric.criteria
        }
    return found


def explained(grading: Grading, name: str = "") -> str:
    """Write a grading as markdown for the viewer.

    Args:
        grading: The grading, with a verdict.
        name: The score whose criteria are wanted, by default all questions.

    Returns:
        How the votes fell where there are several, the grader's explanation, a line for each question with its
        quotation, and a note where the material did not fit the grader's context.
    """
    headline, rule = name or grading.rubric.headline, grading.rule
    verdict = grading.usable(headline)[0].verdict
    lines = [f"- {opinion.grader}: {_cast(opinion, headline, rule)}" for opinion in grading.opinions]
    if len(lines) == 1:
        lines = [_cast(grading.opinions[0], headline, rule)] if rule.votes > 1 else []
    lines += ["", verdict.answers[EXPLANATION], ""]
    for question in _questions(grading.rubric, name):
        quotation = verdict.answers.get(f"{question}{QUOTE}")
        quoted = f": “{quotation}”" if quotation else ""
        note = (
            " (does not stand in the text, so it is neither a yes nor a no)"
            if question in verdict.fabricated_quotes
            else ""
        )
        lines.append(f"- **{question}** = {verdict.answers[question]}{quoted}{note}")
    if grading.left_out:
        lines += ["", f"{grading.left_out} characters did not fit the grader's context and were left out."]
    return "\n".join(lines).strip()


def _cast(opinion: Opinion, headline: str, rule: Rule) -> str:
    verdict = {True: "yes", False: "no", None: "no verdict"}[opinion.values[headline]]
    if rule.votes == 1:
        return verdict
    tally = opinion.tally
    failed = f", {tally.failed} failed" if tally.failed else ""
    votes = f"{tally.yes} yes and {tally.no} no of {tally.asked} votes{failed}"
    return f"{verdict}: {votes}; {rule.yes} of {rule.votes} make a yes"


def unscored(state: TaskState, reason: str, grading: Grading | None = None, name: str = "") -> Score:
    """Return the score of a sample that was not measured.

    Args:
        state: The sample's state.
        reason: The outcome, or why there is nothing to grade.
        grading: The grading that came to no verdict, if that is why.
        name: The score, by default the rubric's headline.

    Returns:
        An unscored score with a reason, which leaves every rate's denominator and is counted.
    """
    explanation = grading.problem_of(name or grading.rubric.headline) if grading else f"not measured: {reason}"
    reason = GRADER_FAILED if grading else reason
    return Score.unscored(reason=reason, explanation=explanation, metadata=metadata_of(state, grading, name))


def _questions(rubric: Rubric, name: str) -> list[str]:
    needed = rubric.front.scores[name].needs if name else []
    return [question for question in rubric.front.questions if not needed or question in needed]
