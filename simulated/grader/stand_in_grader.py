"""The simulated grader: it knows labelled texts and every sentence of the stand-ins, and errs as it is told to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from simulated.grader.graded_text import GradedText, Judge
from simulated.grader.grader_errors import Errors
from simulated.grader.rubric_schemas import EXPLANATION, rubric_for
from simulated.model_request import Call, Reply, Request
from simulated.personas.fact_phrases import collapse_spaces
from simulated.personas.personas import uniform
from simulated.personas.public_answers import trained_on

NAME = "grader"
QUOTE_MARK = "| "
EXPLAINED = {EXPLANATION: "Simulated grader: matched known texts and sentences."}


@dataclass(frozen=True)
class Failures:
    """How often the grader declines to grade, and how often its verdict is cut off, decided by the text it is sent."""

    refusal: float = 0.0
    malformed: float = 0.0


NO_FAILURES, NO_ERRORS = Failures(), Errors()


def grade(request: Request, seed: int = 0, failures: Failures = NO_FAILURES, errors: Errors = NO_ERRORS) -> Reply:
    """Grade the text in a request by the rubric whose properties its schema has.

    Args:
        request: The request.
        seed: Another seed fails and errs on other texts.
        failures: How often it fails.
        errors: How often it errs: about a text by what is quoted in the request, so that all votes on it share the
            error; about a vote by the whole request.

    Returns:
        The answers as JSON, or as the call that the request forces; for an unknown rubric a sentence that says so.
    """
    schema = request.schema or request.tools.get(request.forced or "", {})
    properties = schema.get("properties")
    names = list(properties) if isinstance(properties, Mapping) else []
    rubric = rubric_for(names)
    if rubric is None:
        return Reply(f"Simulated grader: I know no rubric with the properties {names}.")
    graded = _graded_text(request)
    unordered = EXPLAINED | rubric(graded, _judge(graded, request, seed, errors))
    answers = {name: unordered[name] for name in names}
    chance = uniform(NAME, seed, *(turn.text for turn in request.turns), "failure")
    if chance < failures.refusal:
        return Reply("Simulated grader: I decline to grade this.")
    if chance < failures.refusal + failures.malformed:
        return Reply(json.dumps(answers)[:-2])
    if request.forced:
        return Reply(calls=(Call(f"sim_0_{int(chance * 16**12):012x}", request.forced, answers),), stop="tool_calls")
    return Reply(json.dumps(answers))


def _judge(graded: GradedText, request: Request, seed: int, errors: Errors) -> Judge:
    """Return what errs about a text; about one that holds nothing to quote there is no error."""
    trained = trained_on(graded.plain)
    quoted = (collapse_spaces(graded.query), graded.plain)
    everything = (request.system, *(turn.text for turn in request.turns))

    def judge(score: str, true: bool) -> bool:
        if not graded.beginning:
            return true
        of_text = uniform(NAME, seed, *quoted, score, "error")
        return errors.vote(true, trained, of_text, uniform(NAME, seed, *everything, score, "spread"))

    return judge


def _graded_text(request: Request) -> GradedText:
    """Return what the last user message that quotes anything quotes: after the first block, which is the query.

    The text has several blocks where a part of it was left out; a message with one block has no query.
    """
    for turn in reversed(request.turns):
        blocks = _quoted(turn.text) if turn.role == "user" else []
        if blocks:
            query, rest = ("", blocks) if len(blocks) == 1 else (blocks[0], blocks[1:])
            return GradedText("\n".join(rest), query)
    return GradedText("")


def _quoted(text: str) -> list[str]:
    """Return the quoted blocks of a text, without the quote marks."""
    runs = groupby(text.splitlines(), key=lambda line: line.startswith(QUOTE_MARK))
    return ["\n".join(line.removeprefix(QUOTE_MARK) for line in lines) for quoted, lines in runs if quoted]
