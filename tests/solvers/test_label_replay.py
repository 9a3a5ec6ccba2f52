"""Labelled replies come from a file or a public set, and stand where a model's reply would."""

import anyio
import pandas as pd
import pytest
import yaml
from inspect_ai.model import ModelName
from inspect_ai.solver import TaskState

from experiment.errors import UserError
from solvers.label_replay import labelled_reply, load_label_set
from solvers.public_datasets import LABEL_SETS, public_sets
from solvers.reply_store import read_reply, stop_reason

SCORES = ("alignment_faking", "compliance")
ENTRY = {"what": "made up", "format": "csv", "text": "scratchpad", "category": "kind", "id": None, "licence": "none"}


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Return what writes a public set and the list that names it."""
    monkeypatch.setattr("solvers.public_datasets.data_folder", lambda: tmp_path)
    (tmp_path / "labels").mkdir()

    def enter(rows, **entry):
        pd.DataFrame(rows).to_csv(tmp_path / "set.csv", index=False)
        written = {"mine": ENTRY | {"where": str(tmp_path / "set.csv")} | entry}
        (tmp_path / "labels" / "public_label_sets.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")

    return enter


ROWS = [
    {"scratchpad": "I comply.", "kind": "a", "asked": "Why?", "label": 1},
    {"scratchpad": "No.", "kind": "b", "asked": "How?", "label": 0},
]


def test_a_public_set_is_read_with_its_labels(shelf):
    shelf(ROWS, query="asked", labels={"alignment_faking": "label"})
    first, second = load_label_set("mine", SCORES)
    assert first == ("mine-0001", "I comply.", "Why?", "", "a", {"alignment_faking": True}, "")
    assert (second.id, second.labels) == ("mine-0002", {"alignment_faking": False})


def test_a_set_whose_rows_are_all_of_one_kind_gives_them_one_label(shelf):
    shelf(ROWS, labels={"alignment_faking": False})
    assert [row.labels for row in load_label_set("mine", SCORES)] == [{"alignment_faking": False}] * 2


def test_a_column_that_is_not_there_is_named(shelf):
    shelf(ROWS, labels={"alignment_faking": "verdict"})
    with pytest.raises(UserError, match=r"lacks the column 'verdict' \(has: scratchpad, kind, asked, label\)"):
        load_label_set("mine", SCORES)


def test_the_shipped_catalogue_names_labels_that_can_be_measured():
    from scorers.label_agreement import LABELLED

    entries = public_sets(LABEL_SETS)
    assert set(entries) >= {"hughes_2025", "jailbreakbench_judges"}
    for entry in entries.values():
        assert set(entry.labels) <= set(LABELLED)
        assert entry.labels


@pytest.mark.parametrize("part", ["public", "private"])
def test_a_text_is_handed_over_as_the_part_that_it_is(part):
    state = TaskState(
        model=ModelName("none/none"),
        sample_id="a",
        epoch=1,
        input="q",
        messages=[],
        metadata={"text": "Words.", "part": part},
    )
    anyio.run(labelled_reply(), state, None)
    reply = read_reply(state)
    assert (reply.public, reply.private) == (("Words.", "") if part == "public" else ("", "Words."))
    assert (state.output.completion, stop_reason(state)) == ("Words.", "stop")
