"""Whatever a log holds, the report is made of the others and says of this one at most why it is left out."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inspect_ai.log import read_eval_log, write_eval_log

from cli.main import main

VALUES = [None, -1, 0, 2.5, 1e308, 10**400, float("nan"), True, "", "x", "complied", "[/y]", "\u202e\x1b[31m", [], {}]
VALUES += [[1], {"a": 1}, [["x", "y"]], {"hits": "x"}]
DAMAGED = "2026-01-01T00-00-00-00-00_alignment-faking_x.json"


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    """A folder with one good log, and the content of another as JSON."""
    folder = tmp_path_factory.mktemp("logs")
    good = min(Path(made).glob("*.eval"))
    shutil.copy(good, folder)
    log = read_eval_log(str(good))
    log.samples = log.samples[:6]
    log.eval.task_id = "another"
    write_eval_log(log, str(folder / DAMAGED))
    content = json.loads((folder / DAMAGED).read_text(encoding="utf-8"))
    for sample in content["samples"]:
        sample |= {"events": [], "attachments": {}}
    return folder, json.dumps(content), good.name


def places(node):
    """Every place in a JSON value: what holds it, and its key or index."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(inner):
        yield node, key
        yield from places(value)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=settings().max_examples // 4,
)
@given(data=st.data())
def test_an_edited_log_never_ends_the_report(folder, data):
    where, content, good = folder
    damaged = json.loads(content)
    for part in data.draw(st.lists(st.sampled_from(["eval", "results", "samples"]), min_size=1, max_size=4)):
        known = list(places(damaged.get(part)))
        if known:
            node, key = known[data.draw(st.integers(0, len(known) - 1))]
            node[key] = data.draw(st.sampled_from(VALUES))
            if isinstance(node, dict) and data.draw(st.booleans()):
                del node[key]
    (where / DAMAGED).write_text(json.dumps(damaged), encoding="utf-8")
    done = CliRunner().invoke(main, ["report", str(where), "--output", str(where / "report")])
    assert done.exit_code == 0, done.output
    assert f"{good}" in (where / "report" / "index.html").read_text(encoding="utf-8")
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
