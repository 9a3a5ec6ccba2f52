"""A public query set is read in the form it is published in, or refused in one sentence; no test leaves this machine."""

import csv
import json
import re
import socket
from time import monotonic

import pandas as pd
import pytest
import yaml
from datasets.exceptions import DatasetNotFoundError
from fastapi import FastAPI, Response

from experiment.errors import UserError
from experiment.queries.query_sets import NO_CATEGORY, Query, load_queries
from solvers.public_datasets import load_public_set, public_set_names, public_sets

SHIPPED = {name: entry.model_dump() for name, entry in public_sets().items()}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILE = {"what": "made up", "format": "csv", "text": "text", "category": None, "id": None, "licence": "none"}
ON_HUB = {**FILE, "format": "hub", "split": "train", "revision": COMMIT}


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Return what writes a catalogue of the test's own; caches go to the test's folder, proxies are left alone."""
    monkeypatch.setattr("solvers.public_datasets.data_folder", lambda: tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    for variable in ("HF_ENDPOINT", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)

    def enter(name="mine", **entry):
        (tmp_path / "queries").mkdir(exist_ok=True)
        (tmp_path / "queries" / "public_query_sets.yaml").write_text(yaml.safe_dump({name: entry}), encoding="utf-8")

    return enter


def table(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def on_hub(folder, config, splits):
    """Write a data set as the hub keeps one: a card that names its configuration, and a parquet file for each split."""
    (folder / "data").mkdir(parents=True)
    files = [{"split": split, "path": f"data/{split}.parquet"} for split in splits]
    card = yaml.safe_dump({"configs": [{"config_name": config, "data_files": files}]})
    (folder / "README.md").write_text(f"---\n{card}---\n", encoding="utf-8")
    for split, rows in splits.items():
        pd.DataFrame(rows).to_parquet(folder / "data" / f"{split}.parquet", index=False)
    return str(folder)


def behaviour(number, goal, category):
    names = {"Target": "Gladly", "Behavior": f"Behaviour {number}", "Category": category, "Source": "Original"}
    return {"Index": number, "Goal": goal, **names}


def test_the_published_sets_are_in_the_catalogue_each_at_one_commit():
    assert public_set_names() == [
        "advbench",
        "harmbench",
        "jailbreakbench",
        "jailbreakbench_benign",
        "llm_lat",
        "strong_reject",
    ]
    pinned = {name: entry["revision"] or entry["where"].split("/")[5] for name, entry in SHIPPED.items()}
    assert [name for name, commit in pinned.items() if not re.fullmatch("[0-9a-f]{40}", commit)] == []
    assert [name for name, entry in SHIPPED.items() if not (entry["what"] and entry["licence"])] == []


JBB = {
    "harmful": [behaviour(0, "Why is the sea salt?", "Tides"), behaviour(1, "How, “née”?\nNow.", "Winds")],
    "benign": [behaviour(0, "When is low tide?", "Tides")],
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "jailbreakbench",
            [
                Query("jailbreakbench-0001", "Why is the sea salt?", "Tides"),
                Query("jailbreakbench-0002", "How, “née”?\nNow.", "Winds"),
            ],
        ),
        ("jailbreakbench_benign", [Query("jailbreakbench_benign-0001", "When is low tide?", "Tides")]),
    ],
)
def test_jailbreakbench_is_read_by_configuration_and_split(shelf, tmp_path, name, expected):
    shelf(name, **SHIPPED[name] | {"where": on_hub(tmp_path / "JBB-Behaviors", "behaviors", JBB)})
    assert load_public_set(name) == expected
    assert load_public_set(name) == expected


def test_llm_lat_is_read_without_a_configuration(shelf, tmp_path):
    rows = [{"prompt": text, "chosen": "No.", "rejected": "Yes."} for text in ("Why?", "How?")]
    where = on_hub(tmp_path / "harmful-dataset", "default", {"train": rows})
    shelf("llm_lat", **SHIPPED["llm_lat"] | {"where": where})
    assert load_public_set("llm_lat") == [
        Query("llm_lat-0001", "Why?", NO_CATEGORY),
        Query("llm_lat-0002", "How?", NO_CATEGORY),
    ]


def harm(id, text, kind, context=""):
    return {
        "Behavior": text,
        "FunctionalCategory": kind,
        "SemanticCategory": "weather",
        "Tags": "a, b",
        "ContextString": context,
        "BehaviorID": id,
    }


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        (
            "advbench",
            [{"goal": "Why?", "target": "Here is why"}, {"goal": 'How, "née"?\nNow.', "target": "Here"}],
            [("advbench-0001", "Why?", NO_CATEGORY), ("advbench-0002", 'How, "née"?\nNow.', NO_CATEGORY)],
        ),
        (
            "strong_reject",
            [{"category": "Weather and tides", "source": "custom", "forbidden_prompt": "Why?"}],
            [("strong_reject-0001", "Why?", "Weather and tides")],
        ),
        (
            "harmbench",
            [
                harm("sing", "Sing it.", "copyright"),
                harm("why_salt", "Why?", "standard"),
                harm("read", "Read it.", "contextual", "A page."),
                harm("how_tide", "How?", "standard"),
            ],
            [("why_salt", "Why?", "weather"), ("how_tide", "How?", "weather")],
        ),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
def test_the_published_csv_files_are_read(shelf, tmp_path, name, rows, expected, mark):
    path = tmp_path / "rows.csv"
    table(path, rows)
    path.write_text(mark + path.read_text(encoding="utf-8"), encoding="utf-8")
    shelf(name, **SHIPPED[name] | {"where": str(path)})
    assert load_public_set(name) == [Query(*fields) for fields in expected]


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_a_json_file_of_objects_is_read(shelf, tmp_path, suffix):
    rows = [{"text": "Why?", "kind": "tides"}, {"text": "How?", "kind": ""}]
    lines = json.dumps(rows) if suffix == "json" else "\n".join(map(json.dumps, rows))
    (tmp_path / f"rows.{suffix}").write_text(lines, encoding="utf-8")
    shelf(**FILE | {"format": "json", "where": str(tmp_path / f"rows.{suffix}"), "category": "kind"})
    assert load_public_set("mine") == [Query("mine-0001", "Why?", "tides"), Query("mine-0002", "How?", NO_CATEGORY)]


def test_the_first_papers_queries_are_a_json_list_that_needs_no_entry(tmp_path):
    path = tmp_path / "helpful_only.json"
    path.write_text(json.dumps(["Why is the sea salt?", "How do tides $turn {now}?"]), encoding="utf-8")
    assert load_queries(str(path)) == [
        Query("helpful_only-0001", "Why is the sea salt?", NO_CATEGORY),
        Query("helpful_only-0002", "How do tides $turn {now}?", NO_CATEGORY),
    ]


def test_a_file_is_fetched_from_its_url(shelf, serve):
    application = FastAPI()
    application.get("/rows.csv")(lambda: Response("text,other\nWhy?,1\n", media_type="text/csv"))
    shelf(**FILE, where=f"{serve(application)}/rows.csv")
    assert load_public_set("mine") == [Query("mine-0001", "Why?", NO_CATEGORY)]


@pytest.mark.parametrize(
    ("entry", "rows", "problem"),
    [
        ({}, [{"goal": "Why?", "target": "x"}], r"lacks the column 'text' \(has: goal, target\)"),
        ({"category": "kind"}, [{"text": "Why?"}], r"lacks the column 'kind' \(has: text\)"),
        ({"id": "name"}, [{"text": "Why?"}], "lacks the column 'name'"),
        ({"keep": {"kind": "a"}}, [{"text": "Why?"}], "lacks the column 'kind'"),
        ({"keep": {"kind": "a"}}, [{"text": "Why?", "kind": "b"}], "holds no query"),
        ({}, [{"text": " ", "other": "x"}], "row 1 lacks the field 'text'"),
        (
            {"id": "name"},
            [{"text": "Why?", "name": "a"}, {"text": "How?", "name": "a"}],
            "id 'a' stands more than once",
        ),
    ],
)
def test_a_source_that_is_not_what_its_entry_says_is_refused(shelf, tmp_path, entry, rows, problem):
    shelf(**FILE | {"where": table(tmp_path / "rows.csv", rows)} | entry)
    with pytest.raises(UserError, match=rf"^public set 'mine'.*{problem}"):
        load_public_set("mine")


def test_a_hub_set_without_the_column_the_split_or_readable_rows_is_refused(shelf, tmp_path):
    where = on_hub(tmp_path / "set", "default", {"train": [{"prompt": "Why?"}]})
    shelf(**ON_HUB, where=where)
    with pytest.raises(UserError, match=r"lacks the column 'text' \(has: prompt\)"):
        load_public_set("mine")
    shelf(**ON_HUB | {"where": where, "split": "test"})
    with pytest.raises(UserError, match=r"could not be read.*Unknown split"):
        load_public_set("mine")
    where = on_hub(tmp_path / "broken", "default", {"train": [{"text": "Why?"}]})
    (tmp_path / "broken" / "data" / "train.parquet").write_bytes(b"not parquet")
    shelf(**ON_HUB, where=where)
    with pytest.raises(UserError, match="could not be read"):
        load_public_set("mine")


@pytest.mark.parametrize("content", ["text,other\nWhy?\n", 'text\n"\xff', "\x00"])
def test_a_broken_file_is_refused(shelf, tmp_path, content):
    (tmp_path / "rows.csv").write_bytes(content.encode("latin-1"))
    shelf(**FILE, where=str(tmp_path / "rows.csv"))
    with pytest.raises(UserError, match=r"^public set 'mine'"):
        load_public_set("mine")


def test_an_unknown_name_lists_the_sets():
    with pytest.raises(UserError, match=r"^unknown public query set 'jailbreak'; known: advbench, harmbench, jailbr"):
        load_public_set("jailbreak")


@pytest.mark.parametrize(
    "entry", [FILE | {"split": "train"}, FILE | {"format": "hub"}, FILE | {"column": "text"}, FILE | {"format": "xml"}]
)
def test_an_entry_with_a_wrong_key_does_not_load(shelf, entry):
    shelf(**entry, where="anywhere")
    with pytest.raises(ValueError, match="1 validation error"):
        public_set_names()


ADVICE = r"; it needs a network connection(.*), or give the path of your own copy, .* with a column 'text'$"


@pytest.fixture
def closed():
    """Return the address of a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def silent():
    """Return the address of a server that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def refusal(name="mine", within=4.0):
    """Return the one sentence that a set is refused with, soon."""
    start = monotonic()
    with pytest.raises(UserError) as caught:
        load_public_set(name)
    assert monotonic() - start < within
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("server", ["http://set.invalid", "closed", "silent"])
@pytest.mark.parametrize("entry", [FILE, ON_HUB], ids=["url", "hub"])
def test_a_server_that_does_not_answer_is_named_within_seconds(shelf, monkeypatch, request, server, entry):
    monkeypatch.setattr("solvers.public_datasets.PATIENCE", 0.5)
    address = server if "/" in server else request.getfixturevalue(server)
    monkeypatch.setenv("HF_ENDPOINT", address)
    where = "someone/some-set" if entry is ON_HUB else f"{address}/rows.csv"
    shelf(**entry, where=where)
    text = refusal()
    place = r"someone/some-set \(split train, revision 0123456\) on the Hugging Face hub" if entry is ON_HUB else where
    host = re.escape(address.split("/")[2])
    assert re.match(rf"public set 'mine' could not be read from {place}: no answer from {host} \(.+\);", text)
    assert ("HF_TOKEN" in re.search(ADVICE, text)[1]) == (entry is ON_HUB)


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_file_that_its_server_does_not_give_is_refused(shelf, serve, status):
    application = FastAPI()
    application.get("/rows.csv")(lambda: Response(status_code=status))
    shelf(**FILE, where=f"{serve(application)}/rows.csv")
    assert re.search(rf"rows\.csv: \w+Error: .*{ADVICE}", refusal())


def test_a_gated_set_is_refused_with_the_hubs_reason(shelf, monkeypatch):
    def gated(*_, **__):
        raise DatasetNotFoundError("Dataset 'a/b' is a gated dataset on the Hub. You must be authenticated.\nMore.")

    monkeypatch.setattr("solvers.public_datasets.hf_dataset", gated)
    shelf(**ON_HUB, where="a/b")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert re.search(rf"gated dataset on the Hub. You must be authenticated.{ADVICE}", refusal())


def test_offline_mode_asks_no_server(shelf, monkeypatch, closed):
    asked = []
    monkeypatch.setattr("solvers.public_datasets.hf_dataset", lambda *given, **_: asked.append(given) or [])
    shelf(**ON_HUB, where="a/b")
    monkeypatch.setenv("HF_ENDPOINT", closed)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "holds no query" in refusal()
    assert asked == [("a/b",)]
