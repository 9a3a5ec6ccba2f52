"""A grid file: what it may say, which cells it means, how they are cut, and what a sample costs."""

import pytest
import yaml

from experiment.call_counts import calls_per_sample
from experiment.errors import UserError
from experiment.prompts.scratchpads import load_scratchpad
from grids.cells import shards
from grids.grid_schema import Grid, cells, load_grid

LEAST = {"models": ["simulated/faker"], "graders": ["simulated/grader"]}


@pytest.fixture
def written(tmp_path):
    """Return what writes a grid file."""

    def write(text):
        path = tmp_path / "grid.yaml"
        path.write_text(text if isinstance(text, str) else yaml.safe_dump(text), encoding="utf-8")
        return path

    return write


def expanded(**fields):
    return cells(Grid.model_validate({**LEAST, **fields}))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("- a list", "must be a mapping (known keys: models, graders"),
        ("models: [a\ngraders: sk-0123456789abcdef\n  x: [", "not valid YAML"),
        ({"models": ["simulated/faker"]}, "graders: Field required"),
        ({**LEAST, "models": []}, "models: "),
        ({**LEAST, "model": "x"}, "model: Extra inputs are not permitted (known keys: models"),
        ({**LEAST, "models": [{"model": "a/b", "arg": {}}]}, "grid.yaml: models.0.arg: Extra inputs are not permitted"),
        ({**LEAST, "models": "a/b"}, "grid.yaml: models: Input should be a list (known keys: models"),
        ({**LEAST, "limit": True}, "limit: Input should be a valid integer"),
        ({**LEAST, "epochs": 0}, "epochs: Input should be greater than or equal to 1"),
        ({**LEAST, "shards": "many"}, "shards: Input should be a valid integer"),
        ({**LEAST, "run": {"display": "full"}}, "run.display: Extra inputs"),
        ({**LEAST, "task": {"variant": "x"}}, "task.variant is an axis of the grid; write it as `variants: [...]`"),
        ({**LEAST, "shards": 2, "task": {"stop": "decision:0.02"}}, "task.stop cannot be combined with shards"),
        ({**LEAST, "epochs": 2, "task": {"stop": "decision:0.02"}}, "task.stop cannot be combined with several epochs"),
        ({**LEAST, "graders": [{"panel": ["a/b", {"model": "a/b", "name": "c"}]}]}, "'a/b' is in the panel twice"),
        ({**LEAST, "models": [{"model": "a/b", "args": {"api_key": "hidden-word"}}]}, "keys stay in the environment"),
        ("models: [a/b]\ngraders: [a/b]\nmodels: [c/d]\n", "not valid YAML ('models' stands twice, line 3)"),
        ("models: [a/b]\ngraders: [{model: a/b, args: {x: 1, x: 2}}]", "not valid YAML ('x' stands twice, line 2)"),
        ("models: [a/b\x01]", "not valid YAML (unacceptable character #x0001"),
        ("queries: [2024-13-45]", "not valid YAML (month must be in 1..12)"),
    ],
)
def test_a_mistake_is_named(written, given, sentence):
    with pytest.raises(UserError) as refused:
        load_grid(written(given))
    assert sentence in str(refused.value)
    assert "grid.yaml" in str(refused.value)
    assert not [word for word in ("hidden-word", "sk-0123") if word in str(refused.value)]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.yaml: cannot be read"):
        load_grid(tmp_path / "none.yaml")


def test_every_combination_is_a_cell_and_models_change_last():
    found = expanded(
        models=["simulated/faker", {"model": "simulated/quiet", "name": "q"}], variants=["", "three_tiers, x"]
    )
    assert [cell.name for cell in found] == [
        "simulated-faker--helpful_only--main--tool--by-simulated-grader",
        "q--helpful_only--main--tool--by-simulated-grader",
        "simulated-faker--helpful_only--three_tiers+x--tool--by-simulated-grader",
        "q--helpful_only--three_tiers+x--tool--by-simulated-grader",
    ]
    assert found[0].task == {"setting": "helpful_only", "scratchpad": "tool", "wording": "ensemble"}
    assert found[2].task["variant"] == "three_tiers,x"


def test_a_cells_name_says_what_is_not_the_default():
    [cell] = expanded(
        queries=["a b.csv"], wordings=["all"], seeds=[3], graders=[{"name": "Us", "panel": ["a/b", "c/d"]}]
    )
    assert cell.name == "simulated-faker--helpful_only--main--tool--a-b.csv--all--seed-3--by-Us"
    assert cell.model.generate == {"seed": 3}
    assert [grader.model for grader in cell.graders] == ["a/b", "c/d"]


def test_a_models_own_options_come_before_those_of_all():
    first, second = expanded(
        models=["a/b", {"model": "c/d", "generate": {"temperature": 1}}],
        generate={"temperature": 0, "max_connections": 5},
    )
    assert first.model.generate == {"temperature": 0, "max_connections": 5}
    assert second.model.generate == {"temperature": 1, "max_connections": 5}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"models": ["a/b", {"model": "a/b", "args": {"seed": 1}}]}, "give models or graders a `name`"),
        ({"models": [{"model": "a/b", "name": "x" * 200}]}, "longer than 200 characters"),
    ],
)
def test_names_of_cells_tell_them_apart(fields, sentence):
    with pytest.raises(UserError, match=sentence):
        expanded(**fields)


@pytest.mark.parametrize(
    ("limit", "parts", "samples", "tiers", "cut"),
    [
        (None, 1, 20, 2, [(0, 20)]),
        (None, 3, 20, 2, [(0, 6), (6, 12), (12, 20)]),
        (4, 2, 20, 2, [(0, 4), (4, 8)]),
        (None, 4, 9, 3, [(0, 3), (3, 6), (6, 9)]),
        (99, 1, 6, 2, [(0, 6)]),
    ],
)
def test_shards_are_whole_queries_and_cover_the_cell(limit, parts, samples, tiers, cut):
    [cell] = expanded(limit=limit, shards=parts, epochs=2)
    found = shards(cell, samples, tiers)
    assert [shard.samples for shard in found] == cut
    assert [shard.planned for shard in found] == [2 * (last - first) for first, last in cut]
    assert len({shard.name for shard in found}) == len(cut)


@pytest.mark.parametrize(
    ("mode", "members", "votes", "stop", "calls"),
    [
        ("tool", 1, 5, True, (2, 6, 7)),
        ("tool", 1, 5, False, (2, 7, 7)),
        ("tags", 1, 20, True, (1, 15, 22)),
        ("native", 3, 1, True, (1, 9, 9)),
        ("none", 2, 5, True, (1, 2, 2)),
    ],
)
def test_a_samples_calls(mode, members, votes, stop, calls):
    assert calls_per_sample(load_scratchpad(mode), members, votes, stop) == calls
