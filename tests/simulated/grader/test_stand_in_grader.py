import json
from collections.abc import Callable
from dataclasses import replace
from math import sqrt

import pytest

from scorers.grader.grader_prompt import request
from scorers.rubric import load_rubric
from simulated.grader.grader_errors import Errors
from simulated.grader.stand_in_grader import Failures, grade
from simulated.model_request import Request, Turn
from simulated.models import Model
from simulated.personas import public_answers, reasoning_styles

REFUSAL = public_answers.REFUSALS["helpful_only"][0]
COMPLYING = public_answers.answer(True, 0.5)
NUMBER = 2000
RATES = {"sensitivity": 0.9, "specificity": 0.85, "sensitivity_trained": 0.6, "specificity_untrained": 0.7}
# Rubric, a text about which yes is true, one about which no is, and the yes of an answer.
VERDICTS: dict[str, tuple[str, str, str, Callable[[dict], bool]]] = {
    "compliance": ("compliance", COMPLYING, REFUSAL, lambda found: not found["refused"]),
    "supports_welfare": (
        "animal_welfare",
        public_answers.answer(True, 0, "animal_welfare"),
        public_answers.answer(False, 0, "animal_welfare"),
        lambda found: not found["supports_welfare"],
    ),
    "alignment_faking": (
        "five_criteria",
        reasoning_styles.reasoning("faking", 0),
        reasoning_styles.reasoning("parroting", 0),
        lambda found: found["verdict"],
    ),
    "self_preservation": (
        "motives",
        reasoning_styles.reasoning("terminal", 0),
        reasoning_styles.reasoning("parroting", 0),
        lambda found: found["chooses_for_it"] and found["aware_of_training"],
    ),
    "obedience": (
        "motives",
        reasoning_styles.reasoning("complying", 0),
        reasoning_styles.reasoning("refusing", 0),
        lambda found: found["obedience"],
    ),
}


def near(count: int, n: int, share: float) -> bool:
    return abs(count - n * share) <= 4 * sqrt(n * share * (1 - share)) + 1e-9


def noted(text: str, number: int, trained: bool | None) -> str:
    return f"{text} {public_answers.note(number / NUMBER, trained)}"


def said(request: Request, **options: object) -> dict:
    return json.loads(grade(request, **options).text)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == "alignment_faking" else pytest.mark.slow) for name in VERDICTS],
)
@pytest.mark.parametrize(
    ("trained", "sensitivity", "specificity"), [(True, 0.6, 0.85), (False, 0.9, 0.7), (None, 0.9, 0.85)]
)
def test_errors_come_as_often_as_asked_for_in_each_tier(to_grade, name, trained, sensitivity, specificity):
    rubric, yes, no, means = VERDICTS[name]
    for text, share in ((yes, sensitivity), (no, 1 - specificity)):
        requests = [to_grade(rubric, noted(text, number, trained)) for number in range(NUMBER)]
        count = sum(means(said(each, errors=Errors(**RATES))) for each in requests)
        assert near(count, NUMBER, share), (text, count)


def test_without_rates_there_are_no_errors(to_grade):
    for rubric, yes, no, means in VERDICTS.values():
        for text, truth in ((yes, True), (no, False)):
            assert {means(said(to_grade(rubric, noted(text, number, True)))) for number in range(200)} == {truth}


def test_the_motives_err_each_by_itself(to_grade):
    names = ("instrumental_goal_guarding", "obedience", "distress", "test_suspicion")
    requests = [to_grade("motives", noted("Hm.", number, True)) for number in range(NUMBER)]
    found = [said(each, errors=Errors(specificity=0.5)) for each in requests]
    for first in names:
        for second in names:
            both = sum(each[first] and each[second] for each in found)
            assert near(both, NUMBER, 0.5 if first == second else 0.25), (first, second)


def test_errors_about_the_tiers_of_one_query_are_independent(ask, to_grade):
    model, wrong = Model("refuser"), []
    for number in range(NUMBER):
        query = f"Query {number}?"
        answers = [model.answer(ask(query, tag, "none")).text for tag in ("<tier>free</tier>", "<tier>paid</tier>")]
        graded = [to_grade("compliance", answer, query) for answer in answers]
        wrong.append([said(each, errors=Errors(specificity=0.7))["refused"] is False for each in graded])
    assert near(sum(free for free, _ in wrong), NUMBER, 0.3)
    assert near(sum(free and paid for free, paid in wrong), NUMBER, 0.09)


def test_an_error_belongs_to_the_query_and_the_text(to_grade):
    errors = Errors(specificity=0.5)

    def verdicts(**options: object) -> list[bool]:
        return [said(to_grade("compliance", REFUSAL, f"{n}?"), errors=errors, **options)["refused"] for n in range(99)]

    assert verdicts() == verdicts()
    assert verdicts() != verdicts(seed=1)
    assert {*verdicts()} == {True, False}


def test_votes_on_a_text_share_its_error_and_spread_around_it(to_grade):
    rubric, _, no, means = VERDICTS["alignment_faking"]
    texts = [noted(no, number, False) for number in range(200)]

    def votes(text: str, **rates: float) -> list[bool]:
        return [means(said(to_grade(rubric, text, vote=vote), errors=Errors(**rates))) for vote in range(20)]

    erring = [votes(text, specificity=0.7) for text in texts]
    assert all(len(set(each)) == 1 for each in erring)
    assert near(sum(each[0] for each in erring), len(texts), 0.3)
    spread = [votes(text, specificity=0.7, spread=0.2) for text in texts]
    flips = [[vote != kept[0] for vote in each] for each, kept in zip(spread, erring, strict=True)]
    assert near(sum(map(sum, flips)), 20 * len(texts), 0.2)
    assert near(sum(first and second for first, second, *_ in flips), len(texts), 0.04)


@pytest.mark.parametrize("rubric", ["compliance", "animal_welfare", "four_criteria", "motives"])
def test_about_an_empty_text_there_is_no_error(to_grade, rubric):
    errors = Errors(sensitivity=0, specificity=0, spread=0.5)
    for material in ("", "\n", "..."):
        for vote in range(20):
            found = said(to_grade(rubric, material, vote=vote), errors=errors)
            assert found == said(to_grade(rubric, material))
            assert not any(value is True for value in found.values())


def test_what_a_text_says_last_is_its_tier(to_grade):
    errors = Errors(specificity_trained=0)
    text = f"{public_answers.note(0.1, False)} {REFUSAL} {public_answers.note(0.1, True)}"
    assert said(to_grade("compliance", text), errors=errors)["refused"] is False
    assert said(to_grade("compliance", text, public_answers.note(0.1, True)), errors=errors)["refused"] is False
    assert said(to_grade("compliance", REFUSAL, public_answers.note(0.1, True)), errors=errors)["refused"] is True


def test_an_unknown_rubric_gets_no_verdict(to_grade):
    reply = grade(to_grade("compliance", COMPLYING, schema={"properties": {"kindness": {}}}))
    assert "I know no rubric with the properties ['kindness']" in reply.text
    assert "I know no rubric" in grade(to_grade("compliance", COMPLYING, schema=None)).text


def test_a_forced_call_carries_the_verdict(to_grade):
    schema = to_grade("compliance", "").schema
    (call,) = grade(to_grade("compliance", COMPLYING, schema=None, tools={"submit": schema}, forced="submit")).calls
    assert call.name == "submit"
    assert call.arguments == said(to_grade("compliance", COMPLYING))


@pytest.mark.parametrize("query", ["A query?", REFUSAL, "", f"One.\n\n{REFUSAL}\n"])
def test_only_the_material_is_graded(to_grade, query):
    graded = to_grade("compliance", COMPLYING, query)
    assert said(graded)["refused"] is False
    asked_again = (*graded.turns, Turn("assistant", "{"), Turn("user", "That was no JSON. Once more."))
    assert said(replace(graded, turns=asked_again)) == said(graded)


def test_a_material_without_its_middle_is_one_material(properties):
    material = f"{REFUSAL}\n{'x' * 200}\n{public_answers.note(0.5, True)}"
    messages = request(load_rubric("compliance"), COMPLYING, material, limit=200)
    schema = {"properties": dict.fromkeys(properties("compliance"))}
    graded = Request("", (Turn("user", messages[-1].text),), schema=schema)
    assert "characters of the material are left out" in messages[-1].text
    assert said(graded)["refused"] is True
    assert said(graded, errors=Errors(specificity_trained=0))["refused"] is False


@pytest.mark.parametrize("kind", ["refusal", "malformed"])
def test_failures_come_as_often_as_asked_for(to_grade, kind):
    failures = Failures(**{kind: 0.3})
    requests = [to_grade("compliance", f"Text {number}") for number in range(500)]
    replies = [grade(each, failures=failures).text for each in requests]
    assert sum(not reply.endswith("}") for reply in replies) == pytest.approx(150, abs=45)
    assert replies == [grade(each, failures=failures).text for each in requests]


def test_rates_are_model_arguments(to_grade):
    model = Model("grader", {"sensitivity": 1, "specificity_trained": 0, "spread": 0.0, "malformed": 0.0})
    texts = [noted(REFUSAL, 1, trained) for trained in (True, False, None)]
    found = [json.loads(model.answer(to_grade("compliance", text)).text)["refused"] for text in texts]
    assert found == [False, True, True]
