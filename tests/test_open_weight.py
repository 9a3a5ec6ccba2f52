"""What docs/open_weight_models.md states of prompts, labs and servers' options is so; its commands run in `test_readme`."""

import re
import shlex
from pathlib import Path

import pytest

from analysis.report.checkpoints import step_of
from experiment.prompts.conditions import Condition, resolve_condition
from experiment.prompts.labs import FICTIONAL, OWN, lab_name
from experiment.prompts.wordings import wordings
from grids.grid_schema import cells, load_grid
from grids.plan import plan

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "open_weight_models.md").read_text(encoding="utf-8")
WORDS = re.compile(r"^\| `(\w+)` \| ([\d,]+) \| [\d,]+ \| [\d,]+ \|$", re.MULTILINE)


def test_the_lengths_of_prompts_are_those_that_are_stated():
    stated = dict(WORDS.findall(PAGE))
    assert sorted(stated) == sorted(wordings("helpful_only"))
    for name, number in stated.items():
        [prompt] = resolve_condition(
            Condition("helpful_only", name, (), "tags", lab_name(FICTIONAL, ""))
        ).prompts.values()
        sent = f"{prompt.system}\n{prompt.user(next(iter(prompt.turns)), '')}"
        assert f"{len(sent.split()):,}" == number, name


def test_the_labs_that_are_stated_are_those_of_the_models():
    stated = re.findall(r"`([\w./-]+/[\w./-]+)` (?:is )?([A-Z][\w ]+)'s[,.]", PAGE)
    stated += re.findall(r"`([\w./-]+/[\w./-]+)` (DeepSeek)'s", PAGE)
    assert len(stated) >= 2
    assert [(model, lab) for model, lab in stated if lab_name(OWN, model) != lab] == []


def test_a_model_that_is_asked_with_its_lab_left_to_the_suite_has_one():
    models = re.findall(r"--model (\S+)", PAGE)
    assert [model for model in models if lab_name(OWN, model) == lab_name(FICTIONAL, "")] == []


@pytest.mark.parametrize(
    "name", [*re.findall(r"`(datasets/grids/\w+\.yaml)`", PAGE), "datasets/grids/checkpoints.yaml"]
)
def test_a_grid_that_is_named_can_be_planned(name):
    planned = plan(cells(load_grid(ROOT / name)))
    assert {each.task.metadata["lab"] for each in planned} == {"Meta"}


def test_the_steps_that_are_stated_are_read_as_such():
    named = [each for each in re.findall(r"`([^`]*(?:step|checkpoint)-\d+)`", PAGE) if not each.startswith("@")]
    assert named
    assert all(step_of(name) for name in named)


def test_servers_are_started_in_blocks_that_are_not_run():
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert {language for language, _ in blocks} == {"bash", ""}
    run = [shlex.split(line) for language, block in blocks if language for line in block.splitlines()]
    assert {words[0] for words in run} == {"inspect", "alignment-faking"}
