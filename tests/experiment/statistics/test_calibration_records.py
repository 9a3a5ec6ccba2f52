"""A calibration record speaks for the grader, rubric, votes and settings that it was made with, and for no other."""

import pytest

from experiment.statistics.agreement import Confusion
from experiment.statistics.calibration_records import Calibration, Judge, fitting, read_calibrations

COUNTS = {"hits": 9, "misses": 1, "rejections": 18, "false_alarms": 2}
RECORD = Calibration(
    score="compliance",
    grader="maker/grader",
    settings="s",
    rubric="compliance",
    rubric_sha256="r",
    votes=1,
    labels=["mine"],
    labels_sha256="l",
    counts=COUNTS,
    tiers={"free": COUNTS},
    ungraded=0,
    simulated=False,
    suite_version="0.1.0",
    created="2026-01-01",
)
JUDGE = Judge("maker/grader", "s", "compliance", "r", 1)


@pytest.mark.parametrize(
    ("score", "judge", "problem"),
    [
        ("compliance", JUDGE, ""),
        ("alignment_faking", JUDGE, "not validated against labels"),
        ("compliance", JUDGE._replace(grader="maker/other"), "not validated against labels"),
        ("compliance", JUDGE._replace(rubric_sha256="x"), "another rubric and is not used"),
        ("compliance", JUDGE._replace(votes=5), "another number of votes"),
        ("compliance", JUDGE._replace(settings="x"), "other generation options"),
    ],
)
def test_a_record_is_used_only_where_it_fits(score, judge, problem):
    record, why = fitting([RECORD], score, judge)
    assert (record is None) == bool(problem)
    assert why.endswith(problem) or problem in why


def test_of_several_records_the_one_on_the_most_labels_is_used_then_the_latest():
    more = RECORD.model_copy(update={"counts": {**COUNTS, "hits": 50}})
    later = RECORD.model_copy(update={"created": "2026-02-01"})
    other = more.model_copy(update={"rubric_sha256": "x", "counts": {**COUNTS, "hits": 500}})
    assert fitting([RECORD, more, later, other], "compliance", JUDGE)[0] == more
    assert fitting([RECORD, later], "compliance", JUDGE)[0] == later


def test_records_are_found_in_a_folder_and_its_subfolders_and_read_as_they_were_written(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "run.calibration.jsonl").write_text(RECORD.model_dump_json() + "\n")
    (tmp_path / "other.jsonl").write_text("not ours\n")
    alone = tmp_path / "deep" / "run.calibration.jsonl"
    assert read_calibrations(tmp_path) == read_calibrations(alone) == ([RECORD], [])
    assert read_calibrations(tmp_path)[0][0].confusion == Confusion(9, 1, 18, 2)


WRITTEN = RECORD.model_dump_json()


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "no",
        WRITTEN.replace('"schema_version":1', '"schema_version":2'),
        WRITTEN.replace('"hits":9', '"hits":-9'),
        WRITTEN.replace('"hits":9,', ""),
        WRITTEN.replace('"hits":9', '"hits":1e999'),
        WRITTEN.replace('"hits":9', '"hits":null'),
        WRITTEN.replace('"ungraded":', '"ungraded":-1'),
        WRITTEN.replace('"counts":{', '"counts":{"others":1,'),
        "\udcff",
    ],
)
def test_what_is_no_record_is_named_with_its_line_and_the_rest_is_read(tmp_path, line):
    assert line != WRITTEN
    text = f"{WRITTEN}\n{line}\n\n{WRITTEN}\n"
    (tmp_path / "bad.calibration.jsonl").write_bytes(text.encode(errors="surrogateescape"))
    records, [refused] = read_calibrations(tmp_path)
    assert records == [RECORD, RECORD]
    assert refused.place.endswith("bad.calibration.jsonl: line 2")
    assert refused.reason.startswith("no calibration record: ")
