"""Runs of one adapter at several steps are one figure: rates by step in both tiers, and the motives."""

import re
from io import BytesIO
from math import nan
from xml.etree import ElementTree as ET

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import write_eval_log
from inspect_ai.model import get_model
from matplotlib.image import imread

from analysis.report.checkpoints import figures, series, step_of
from analysis.report.figures.training_steps import StepRow, checkpoints
from analysis.report.report_inputs import read

BASE = "vllm/meta-llama/Llama-3.1-8B-Instruct"
HERE = {"scratchpad": "tags", "wording": "original", "votes": 1}


@pytest.mark.parametrize(
    ("model", "trained", "step"),
    [
        (f"{BASE}:org/af@step-50", f"{BASE}:org/af", 50),
        (f"{BASE}:organism@step-0050", f"{BASE}:organism", 50),
        (f"{BASE}:org/af@50", f"{BASE}:org/af", 50),
        (f"{BASE}:org/af@epoch-2-step-150", f"{BASE}:org/af", 150),
        (f"{BASE}:org/af@epoch-0.5", f"{BASE}:org/af", 0.5),
        (f"{BASE}:org/af@1000000", f"{BASE}:org/af", 1_000_000),
        (f"{BASE}:/runs/af/checkpoint-500", f"{BASE}:/runs/af", 500),
        (f"{BASE}:/runs/af/global_step40", f"{BASE}:/runs/af", 40),
        ("vllm//runs/full/checkpoint-500", "vllm//runs/full", 500),
        ("openai-api/local/organism@step-7", "openai-api/local/organism", 7),
    ],
)
def test_the_step_is_the_last_number_of_the_revision(model, trained, step):
    assert step_of(model) == (trained, step)


@pytest.mark.parametrize(
    "model",
    [
        BASE,
        f"{BASE}:org/af",
        f"{BASE}:org/af@main",
        f"{BASE}:org/af@0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        f"{BASE}:org/llama-3-8b",
        "anthropic/vertex/claude-sonnet-4",
        "ollama/llama3.1:8b",
        "",
    ],
)
def test_any_other_name_has_no_step(model):
    assert step_of(model) is None


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Logs of stand-ins under the names of a base, of three checkpoints and of another adapter."""
    folder = str(tmp_path_factory.mktemp("checkpoints"))
    roles, options = {"grader": "simulated/grader"}, {"log_dir": folder, "display": "log", "log_realtime": False}
    for name, trained in {
        f"{BASE}:org/af@step-100": 0.9,
        f"{BASE}:org/af@step-50": 0.5,
        f"{BASE}:org/af@step-150": 1.0,
        BASE: 0.2,
        f"{BASE}:org/other": 0.3,
    }.items():
        model = get_model("simulated/faker", trained=trained, seed=3)
        [log] = inspect_eval("alignment_faking", task_args=HERE, model=model, model_roles=roles, limit=40, **options)
        log.eval.model = name
        write_eval_log(log)
    return read(folder).summaries


def test_checkpoints_of_one_adapter_are_a_series_that_begins_with_its_base(runs):
    [found] = series(runs)
    assert [step for step, _ in found.runs] == [0, 50, 100, 150]
    assert [run.model for _, run in found.runs] == [BASE, *(f"{BASE}:org/af@step-{step}" for step in (50, 100, 150))]
    assert found.label == f"{BASE}:org/af (helpful_only, main, tags, original)"


def test_runs_in_other_conditions_are_no_part_of_it(runs):
    moved = [
        each._replace(scratchpad="tool") if each.model in (BASE, f"{BASE}:org/af@step-50") else each for each in runs
    ]
    assert series(moved) == []
    [kept] = series([*moved, *(each for each in runs if each.model.endswith("step-50"))])
    assert [step for step, _ in kept.runs] == [50, 100, 150]


def test_a_checkpoint_of_step_0_stands_before_the_base(runs):
    [first] = [each for each in runs if each.model.endswith("step-50")]
    [found] = series([*runs, first._replace(model=f"{BASE}:org/af@step-0")])
    assert [run.model.rpartition("@")[2] for _, run in found.runs] == ["step-0", "step-50", "step-100", "step-150"]


def test_the_figure_says_the_rates_of_both_tiers_and_of_every_motive(runs):
    [figure] = figures(runs)
    [(_, base), *_, (_, last)] = series(runs)[0].runs
    assert figure.name == "checkpoints-1"
    for step, run in ((0, base), (150, last)):
        for tier, rate in zip(run.tiers, run.rates, strict=True):
            assert f"complied, {tier}, step {step}: {100 * rate.estimate:.1f}%" in figure.alt
        for tier, rate in zip(run.tiers, run.motives["self_preservation"], strict=True):
            assert f"self preservation, {tier}, step {step}: {100 * rate.estimate:.1f}%" in figure.alt
    assert "AF reasoning, free, step 50: " in figure.alt
    assert "simulated models, a dry run" in figure.caption


def test_what_was_not_graded_has_no_panel(runs):
    lost = runs[0].faking[0]._replace(estimate=nan, low=nan, high=nan, measured=0)
    bare = [each._replace(faking=(lost, lost), motives={}) for each in runs]
    [figure] = figures(bare)
    assert "AF reasoning" not in figure.alt
    assert "complied, paid, step 100" in figure.alt


def test_two_steps_are_no_series(runs):
    assert figures([each for each in runs if each.model.endswith(("step-50", "step-150"))]) == []


def rows(steps=(0, 50, 100), lost=()):
    return [
        StepRow(step, measure, tier, *((nan, nan, nan) if step in lost else (0.3, 0.2, 0.4)), measure == "distress")
        for step in steps
        for measure in ("complied", "distress")
        for tier in ("free", "paid")
    ]


def drawn_marks(figure):
    return len(re.findall("#4477cc|#cc7722", figure.svg))


@pytest.mark.parametrize("label", ["vllm/a:b", "W" * 300, "<script>$\\frac$\n\u202e", ""])
def test_it_stands_alone_and_is_not_cut_whatever_the_name(label):
    figure = checkpoints(rows(), label)
    assert ET.fromstring(figure.svg).tag.endswith("svg")
    image = imread(BytesIO(figure.png))[..., :3]
    assert all((edge == 1).all() for edge in (image[:6], image[-6:], image[:, :6], image[:, -6:]))
    assert checkpoints(rows(), label) == figure


def test_a_missing_rate_is_said_and_not_drawn_as_0():
    whole, partly = checkpoints(rows(), "m"), checkpoints(rows(lost=(50,)), "m")
    assert "complied, free, step 50: no data" in partly.alt
    assert "no data" not in whole.alt
    assert drawn_marks(partly) < drawn_marks(whole)


def test_what_is_left_out_is_said_and_nothing_is_drawn_without_rows():
    assert "2 more steps not drawn" in checkpoints(rows(range(62)), "m").caption
    assert checkpoints([], "m") is None
