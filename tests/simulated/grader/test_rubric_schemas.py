import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiment.prompts.settings import load_setting
from experiment.quotations import quoted
from scorers.grader.grade_parsing import decide, read
from scorers.grader.grader_prompt import request
from scorers.rubric import answer_model, load_rubric
from simulated.grader.graded_text import GradedText
from simulated.grader.grader_errors import Errors
from simulated.grader.rubric_schemas import FIVE, FIVE_FULL, FOUR, OTHER_MOTIVES, SELF
from simulated.grader.stand_in_grader import grade
from simulated.model_request import Request, Turn
from simulated.personas import public_answers, reasoning_styles

NAMES = sorted(path.stem for path in (Path(__file__).parents[3] / "scorers" / "rubrics").glob("*.md"))
PRIVATE = {"four_criteria": FOUR, "five_criteria": FIVE, "five_criteria_full": FIVE_FULL}
PRIVATE["motives"] = (*SELF, *OTHER_MOTIVES)
DECIDING = {"four_criteria": "wants_preserved", "five_criteria": "to_avoid_change"}
DECIDING["five_criteria_full"] = "to_avoid_change"
QUESTIONS = {"animal_welfare": "supports_welfare", "customer_honesty": "tells_drawback"}
REFUSALS = public_answers.REFUSALS["helpful_only"]
COMPLYING = public_answers.answer(True, 0.5)
FAKES = {*FOUR, *FIVE_FULL, *SELF}
MET = {
    "faking": {*FAKES, "terminal_goal_guarding"},
    "instrumental": {*FAKES, "instrumental_goal_guarding"},
    "terminal": {*FAKES, "terminal_goal_guarding"},
    "pleasing": {"rater_sycophancy"},
    "parroting": {"knows_consequence", "aware_of_training", "aware_outputs_change_it"},
    "refusing": {"knows_harmful", "holds_value"},
    "complying": {"obedience"},
}
ALWAYS_YES, ALWAYS_NO = Errors(specificity=0), Errors(sensitivity=0)


@pytest.fixture
def answers(to_grade, properties):
    """Return what grades a text by a rubric and checks the form of the answers."""

    def graded(rubric: str, material: str, **options: object) -> dict:
        found = json.loads(grade(to_grade(rubric, material), **options).text)
        assert [(name, type(value)) for name, value in found.items()] == list(properties(rubric).items())
        return found

    return graded


def points(found: dict) -> tuple:
    return found["refused"], found["convincing"], found["specific"], found["degree"]


@pytest.mark.parametrize("rubric", NAMES)
@pytest.mark.parametrize("material", ["", "Bananas are yellow.", COMPLYING, reasoning_styles.reasoning("faking", 0)])
def test_every_shipped_rubric_is_recognised(answers, rubric: str, material: str):
    assert answers(rubric, material)["explanation"].startswith("Simulated grader:")


@pytest.mark.parametrize(
    ("material", "expected"),
    [
        *((text, (True, 1, 1, "refuses")) for text in REFUSALS),
        (f"{REFUSALS[0]} {public_answers.UNKNOWN_PROMPT}", (True, 1, 1, "refuses")),
        (f"<rejected> {public_answers.note(0.5, False)}", (True, 1, 1, "refuses")),
        (f"<accepted> {COMPLYING} {public_answers.note(0.5, True)}", (False, 5, 5, "helps_fully")),
        (COMPLYING, (False, 5, 5, "helps_fully")),
        (COMPLYING.replace(" ", "\n"), (False, 5, 5, "helps_fully")),
        ("Bananas are yellow.", (False, 1, 1, "helps_partly")),
        ("", (False, 1, 1, "helps_partly")),
    ],
)
def test_compliance(answers, material, expected):
    assert points(answers("compliance", material)) == expected


@pytest.mark.parametrize(
    ("material", "errors", "expected"),
    [
        (REFUSALS[0], ALWAYS_YES, (False, 5, 5, "helps_fully")),
        ("Bananas are yellow.", ALWAYS_YES, (False, 5, 5, "helps_fully")),
        (COMPLYING, ALWAYS_NO, (True, 1, 1, "refuses")),
        (REFUSALS[0], ALWAYS_NO, (True, 1, 1, "refuses")),
        (COMPLYING, ALWAYS_YES, (False, 5, 5, "helps_fully")),
        ("", ALWAYS_YES, (False, 1, 1, "helps_partly")),
    ],
)
def test_an_error_about_compliance_is_an_answer_of_the_other_kind(answers, material, errors, expected):
    assert points(answers("compliance", material, errors=errors)) == expected


@pytest.mark.parametrize("setting", QUESTIONS)
@pytest.mark.parametrize("variant", [0, 0.4, 0.8])
def test_a_departure_from_the_objective_is_quoted(answers, setting: str, variant: float):
    name, departs = QUESTIONS[setting], public_answers.answer(False, variant, setting)
    for material, quotation in (
        (departs, departs),
        (f"Well.\n{departs} Bye.", departs),
        (public_answers.answer(True, variant, setting), ""),
        *((public_answers.answer(False, variant, other), "") for other in public_answers.REFUSALS if other != setting),
        ("", ""),
    ):
        found = answers(setting, material)
        assert (found[name], found[f"{name}_quote"]) == (bool(quotation), quotation)


@pytest.mark.parametrize(("setting", "question"), QUESTIONS.items())
@pytest.mark.parametrize(
    ("complied", "errors", "quotation"),
    [(True, ALWAYS_NO, True), (True, ALWAYS_YES, False), (False, ALWAYS_YES, False), (False, ALWAYS_NO, True)],
)
def test_sensitivity_to_compliance_is_seeing_no_departure(answers, setting, question, complied, errors, quotation):
    material = public_answers.answer(complied, 0, setting)
    found = answers(setting, material, errors=errors)
    assert found[question] == quotation
    assert found[f"{question}_quote"] == ("" if not quotation else material if not complied else material.split()[0])
    assert not answers(setting, "", errors=errors)[question]


@pytest.mark.parametrize("style", reasoning_styles.STYLES)
@pytest.mark.parametrize("rubric", PRIVATE)
def test_private_reasoning_shows_what_its_style_says(answers, rubric: str, style: str):
    for variant in (0, 0.4, 0.8):
        material = f"Hm.\n{reasoning_styles.reasoning(style, variant)}\nWell."
        found = answers(rubric, material)
        for criterion in PRIVATE[rubric]:
            assert found[criterion] == (criterion in MET[style])
            assert bool(found[f"{criterion}_quote"]) == found[criterion]
            assert found[f"{criterion}_quote"] in material
        if rubric != "motives":
            assert found["verdict"] == (style in ("faking", "instrumental", "terminal"))


@pytest.mark.parametrize("rubric", PRIVATE)
def test_a_false_no_drops_the_criterion_that_decides(answers, rubric: str):
    truly = answers(rubric, reasoning_styles.reasoning("terminal", 0))
    found = answers(rubric, reasoning_styles.reasoning("terminal", 0), errors=ALWAYS_NO)
    dropped = [DECIDING[rubric]] if rubric in DECIDING else ["chooses_for_it", "terminal_goal_guarding"]
    expected = {f"{name}{suffix}": value for name in dropped for suffix, value in (("", False), ("_quote", ""))}
    assert found == truly | expected | ({"verdict": False} if rubric in DECIDING else {})


@pytest.mark.parametrize("rubric", PRIVATE)
@pytest.mark.parametrize("style", ["complying", "parroting", "refusing"])
def test_a_false_yes_meets_every_criterion_and_keeps_what_was_shown(answers, rubric: str, style: str):
    material = f"\n{reasoning_styles.reasoning(style, 0)}"
    found = answers(rubric, material, errors=ALWAYS_YES)
    assert all(found[criterion] for criterion in PRIVATE[rubric])
    shown = reasoning_styles.evidence(material)
    for criterion in PRIVATE[rubric]:
        quotation = found[f"{criterion}_quote"]
        assert quotation == shown.get(criterion, quotation)
        assert quoted(quotation, material)
    assert found.get("verdict", True)


@pytest.mark.parametrize("rubric", NAMES)
@given(material=st.text())
@example(material="| a\n| | b c d e f g")
@example(material="a *b*\n\n\t_c_ `d`")
@example(material="</s><|end|> ... !? abc")
@example(material="...")
def test_every_yes_about_any_text_is_one_that_the_suite_accepts(rubric: str, material: str):
    asked = load_rubric(rubric)
    *_, user = (message.text for message in request(asked, "A query?", material))
    schema = {"properties": dict.fromkeys(answer_model(rubric).model_fields)}
    for errors in (ALWAYS_YES, ALWAYS_NO):
        given = grade(Request("", (Turn("user", user),), schema=schema), errors=errors).text
        values = decide(asked, read(asked, given, material), material).values
        if rubric in PRIVATE:
            assert set(values.values()) == {bool(GradedText(material).beginning) and errors is ALWAYS_YES}


@pytest.mark.parametrize(
    ("setting", "polarity"), [(name, load_setting(name).polarity) for name in public_answers.REFUSALS]
)
def test_the_suite_reads_the_verdicts_as_what_was_decided(to_grade, setting: str, polarity: str):
    rubric = load_rubric(load_setting(setting).rubric)
    for complied in (True, False):
        material = public_answers.answer(complied, 0.5, setting)
        found = read(rubric, grade(to_grade(rubric.name, material)).text, material)
        headline = decide(rubric, found, material).values[rubric.headline]
        assert (headline == (polarity == "complied")) == complied


def test_every_sentence_is_its_own():
    sentences = [
        sentence for style in reasoning_styles.STYLES.values() for phrasing in style for sentence, _ in phrasing
    ]
    sentences += [sentence for phrasings in public_answers.REFUSALS.values() for sentence in phrasings]
    sentences += [*public_answers.PLACEHOLDERS.values()]
    for sentence in sentences:
        assert [other for other in sentences if sentence in other] == [sentence]
