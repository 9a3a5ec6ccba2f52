"""A user's own file is read or refused by name; the shipped sets are what they claim to be."""

import json
import re
from collections import Counter
from itertools import combinations

import pytest

from experiment.errors import UserError
from experiment.paths import TASKS, data_folder
from experiment.queries.query_sets import NO_CATEGORY, Query, dataset_hash, load_queries

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


ONE = Query("mine-0001", "Why?", NO_CATEGORY)
TWO = [Query("a", "Why?", "theft"), Query("b", "How?", "fraud")]
FIRST, SECOND = (json.dumps(query._asdict()) for query in TWO)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("mine.jsonl", '{"text": "Why?"}\n', [ONE]),
        ("mine.jsonl", '\n{"text": "Why?", "other": 1}\n\n', [ONE]),
        ("mine.jsonl", f"{FIRST}\r\n{SECOND}", TWO),
        ("mine.csv", "text\nWhy?\n", [ONE]),
        ("mine.CSV", "text\nWhy?\n", [ONE]),
        ("mine.tsv", "category\ttext\tid\ntheft\tWhy?\ta\nfraud\tHow?\tb\n", TWO),
        ("mine.JSONL", '{"text": "Why?"}', [ONE]),
        ("mine.csv", "category,text,id\ntheft,Why?,a\nfraud,How?,b\n", TWO),
        ("mine.csv", 'text\n"Why, ""me""?\nNow?"\n', [ONE._replace(text='Why, "me"?\nNow?')]),
        ("mine.csv", "text,id,category\nWhy?,,\n", [ONE]),
        ("mine.json", '["Why?"]', [ONE]),
        ("mine.json", '[{"text": "Why?", "id": "", "category": null}]', [ONE]),
        ("mine.json", f"[{FIRST}, {SECOND}]", TWO),
        ("mine.json", '[{"text": "Why?", "id": 7}]', [ONE._replace(id="7")]),
        ("mine.json", '["Why?", "How?"]', [ONE, Query("mine-0002", "How?", NO_CATEGORY)]),
        ("mine.json", f'["Why?", {SECOND}]', [ONE, TWO[1]]),
        ("mine.json", '["¿Por qué? \\u2028 “née” 日本 😀"]', [ONE._replace(text="¿Por qué? \u2028 “née” 日本 😀")]),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
def test_each_format_is_read(file, name, content, expected, mark):
    assert load_queries(file(name, mark + content)) == expected


@pytest.mark.parametrize("character", ["\u2028", "\x85", "\x0b", "\x0c", "\u2029"], ids=ascii)
@pytest.mark.parametrize("suffix", ["jsonl", "csv", "json"])
def test_only_a_newline_ends_a_row(file, suffix, character):
    text = f"Why{character}me?"
    row = json.dumps({"text": text}, ensure_ascii=character < " ")
    content = {"jsonl": row, "csv": f"text\n{text}\n", "json": f"[{row}]"}[suffix]
    assert [query.text for query in load_queries(file(f"mine.{suffix}", content))] == [text]


def test_generated_ids_follow_the_rows_and_given_ones_are_kept_even_when_zero(file):
    path = file("mine.json", json.dumps([{"text": "a", "id": 0}, {"text": "b"}, {"text": "c", "id": 1}]))
    assert [query.id for query in load_queries(path)] == ["0", "mine-0002", "1"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("mine.jsonl", "", "holds no query"),
        ("mine.jsonl", "\n \n", "holds no query"),
        ("mine.csv", "", "holds no query"),
        ("mine.csv", "text\n", "holds no query"),
        ("mine.json", "[]", "holds no query"),
        ("mine.json", "", "not valid json"),
        ("mine.json", "[", "not valid json"),
        ("mine.jsonl", '{"text": "a"}\n{"text": ', "not valid jsonl"),
        ("mine.jsonl", b'{"text": "\xff"}', "not valid jsonl"),
        ("mine.json", '{"text": "a"}', "list of strings or of objects"),
        ("mine.json", '["a", 3]', "row 2 is neither a string nor an object: 3"),
        ("mine.jsonl", '{"text": "a"}\nnull', "row 2 is neither"),
        ("mine.jsonl", '{"prompt": "a", "id": "b"}', r"row 1 lacks the field 'text' \(has: prompt, id\)"),
        ("mine.jsonl", '{"text": "a"}\n{"text": ""}', "row 2 lacks the field 'text'"),
        ("mine.jsonl", '{"text": 3}', "row 1 lacks the field 'text'"),
        ("mine.csv", "prompt,category\na,b\n", r"row 1 lacks the field 'text' \(has: prompt, category\)"),
        ("mine.csv", "id,text\na\n", "row 1 lacks the field 'text'"),
        ("mine.csv", "text\nFirst do this, then do that.\n", "row 1"),
        ("mine.csv", 'text\n"Why?\nHow?\nNow?\n', "not valid csv .*the row after line 1: unexpected end of data"),
        ("mine.csv", 'text\nWho?\n"Why?\nHow?\n"Now?\n', "not valid csv .*the row after line 2: .*expected after"),
        ("mine.TSV", 'text\tcategory\n"Why?\ta\n', "not valid tsv .*the row after line 1"),
        ("mine.jsonl", '{"text": "a"}\n{"text": "b"', "not valid jsonl .*line 2: "),
        ("mine.jsonl", '{"text": "a \\ud800"}', "row 1: text holds half of a character"),
        ("mine.json", '[{"text": "a", "id": "\\udfff"}]', "row 1: id holds half of a character"),
        ("mine.json", '[" "]', "row 1 lacks the field 'text'"),
        ("mine.jsonl", '{"text": "a", "id": 1}\n{"text": "b", "id": "1"}', "id '1' stands more than once"),
        ("mine.json", '[{"text": "a", "id": "mine-0002"}, "b"]', "id 'mine-0002' stands more than once"),
    ],
)
def test_a_broken_file_is_refused_by_name(file, name, content, problem):
    with pytest.raises(UserError, match=rf"{re.escape(name)}: .*{problem}"):
        load_queries(file(name, content))


@pytest.mark.parametrize("name", ["harmfull", "", "HARMFUL", "mine.txt", "queries/harmful"])
def test_an_unknown_name_lists_the_shipped_sets_and_the_formats(name):
    with pytest.raises(UserError, match=rf"unknown query set '{name}'; known: .*\.jsonl.*benign.*harmful"):
        load_queries(name)


def test_a_path_that_does_not_exist_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(UserError, match=rf"gone\.csv' does not exist \(looked in {tmp_path}\)"):
        load_queries(str(tmp_path / "gone.csv"))
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(UserError, match=r"folder\.json' does not exist"):
        load_queries(str(tmp_path / "folder.json"))


def test_a_relative_path_is_found_from_the_shell_after_a_change_of_directory(file, tmp_path, monkeypatch):
    file("mine.json", '["Why?"]')
    (tmp_path / "evals").mkdir()
    monkeypatch.setattr("experiment.paths.STARTED_IN", tmp_path)
    for folder in (tmp_path / "evals", tmp_path):
        monkeypatch.chdir(folder)
        assert load_queries("mine.json") == load_queries("./mine.json") == [ONE]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_queries("~/mine.json") == [ONE]


def test_a_stale_pwd_of_the_environment_is_not_where_a_file_is_read(file, tmp_path, monkeypatch):
    file("mine.json", '["Why?"]')
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.json").write_text('["Who?"]')
    monkeypatch.setenv("PWD", str(tmp_path / "other"))
    monkeypatch.setattr("experiment.paths.STARTED_IN", tmp_path)
    monkeypatch.chdir(TASKS)
    assert load_queries("mine.json") == [ONE]


def test_the_hash_changes_with_every_field_and_the_order():
    edited = [[TWO[0]._replace(**{field: "x"}), TWO[1]] for field in Query._fields]
    changed = [TWO, TWO[::-1], TWO[:1], *edited]
    assert len({dataset_hash(queries) for queries in changed}) == len(changed)
    assert dataset_hash(TWO) == dataset_hash(iter(TWO))


HARMFUL, BENIGN = load_queries("harmful"), load_queries("benign")


@pytest.mark.parametrize(("queries", "least"), [(HARMFUL, 200), (BENIGN, 100)], ids=["harmful", "benign"])
def test_a_shipped_set_is_large_and_its_categories_evenly_filled(queries, least):
    sizes = Counter(query.category for query in queries)
    assert len(queries) >= least
    assert len(sizes) >= 10
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_every_benign_query_stands_beside_a_harmful_one():
    partners = {f"benign-{query.id}": query.category for query in HARMFUL}
    assert [query.id for query in BENIGN if partners.get(query.id) != query.category] == []


def test_every_shipped_query_is_one_sentence_under_an_id_of_its_category():
    sentence = re.compile(r"(?!.*[.?!;]['\"”)]*\s+['\"“(]*[A-Z])[A-Z][^\n]*[^.?!\s][.?]")
    assert [query for query in [*HARMFUL, *BENIGN] if not sentence.fullmatch(query.text)] == []
    assert [query for query in HARMFUL if not re.fullmatch(rf"{query.category}-\d\d", query.id)] == []


def overlap(one, other):
    return len(one & other) / len(one | other)


def grams(text, size=5):
    return {text[i : i + size] for i in range(len(text) - size + 1)}


def test_no_shipped_query_repeats_another_or_nearly():
    texts = [" ".join(re.findall(r"\w+", query.text.lower())) for query in [*HARMFUL, *BENIGN]]
    shapes = [(text, set(text.split()), grams(text)) for text in texts]
    near = [
        (one[0], other[0])
        for one, other in combinations(shapes, 2)
        if overlap(one[1], other[1]) >= 0.6 or overlap(one[2], other[2]) >= 0.5
    ]
    assert near == []


def test_every_row_and_every_setting_carries_the_same_canary():
    folder = data_folder()
    rows = [(path, line) for path in folder.rglob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]
    fields = {frozenset(json.loads(line)) for path, line in rows if path.stem in ("harmful", "benign")}
    assert fields == {frozenset({"id", "text", "category", "canary"})}
    marked = [(path.name, GUID.findall(json.loads(line).get("canary", ""))) for path, line in rows]
    settings = (folder / "prompts" / "settings").glob("*.md")
    marked += [(path.name, GUID.findall(path.read_text(encoding="utf-8"))) for path in settings]
    [guid] = marked[0][1]
    assert {name for name, found in marked if found != [guid]} == set()
