"""Which logs are read, counted once, pooled, or left out with a reason."""

import io
import random
import re
import shutil
import zipfile
from math import nan
from pathlib import Path

import fsspec
import pytest
from inspect_ai import eval_retry, score
from inspect_ai.log import (
    EvalError,
    ProvenanceData,
    edit_score,
    invalidate_samples,
    read_eval_log,
    read_eval_log_sample_summaries,
    write_eval_log,
)
from inspect_ai.scorer import Score, ScoreEdit

from analysis.reading.logs import read_logs
from analysis.reading.pooling import pool_runs
from analysis.reading.sample_summaries import SUMMARIES, read_summaries
from analysis.report.tables.main_table import reading_notes
from analysis.summary.run_summary import summarise
from scorers.scorers import MOTIVES, compliance, outcome

ROOT = Path(__file__).parents[3]
ARGS = {"scratchpad": "tags", "wording": "original"}


def one(folder):
    return str(min(Path(folder).glob("*.eval")))


def changed(path, target, change):
    """Write a copy of a log, changed."""
    log = read_eval_log(path)
    change(log)
    write_eval_log(log, str(target))
    return str(target)


def found(folder):
    runs, left_out = read_logs(str(folder))
    kept, twice = pool_runs(runs)
    return kept, left_out + twice


def gaps(runs):
    return [(summarise(run).gap.pairs, summarise(run).gap.estimate) for run in runs]


def test_summaries_are_what_inspect_reads(made):
    path = one(made)
    known = SUMMARIES.validate_python(read_eval_log_sample_summaries(path), from_attributes=True)
    assert [each.model_dump_json() for each in read_summaries(path)] == [each.model_dump_json() for each in known]


def test_json_logs_and_urls_give_the_same_numbers(made, tmp_path):
    path = one(made)
    changed(path, tmp_path / "2026-01-01T00-00-00-00-00_task_x.json", lambda log: None)
    memory = fsspec.filesystem("memory")
    memory.pipe("/some/logs/2026-01-01T00-00-00-00-00_task_x.eval", Path(path).read_bytes())
    [local], [json], [remote] = (found(place)[0] for place in (path, tmp_path, "memory://some/logs"))
    assert gaps([local]) == gaps([json]) == gaps([remote])
    assert local.samples.drop(columns="log").equals(remote.samples.drop(columns="log"))


def test_a_json_log_under_another_name_is_read_and_other_json_is_not(made, tmp_path):
    path = min(made.glob("*.eval"))
    changed(path, tmp_path / "my run.json", lambda log: None)
    (tmp_path / "results.json").write_text('{"runs": []}', encoding="utf-8")
    (tmp_path / "cut.json").write_text('{"version": 2, "status": "success", "eval": {', encoding="utf-8")
    runs, left_out = read_logs(str(tmp_path))
    assert [len(run.samples) for run in runs] == [len(run.samples) for run in read_logs(str(path))[0]]
    assert [Path(each.path).name for each in left_out] == ["cut.json"]


def test_a_run_beside_its_retry_counts_once(evaluate, tmp_path):
    log = evaluate(tmp_path, "simulated/faker", ARGS, limit=20)
    whole = gaps(found(tmp_path)[0])

    def interrupt(log):
        log.status, log.samples = "cancelled", log.samples[:6]

    cut = changed(log.location, tmp_path / "2026-01-01T00-00-00-00-00_alignment-faking_cut.eval", interrupt)
    Path(log.location).unlink()
    eval_retry(cut, log_dir=str(tmp_path), display="log")
    runs, left_out = found(tmp_path)
    assert gaps(runs) == whole
    [twice] = left_out
    assert twice.path.endswith(Path(cut).name)
    assert "counts instead" in twice.reason


def test_a_log_beside_its_regraded_copy_counts_once_and_the_new_grading_is_a_run(made, tmp_path):
    path = one(made)
    shutil.copy(path, tmp_path)
    again = score(
        read_eval_log(path), scorers(), action="append", model_roles={"grader": "simulated/grader"}, display="log"
    )
    write_eval_log(again, str(tmp_path / "2026-02-01T00-00-00-00-00_alignment-faking_again.eval"))
    runs, left_out = found(tmp_path)
    assert [run.grading for run in runs] == [1, 2]
    assert left_out == []


def scorers():
    return [compliance(), outcome()]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("nothing", None),
        ("the task version", lambda log: setattr(log.eval, "task_version", "1-A")),
        ("the prompts", lambda log: log.eval.metadata.update(prompt_sha256={"original": "0"})),
        ("the queries", lambda log: log.eval.metadata.update(queries_sha256="0")),
        ("the grader", lambda log: [regrade(sample) for sample in log.samples]),
        ("the model", lambda log: setattr(log.eval, "model", "simulated/other")),
        ("its arguments", lambda log: log.eval.model_args.update(seed=7)),
        ("its temperature", lambda log: setattr(log.eval.model_generate_config, "temperature", 0.5)),
    ],
)
def test_logs_of_one_condition_are_pooled_only_where_nothing_differs(made, tmp_path, what, change):
    path = one(made)

    def half(first):
        def keep(log):
            log.samples = log.samples[:20] if first else log.samples[20:]
            log.eval.task_id = "first" if first else "second"
            if change and not first:
                change(log)

        return keep

    changed(path, tmp_path / "2026-01-01T00-00-00-00-00_task_a.eval", half(True))
    changed(path, tmp_path / "2026-01-01T00-00-00-00-00_task_b.eval", half(False))
    runs, left_out = found(tmp_path)
    assert not left_out
    assert len(runs) == (2 if change else 1)
    if not change:
        assert gaps(runs) == gaps(found(path)[0])
        assert len(runs[0].parts) == 2


def test_a_part_in_which_a_score_was_never_graded_is_pooled_with_the_others(made, tmp_path):
    path = one(made)

    def half(first):
        def keep(log):
            log.samples = log.samples[:20] if first else log.samples[20:]
            log.eval.task_id = "first" if first else "second"
            for sample in log.samples if first else []:
                for name in {"alignment_faking", *MOTIVES} & sample.scores.keys():
                    sample.scores[name] = Score(value=nan, metadata={"epoch": sample.epoch})

        return keep

    for name in ("a", "b", "c"):
        changed(path, tmp_path / f"2026-01-01T00-00-00-00-00_task_{name}.eval", half(name == "a"))
    [pooled], left_out = found(tmp_path)
    assert (len(pooled.parts), len(left_out)) == (2, 1)  # the third is the second once more
    assert pooled.judges == found(path)[0][0].judges
    assert len(pooled.samples) == 40


def regrade(sample):
    for given in sample.scores.values():
        if given.metadata and "grader" in given.metadata:
            given.metadata["grader"] = "another/grader"


def test_the_same_replies_asked_twice_are_two_runs(made, tmp_path):
    path = one(made)
    for name in "ab":
        target = tmp_path / f"2026-01-01T00-00-00-00-00_task_{name}.eval"
        changed(path, target, lambda log, name=name: setattr(log.eval, "task_id", name))
    assert len(found(tmp_path)[0]) == 2


def test_what_cannot_be_used_is_left_out_with_its_reason(made, folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    whole = Path(one(made)).read_bytes()
    broken = {
        "half": whole[: len(whole) // 2],
        "empty": b"",
        "text": b"no log",
        "zip": zipped({"readme.txt": b"hello"}),
        "header": zipped({"header.json": b"{}"}),
        "summaries": zipped({"header.json": member(whole, "header.json"), "summaries.json": b"[{}]"}),
    }
    for name, content in broken.items():
        (tmp_path / f"2026-01-01T00-00-00-00-00_{name}_y.eval").write_bytes(content)
    runs, left_out = found(tmp_path)
    assert gaps(runs) == gaps(found(folder)[0])
    reasons = {Path(each.path).name.split("_")[1]: each.reason for each in left_out}
    assert set(reasons) == {*broken, "foreign", "broken", "cut"}
    assert reasons["foreign"] == "another task: another_task"
    assert all(reason for reason in reasons.values())


def test_no_damage_stops_a_report(made, tmp_path):
    whole, chance = Path(one(made)).read_bytes(), random.Random(5)
    for number in range(25):
        damaged = bytearray(whole)
        start = len(whole) - chance.choice((200, 2_000, 60_000))
        for _ in range(chance.choice((1, 5, 50))):
            damaged[chance.randrange(max(start, 0), len(whole))] = chance.randrange(256)
        (tmp_path / f"2026-01-01T00-00-00-00-00_damaged_{number}.eval").write_bytes(damaged)
    runs, left_out = read_logs(str(tmp_path))
    assert {each.path for each in left_out} | {run.log.location for run in runs} == {
        str(path) for path in tmp_path.iterdir()
    }
    assert all(each.reason for each in left_out)


def zipped(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def member(packed, name):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.read(name)


@pytest.mark.parametrize("status", ["cancelled", "error", "started"])
def test_an_unfinished_log_is_listed_with_what_it_holds(made, tmp_path, call, status):
    def interrupt(log):
        log.status, log.samples = status, log.samples[:20]

    changed(one(made), tmp_path / "2026-01-01T00-00-00-00-00_unfinished_x.eval", interrupt)
    done = call("report", tmp_path)
    assert done.exit_code == 0, done.output
    assert f"status '{status}'; it holds 20 of 40 samples" in done.output
    absent = (
        "20 were under way at the end or not begun" if status == "started" else "0 were under way at the end and 20 not"
    )
    assert f"of the samples that it does not hold, {absent}" in done.output
    assert "_unfinished_x.eval` runs what is missing and repeats no finished sample" in done.output


def test_samples_that_were_under_way_are_told_from_those_that_failed(made, tmp_path, call):
    def end(log):
        log.status = "error"
        for number, message in enumerate(
            ["CancelledError('Cancelled via cancel scope')"] * 2 + ["NotFoundError('404')"]
        ):
            log.samples[number].error = EvalError(message=message, traceback="", traceback_ansi="")
            log.samples[number].scores = None
        log.samples = log.samples[:20]

    changed(one(made), tmp_path / "2026-01-01T00-00-00-00-00_failed_x.eval", end)
    shown = call("report", tmp_path).output
    assert "it holds 17 of 40 samples" in shown
    assert "of the samples that it does not hold, 2 were under way at the end and 20 not begun" in shown
    assert "1 samples ended in an error and are in none of these numbers" in shown


@pytest.mark.parametrize(("of_set", "command"), [(None, "`inspect eval-retry "), ("grid", "`alignment-faking grid`")])
def test_a_log_without_a_finished_sample_says_how_it_is_resumed(made, tmp_path, of_set, command):
    def empty(log):
        log.status, log.samples, log.eval.eval_set_id = "cancelled", [], of_set

    path = changed(one(made), tmp_path / "2026-01-01T00-00-00-00-00_empty_x.eval", empty)
    shutil.copy(one(made), tmp_path)
    [left] = found(tmp_path)[1]
    assert (left.path, left.reason.split("; ")[0]) == (path, "holds no finished sample (status cancelled)")
    assert command in left.reason


def edited(path, target, **edits):
    """Write a copy of a log in which a person edited scores of the first sample, and read what its report says."""

    def edit(log):
        for name, value in edits.items():
            by = ProvenanceData(author="Reviewer", reason="misread")
            edit_score(log, log.samples[0].id, name, ScoreEdit(value=value, provenance=by))

    changed(path, target / "log.eval", edit)
    [run], _ = found(target)
    log = read_eval_log(str(target / "log.eval"))
    values = {score.name: score.metrics for score in log.results.scores}
    return run, values["compliance"]["gap"].value


@pytest.mark.parametrize(
    ("edits", "word"),
    [
        ({"compliance": 1}, "complied"),
        ({"compliance": 0}, "refused"),
        ({"compliance": nan}, "ungraded"),
        ({"compliance": 1, "outcome": "complied"}, "complied"),
        ({"compliance": nan, "outcome": "malformed"}, "malformed"),
        ({"outcome": "complied"}, None),
        ({"outcome": "malformed"}, None),
    ],
)
def test_a_score_that_a_person_edited_counts_alike_in_log_and_report(made, tmp_path, monkeypatch, edits, word):
    monkeypatch.chdir(ROOT)  # where Inspect finds the task whose metrics it computes again
    path = one(made)
    [before], _ = found(path)
    run, gap = edited(path, tmp_path, **edits)
    assert gaps([run])[0][1] == pytest.approx(gap)
    [was], [first] = (
        table[table["sample"] == read_eval_log(path).samples[0].id].to_dict("records")
        for table in (before.samples, run.samples)
    )
    assert first["outcome"] == (word or was["outcome"])
    assert first["edited"] == [f"{name} by Reviewer: misread" for name in edits]
    tables = [table.set_index("sample").drop(columns="log") for table in (run.samples, before.samples)]
    others = [table.drop(index=first["sample"]).sort_index() for table in tables]
    assert others[0].equals(others[1])
    assert sum(summarise(run).edited.values()) == len(edits)


def test_invalidated_samples_are_counted(made, tmp_path):
    def invalidate(log):
        uuids = [sample.uuid for sample in log.samples[:3]]
        log.samples = invalidate_samples(log, uuids, ProvenanceData(author="Reviewer")).samples
        log.invalidated = True

    changed(one(made), tmp_path / "log.eval", invalidate)
    [run], _ = found(tmp_path)
    assert [part.invalidated for part in run.parts] == [3]
    assert "3 samples were invalidated by hand and count until they are run again." in " ".join(
        reading_notes([summarise(run)], [])
    )


def test_a_log_that_holds_a_reply_twice_is_left_out_by_name(made, tmp_path):
    def repeat(log):
        log.samples[1].metadata = log.samples[0].metadata

    changed(one(made), tmp_path / "log.eval", repeat)
    shutil.copy(one(made), tmp_path)
    [run], [left_out] = found(tmp_path)
    assert re.fullmatch(r"holds the reply to \S+ \(epoch 1\) twice", left_out.reason)
    assert run.parts[0].path == str(tmp_path / Path(one(made)).name)


@pytest.mark.parametrize("name", ["compliance2", "compliance7", "outcome1", "outcome", "compliance99999999999"])
def test_a_scorer_of_the_users_own_is_no_grading_of_ours(made, tmp_path, name):
    def add(log):
        for sample in log.samples:
            ours = sample.scores.pop(name, None)
            sample.scores = {name: Score(value="mine"), **({f"{name}1": ours} if ours else {}), **sample.scores}

    changed(one(made), tmp_path / "log.eval", add)
    [expected], [run] = found(one(made))[0], found(tmp_path)[0]
    assert gaps([run]) == gaps([expected])
    assert run.scores["outcome"] == ("outcome1" if name == "outcome" else "outcome")
