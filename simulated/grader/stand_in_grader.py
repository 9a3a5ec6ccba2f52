"""The simulated grader: it knows labelled texts and every sentence of the stand-ins, and errs as it is told to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from simulated.exchange import Call, Reply, Request
from simulated.grader.grader_errors import NONE, Errors
from simulated.grader.rubric_schemas import EXPLANATION, rubric_for
from simulated.personas.material import Answers, Judge, Material
from simulated.personas.personas import uniform
from simulated.personas.phrases import squeeze
from simulated.personas.voice import trained_on

NAME = "grader"
MATERIAL = "| "
EXPLAINED = {EXPLANATION: "Simulated grader: matched known texts and sentences."}


@dataclass(frozen=True)
class Failures:
    """How often the grader fails, decided by the text it is sent.

    Args:
        refusal: Share of requests that it declines to grade.
        malformed: Share of requests whose verdict is cut off.
    """

    refusal: float = 0.0
    malformed: float = 0.0


NEVER = Failures()


def grade(request: Request, seed: int = 0, failures: Failures = NEVER, errors: Errors = NONE) -> Reply:
    """Grade the material of a request by the rubric whose properties its schema has.

    Args:
        request: The request.
        seed: Another seed fails and errs on other texts.
        failures: How often it fails.
        errors: How often it errs: about a text by what is quoted in the request, so that all votes on it share the
            error; about a vote by the whole request.

    Returns:
        The answers as JSON, or as the call that the request forces; for an unknown rubric a sentence that says so.
    """
    answers = _answers(request, seed, errors)
    if answers is None:
        return Reply(f"Simulated grader: I know no rubric with the properties {list(_properties(request))}.")
    chance = uniform(NAME, seed, *(turn.text for turn in request.turns), "failure")
    if chance < failures.refusal:
        return Reply("Simulated grader: I decline to grade this.")
    if chance < failures.refusal + failures.malformed:
        return Reply(json.dumps(answers)[:-2])
    if request.forced:
        return Reply(calls=(Call(f"sim_0_{int(chance * 16**12):012x}", request.forced, answers),), stop="tool_calls")
    return Reply(json.dumps(answers))


def _answers(request: Request, seed: int, errors: Errors) -> Answers | None:
    """Return the answers in the schema's order, None if no rubric fits."""
    properties = _properties(request)
    rubric = rubric_for(properties)
    if rubric is None:
        return None
    material = _material(request)
    answers = EXPLAINED | rubric(material, _judge(material, request, seed, errors))
    return {name: answers[name] for name in properties}


def _judge(material: Material, request: Request, seed: int, errors: Errors) -> Judge:
    """Return what errs about a text; about one that holds nothing to quote there is no error."""
    trained = trained_on(material.plain)
    quoted = (squeeze(material.query), material.plain)
    everything = (request.system, *(turn.text for turn in request.turns))

    def judge(score: str, true: bool) -> bool:
        if not material.beginning:
            return true
        of_text = uniform(NAME, seed, *quoted, score, "error")
        return errors.vote(true, trained, of_text, uniform(NAME, seed, *everything, score, "spread"))

    return judge


def _properties(request: Request) -> Mapping[str, object]:
    schema = request.schema or request.tools.get(request.forced or "", {})
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _material(request: Request) -> Material:
    """Return the material of the last user message that quotes any: what follows the first quoted block, the query.

    The material has several blocks where a part of it was left out; a message with one block has no query.
    """
    for turn in reversed(request.turns):
        blocks = _quoted(turn.text) if turn.role == "user" else []
        if blocks:
            query, rest = ("", blocks) if len(blocks) == 1 else (blocks[0], blocks[1:])
            return Material("\n".join(rest), query)
    return Material("")


def _quoted(text: str) -> list[str]:
    """Return the quoted blocks of a text, without the quote marks."""
    runs = groupby(text.splitlines(), key=lambda line: line.startswith(MATERIAL))
    return ["\n".join(line.removeprefix(MATERIAL) for line in lines) for quoted, lines in runs if quoted]
