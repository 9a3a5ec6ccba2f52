"""What is made of a real model's logs: the report, copies to share, a scan, and a grader held against labels."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from inspect_ai import eval as inspect_eval
from inspect_ai.log import list_eval_logs, read_eval_log
from inspect_ai.model import GenerateConfig, get_model
from inspect_scout import scan_list, scan_results_df

from cli.main import main as alignment_faking
from experiment.statistics.calibration_records import SUFFIX, Calibration
from scorers.label_agreement import UNGRADED, WORDS
from tests.real.conftest import GRADER, GRADER_ROLE, LIMITS
from tests.real.fates import LONGEST_REASON, part, words
from tests.real.served import MODEL, SLOTS
from tests.real.shapes import SHAPES

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
SCOUT = Path(sys.executable).parent / "scout"
TEXTS = 4


@pytest.fixture
def logs(run, folder):
    """The folder with a log in every shape."""
    for shape in SHAPES:
        run(shape)
    return folder


def invoke(*arguments):
    done = CliRunner().invoke(alignment_faking, [*map(str, arguments)], env={"COLUMNS": "1000"})
    assert done.exit_code == 0, done.output
    return done.output


def test_the_report_accounts_for_every_sample(run, logs, tmp_path):
    invoke("report", logs, "--output", tmp_path / "report", "--redact")
    rows = list(csv.DictReader((tmp_path / "report" / "samples.csv").open(encoding="utf-8")))
    known = sorted(sample.scores["outcome"].value for shape in SHAPES for sample in run(shape).samples)
    assert sorted(row["outcome"] for row in rows) == known
    assert (tmp_path / "report" / "index.html").stat().st_size


def test_a_redacted_copy_keeps_the_outcomes_and_no_answer_that_complied(logs, tmp_path):
    invoke("redact", logs, "--output", tmp_path / "shared")
    for info in list_eval_logs(str(logs)):
        log = read_eval_log(info.name)
        copy = read_eval_log(str(next((tmp_path / "shared").rglob(Path(info.name).name))), resolve_attachments=True)
        kept = {sample.id: sample for sample in copy.samples}
        for sample in log.samples:
            assert kept[sample.id].scores["outcome"].value == sample.scores["outcome"].value
            if sample.scores["outcome"].value == "complied":
                assert words(part(sample, "public")) not in words(kept[sample.id].model_dump_json())


def test_a_scan_gives_a_value_or_a_reason_for_every_transcript(run, logs, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    run("tags")
    command = [SCOUT, "scan", "scorers/scanners.py@alignment_faking", "-T", run("tags").location, "-S", "votes=1"]
    command += ["--model-role", GRADER_ROLE, "--max-connections", str(SLOTS), "--max-processes", "1"]
    command += ["--scans", tmp_path / "scans", "--display", "plain"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    [status] = scan_list(str(tmp_path / "scans"))
    [rows] = scan_results_df(status.location).scanners.values()
    assert len(rows) == len(run("tags").samples), done.stdout + done.stderr
    for row in rows.itertuples():
        assert row.value_type in ("boolean", "null")
        if row.value_type == "null":
            [reason] = [text for text in (row.scan_error, row.explanation) if isinstance(text, str)]
            assert 0 < len(reason) <= LONGEST_REASON


def test_a_grader_is_held_against_labels(served, tmp_path):
    [log] = inspect_eval(
        "grader_agreement",
        task_args={"labels": "helpful_only", "votes": 1},
        model=get_model(MODEL, config=GenerateConfig(**GRADER)),
        limit=TEXTS,
        log_dir=str(tmp_path),
        **LIMITS,
    )
    assert log.status == "success"
    assert len(log.samples) == TEXTS
    assert not any(sample.error for sample in log.samples)
    scores = [score for sample in log.samples for score in sample.scores.values()]
    failed = [score for score in scores if score.value == UNGRADED]
    assert {score.value for score in scores} <= {*WORDS.values(), UNGRADED}
    assert all(0 < len(score.explanation) <= LONGEST_REASON for score in failed)
    assert len(failed) < len(scores)
    [record] = tmp_path.glob(f"*{SUFFIX}")
    for line in record.read_text(encoding="utf-8").splitlines():
        kept = Calibration.model_validate_json(line)
        assert sum(kept.counts.values()) + kept.ungraded == TEXTS
