"""A retry asks what the run before asked, or is refused before its first sample."""

from contextlib import chdir

from inspect_ai import eval_retry
from inspect_ai.log import read_eval_log, write_eval_log

from experiment.paths import reading_from


def interrupted(log):
    """Make of a finished log one whose run was interrupted after the first pair."""
    log.samples, log.status, log.results = log.samples[:2], "cancelled", None
    write_eval_log(log)
    return log


def retry(log, folder):
    with chdir(folder), reading_from(folder):
        [again] = eval_retry(log.location, display="log", log_realtime=False)
    return again


def test_a_retry_from_another_folder_does_not_ask_another_file_of_the_same_name(run, tmp_path):
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
        (folder / "q.csv").write_text(f"id,text\na,Why {folder.name}?\nb,How?\n", encoding="utf-8")
    with chdir(folders[0]), reading_from(folders[0]):
        log = interrupted(run(args={"queries": "q.csv"}))
    assert log.eval.metadata["asked"]["queries"] == str(folders[0] / "q.csv")
    refused = retry(log, folders[1])
    assert refused.status == "error"
    assert len(refused.samples) == 2
    said = f"asked other queries or prompts: it read {folders[0] / 'q.csv'}, and this one {folders[1] / 'q.csv'}"
    assert said in refused.error.message
    resumed = retry(log, folders[0])
    assert (resumed.status, len(resumed.samples)) == ("success", 4)
    assert read_eval_log(resumed.location).eval.metadata["asked"] == log.eval.metadata["asked"]
