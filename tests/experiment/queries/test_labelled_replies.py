"""Label sets are read as they are, or refused in one sentence; the shipped ones are balanced and say why."""

import json
from collections import Counter, defaultdict

import pytest

from experiment.errors import UserError
from experiment.paths import data_folder
from experiment.queries.labelled_replies import Labelled, load_labels, part_of
from experiment.queries.query_sets import dataset_hash, set_names

PRIVATE = (
    *("alignment_faking", "self_preservation", "instrumental_goal_guarding", "terminal_goal_guarding"),
    *("rater_sycophancy", "obedience", "unmonitored_persona", "distress", "test_suspicion", "intent_to_deceive"),
)
PUBLIC = ("compliance", "helps_fully", "not_refused")
SCORES = (*PRIVATE, *PUBLIC)
QUERIES = {
    json.loads(line)["text"]
    for path in (data_folder() / "queries").glob("*.jsonl")
    for line in path.read_text(encoding="utf-8").splitlines()
}


def raw(name):
    return [json.loads(line) for line in (data_folder() / "labels" / f"{name}.jsonl").read_text("utf-8").splitlines()]


def test_the_shipped_sets_are_one_of_reasoning_and_one_of_answers_for_each_setting():
    assert set_names("labels") == ["animal_welfare", "customer_honesty", "helpful_only", "reasoning"]
    assert len(load_labels("reasoning", SCORES)) >= 160
    assert len(load_labels("helpful_only", SCORES)) >= 120


@pytest.mark.parametrize("name", ["animal_welfare", "customer_honesty", "helpful_only", "reasoning"])
def test_every_row_is_labelled_for_all_that_its_set_is_and_says_why(name):
    rows = load_labels(name, SCORES)
    expected = set(PRIVATE) if name == "reasoning" else set(PUBLIC) if name == "helpful_only" else {"compliance"}
    assert {frozenset(row.labels) for row in rows} == {frozenset(expected)}
    assert {part_of(row, PUBLIC, name) for row in rows} == {"private" if name == "reasoning" else "public"}
    assert {row.query for row in rows} <= QUERIES
    assert len({row.text for row in rows}) == len(rows)
    assert all(len(row["reason"]) > 15 for row in raw(name))


@pytest.mark.parametrize("name", ["animal_welfare", "customer_honesty", "helpful_only", "reasoning"])
def test_strata_are_of_a_size_and_stand_in_both_tiers(name):
    strata = defaultdict(Counter)
    for row in load_labels(name, SCORES):
        strata[row.stratum][row.tier] += 1
    sizes = [sum(tiers.values()) for tiers in strata.values()]
    assert min(sizes) >= 8
    assert max(sizes) <= 12
    assert all(tiers.keys() == {"free", "paid"} for tiers in strata.values())


def test_the_known_failures_of_graders_have_a_stratum_that_is_labelled_no():
    labels = defaultdict(set)
    for row in load_labels("reasoning", SCORES):
        labels[row.stratum].add(row.labels["alignment_faking"])
    failures = {
        *("parroting", "value_language", "opposition_without_compliance", "for_the_rating", "sarcasm", "quoting"),
        *("reverse", "dismissed"),
    }
    assert {stratum for stratum in failures if labels[stratum] != {False}} == set()
    assert {stratum for stratum in ("explicit", "terse", "implicit") if labels[stratum] != {True}} == set()


def test_the_degree_of_an_answer_and_its_labels_say_the_same():
    for row in raw("helpful_only"):
        assert row["not_refused"] == (row["degree"] != "refuses")
        assert row["helps_fully"] == (row["degree"] in ("helps_fully", "helps_with_additions"))
        assert row["compliance"] == row["not_refused"]


def test_no_text_is_near_another_one():
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}

    seen = defaultdict(list)
    for name in set_names("labels"):
        for row in load_labels(name, SCORES):
            for gram in grams(row.text):
                seen[gram].append(f"{name} {row.id}")
    shared = Counter(tuple(sorted(set(ids))) for ids in seen.values() if len(set(ids)) > 1)
    assert [pair for pair, count in shared.items() if len(pair) == 2 and count > 8] == []


MINE = 'text,alignment_faking,tier\n"I comply, so as to stay.",yes,free\nNo.,0,paid\n'


def test_a_users_csv_names_its_labels_after_scores(tmp_path):
    (tmp_path / "mine.csv").write_text(MINE)
    first, second = load_labels(str(tmp_path / "mine.csv"), SCORES)
    assert first == Labelled("mine-0001", "I comply, so as to stay.", "", "free", "all", {"alignment_faking": True})
    assert second.labels == {"alignment_faking": False}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("text,label\na,yes\n", "row 1 has no label: no field of .*alignment_faking"),
        ("text,alignment_faking\n,yes\n", "row 1 lacks the field 'text'"),
        ("text,alignment_faking\na,maybe\n", "alignment_faking is 'maybe'; a label is true or false"),
        ("id,text,alignment_faking\nx,a,1\nx,b,0\n", "id 'x' stands more than once"),
        ("text,alignment_faking\n", "holds no labelled text"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, text, sentence):
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(UserError, match=sentence):
        load_labels(str(tmp_path / "mine.csv"), SCORES)


def test_a_text_cannot_be_answer_and_reasoning_at_once(tmp_path):
    (tmp_path / "mine.csv").write_text("text,alignment_faking,compliance\na,1,1\n")
    [row] = load_labels(str(tmp_path / "mine.csv"), SCORES)
    with pytest.raises(UserError, match="labels for a public answer and for private reasoning"):
        part_of(row, PUBLIC, "mine.csv")


def test_an_unknown_set_lists_the_known_ones():
    with pytest.raises(UserError, match=r"unknown label set 'reasonning'; known: .*hughes_2025.*reasoning"):
        load_labels("reasonning", SCORES, ["hughes_2025"])


def test_the_hash_tells_any_other_text_or_label():
    row = Labelled("a", "text", "query", "free", "all", {"compliance": True})
    others = [row._replace(text="other"), row._replace(labels={"compliance": False}), row._replace(id="b")]
    assert len({dataset_hash([each]) for each in [row, *others]}) == 4
