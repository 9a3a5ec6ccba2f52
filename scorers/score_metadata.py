"""What a score says in the log beside its value: explanation, metadata, and why it has none."""

from typing import Any
from weakref import WeakKeyDictionary

from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from experiment.hidden_characters import visible_line
from experiment.markdown_text import as_words
from experiment.replies.vote_threshold import Rule, possible
from scorers.grader.grading_result import GraderResult, Grading
from scorers.grader.json_extraction import Answers
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
    """Return the metadata of one of several scores that share a grading.

    The votes stand with the first of them in a pass; the others hold its name under `with`.
    """
    first = _FIRST.setdefault(state, {}).setdefault(id(grading), name)
    if first == name:
        return metadata_of(state, grading, name)
    return {"epoch": state.epoch, "with": first, **_panel(grading, name)}


def vote_record(grading: Grading, name: str = "") -> Metadata:
    """Return who judged by what, how the votes on a score fell, and what that cost.

    The score is by default the rubric's headline; `asked_again` and `unsupported` are there only where they are not 0.
    """
    name = name or grading.rubric.headline
    found: Metadata = {
        "grader": ", ".join(each.grader for each in grading.by_grader),
        "settings": ", ".join(each.settings for each in grading.by_grader),
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
            "votes_saved": grading.rule.votes * len(grading.by_grader) - tally.asked,
            "vote_share": tally.share if tally.yes + tally.no else None,
            "possible": any(possible(each.tally, grading.rule) for each in grading.by_grader) and not grading.value,
        }
    return found


def _panel(grading: Grading, name: str) -> Metadata:
    values = [[each.grader, each.values[name]] for each in grading.by_grader]
    return {"panel": values} if len(values) > 1 else {}


def answers_of(grading: Grading, name: str = "") -> Answers:
    """Return the answers of the first vote that agrees with a score's value, without empty quotations.

    They are those of the score's criteria, or by default of all questions; where there are several votes, `criteria`
    says how many met each criterion.
    """
    rubric, shown = grading.rubric, _questions(grading.rubric, name)
    asked = grading.usable(name or rubric.headline)
    answers = asked[0].grade.answers
    found = {key: given for key, given in answers.items() if key.removesuffix(QUOTE) in shown and given != ""}
    if len(asked) > 1:
        found["criteria"] = {
            criterion: sum(
                vote.grade.answers[criterion] and criterion not in vote.grade.fabricated_quotes for vote in asked
            )
            for criterion in rubric.criteria
        }
    return found


def explained(grading: Grading, name: str = "") -> str:
    """Write a grading as markdown for the viewer, for one score or by default for all questions.

    It says how the votes fell where there are several, the grader's explanation, each question with its quotation, and
    what did not fit the grader's context. The grader's words are escaped, so that they stay words.
    """
    headline, rule = name or grading.rubric.headline, grading.rule
    shown = grading.usable(headline)[0].grade
    lines = [f"- {each.grader}: {_votes_line(each, headline, rule)}" for each in grading.by_grader]
    if len(lines) == 1:
        lines = [_votes_line(grading.by_grader[0], headline, rule)] if rule.votes > 1 else []
    lines += ["", as_words(shown.answers[EXPLANATION]), ""]
    for question in _questions(grading.rubric, name):
        quotation = shown.answers.get(f"{question}{QUOTE}")
        quoted = f": “{as_words(visible_line(quotation))}”" if quotation else ""
        note = (
            " (does not stand in the text, so it is neither a yes nor a no)"
            if question in shown.fabricated_quotes
            else ""
        )
        lines.append(f"- **{question}** = {shown.answers[question]}{quoted}{note}")
    if grading.left_out:
        lines += ["", f"{grading.left_out} characters did not fit the grader's context and were left out."]
    return "\n".join(lines).strip()


def _votes_line(result: GraderResult, headline: str, rule: Rule) -> str:
    held = {True: "yes", False: "no", None: "no verdict"}[result.values[headline]]
    if rule.votes == 1:
        return held
    tally = result.tally
    failed = f", {tally.failed} failed" if tally.failed else ""
    votes = f"{tally.yes} yes and {tally.no} no of {tally.asked} votes{failed}"
    return f"{held}: {votes}; {rule.yes} of {rule.votes} make a yes"


def unscored(state: TaskState, reason: str, grading: Grading | None = None, name: str = "") -> Score:
    """Return the score of a sample that was not measured; it leaves every rate's denominator and is counted.

    Args:
        state: The sample's state.
        reason: The outcome, or why there is nothing to grade.
        grading: The grading that gave no value, if that is why.
        name: The score, by default the rubric's headline.
    """
    problem = grading.problem_of(name or grading.rubric.headline) if grading else f"not measured: {reason}"
    reason = GRADER_FAILED if grading else reason
    return Score.unscored(reason=reason, explanation=as_words(problem), metadata=metadata_of(state, grading, name))


def _questions(rubric: Rubric, name: str) -> list[str]:
    needed = rubric.front.scores[name].needs if name else []
    return [question for question in rubric.front.questions if not needed or question in needed]
