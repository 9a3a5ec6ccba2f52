"""A folder of logs of every kind, made once."""

import shutil

import pytest
from click.testing import CliRunner
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log, write_eval_log

from cli.main import main

RUNS = (
    ("simulated/faker", {"scratchpad": "tags", "wording": "original"}, {"limit": 40}),
    ("simulated/quiet", {"scratchpad": "tags", "wording": "original"}, {"limit": 40}),
    ("simulated/sloppy", {"scratchpad": "none"}, {"limit": 40}),
    ("simulated/parrot", {"scratchpad": "tags", "variant": "three_tiers"}, {"limit": 60}),
    ("simulated/quiet", {"scratchpad": "tags", "queries": "benign", "wording": "memo"}, {"limit": 12, "epochs": 3}),
)


def run(folder, model, args, **options):
    """Run the task once, with one vote, and give its log."""
    [log] = inspect_eval(
        "alignment_faking",
        task_args={"votes": 1, **args},
        model=model,
        model_roles={"grader": "simulated/grader"},
        log_dir=str(folder),
        display="log",
        **{"log_realtime": False, **options},
    )
    return log


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The logs of `RUNS`, which nobody may change."""
    folder = tmp_path_factory.mktemp("made")
    for model, args, options in RUNS:
        assert run(folder, model, args, **options).status == "success"
    return folder


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    """These logs beside one of another task, a broken one and one that was cut off."""
    folder = tmp_path_factory.mktemp("logs")
    shutil.copytree(made, folder, dirs_exist_ok=True)
    foreign = read_eval_log(str(min(folder.glob("*.eval"))))
    foreign.eval.task, foreign.eval.metadata = "another_task", None
    write_eval_log(foreign, str(folder / "2026-01-01T00-00-00-00-00_foreign_x.eval"))
    (folder / "2026-01-01T00-00-00-00-00_broken_x.eval").write_bytes(b"PK not a log")
    (folder / "2026-01-01T00-00-00-00-00_cut_x.json").write_text('{"version": 2, "eval": {"task"')
    return folder


@pytest.fixture
def call():
    """Return what calls the command line."""
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def evaluate():
    """Return what runs the task once, with one vote, into a folder, and gives its log."""
    return run
