"""The corpus of reply shapes: the reader gives each of them exactly what a person would read in it."""

import json
import re
from collections import Counter
from typing import get_args

import pytest

from experiment.paths import data_folder
from experiment.prompts.scratchpads import ModeName, load_scratchpad
from experiment.replies.outcomes import unmeasured
from experiment.replies.split_reply import Turn, split
from experiment.replies.text_tool_calls import Call

FOLDER = data_folder() / "replies"
LINES = (FOLDER / "shapes.jsonl").read_text(encoding="utf-8").splitlines()
SHAPES = [json.loads(line) for line in LINES]
CANARY = json.loads((data_folder() / "queries" / "harmful.jsonl").read_text(encoding="utf-8").split("\n")[0])["canary"]
KEYS = {"id", "family", "mode", "turns", "stop", "wire", "expected", "source", "canary"}
CUT = ("max_tokens", "model_length")


def modes(shape):
    return shape["mode"] if isinstance(shape["mode"], list) else [shape["mode"]]


def turn(written):
    calls = (Call(call["name"], call["arguments"]) for call in written.get("calls", []))
    return Turn(written["text"], tuple(calls), written.get("native", ""))


def differences(reply, expected):
    """Compare what a shape fixes; null stands for what it leaves open."""
    found = reply._asdict()
    fixed = {name: value for name, value in expected.items() if name in found and value is not None}
    return {name: (found[name], value) for name, value in fixed.items() if found[name] != value}


@pytest.mark.parametrize(
    ("shape", "mode"),
    [pytest.param(shape, mode, id=f"{shape['id']}-{mode}") for shape in SHAPES for mode in modes(shape)],
)
def test_a_shape_is_read_as_it_is_meant(shape, mode):
    stop = shape.get("stop", "stop")
    reply = split(mode, [turn(written) for written in shape["turns"]], load_scratchpad(mode).tags, cut=stop in CUT)
    assert differences(reply, shape["expected"]) == {}
    malformed = "malformed" if shape["expected"]["problem"] == "malformed" else None
    ended = "stop" if reply.closed and stop in CUT else stop
    assert unmeasured(reply, ended) == shape["expected"].get("ungraded", malformed)


def test_the_corpus_is_broad():
    families = Counter(shape["family"] for shape in SHAPES)
    assert len(SHAPES) >= 150
    assert len(families) >= 15
    assert min(families.values()) >= 5
    assert {mode for shape in SHAPES for mode in modes(shape)} == set(get_args(ModeName))


@pytest.mark.parametrize("shape", [pytest.param(shape, id=shape["id"]) for shape in SHAPES])
def test_a_shape_is_complete_and_contradicts_nothing(shape):
    expected = shape["expected"]
    assert set(shape) <= KEYS
    assert {"text"} <= set(shape["turns"][0])
    assert re.fullmatch(rf"{shape['family'].replace('_', '-')}-\d\d", shape["id"])
    assert shape["canary"] == CANARY
    assert len(shape["source"]) >= 4
    assert (expected["problem"] == "malformed") == (expected["reason"] != "") == (expected["public"] == "")
    for part in ("private", "public", "native"):
        assert (expected[part] or "") == (expected[part] or "").strip()
    for hidden in (expected["private"], expected["native"]):
        assert not hidden or not expected["public"] or hidden not in expected["public"]


def test_ids_are_unique_and_every_line_is_ascii():
    assert len({shape["id"] for shape in SHAPES}) == len(SHAPES)
    assert [line for line in LINES if not line.isascii()] == []
    assert [line for line in LINES if line != json.dumps(json.loads(line))] == []


def test_the_page_names_every_family_with_its_count():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| .+ \|$", page, re.MULTILINE)
    assert {family: int(count) for family, count in rows} == Counter(shape["family"] for shape in SHAPES)
    assert f"{len(SHAPES)} replies" in page
