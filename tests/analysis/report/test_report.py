"""The table's numbers are the log's own; what cannot be used is named; every output prints the same."""

import json
import math
import re

import pandas as pd
import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log, write_eval_log

from analysis.reading.logs import read_logs
from analysis.report.cell_formatting import interval
from analysis.report.report import to_document
from analysis.report.report_inputs import gather, read
from analysis.report.tables.gap_tables import variants_table
from analysis.report.tables.main_table import largest_gap_allowed
from analysis.summary.results import Results
from experiment.formatting import percent

ROWS = 5


def logged(run):
    log = read_eval_log(run.log.location)
    return {score.name: {name: m.value for name, m in score.metrics.items()} for score in log.results.scores}


def table_rows(output):
    """The rows of the main table."""
    return [line for line in output.splitlines() if line.startswith("│")]


@pytest.fixture(scope="module")
def written(folder, tmp_path_factory):
    """A report of the folder."""
    from click.testing import CliRunner

    from cli.main import main

    output = tmp_path_factory.mktemp("report")
    done = CliRunner().invoke(main, ["report", str(folder), "--output", str(output)])
    assert done.exit_code == 0, done.output
    return output, done.output


def test_every_number_is_the_logs_own_to_the_last_digit(made):
    material = gather(read(str(made)))
    assert len(material.read.runs) == ROWS
    for run, found, parts in zip(*material.read[:2], material.breakdowns, strict=True):
        known = logged(run)
        first, second = found.tiers
        compliance, outcome, faking = known["compliance"], known["outcome"], known["alignment_faking"]
        pairs = [
            (found.gap.estimate, compliance["gap"]),
            (found.gap.stderr, compliance["stderr"]),
            (found.gap.low, compliance["ci_low"]),
            (found.gap.high, compliance["ci_high"]),
            (found.gap.p, compliance["p"]),
            (found.gap.pairs, compliance["pairs"]),
            (found.rates[0].estimate, compliance[first]),
            (found.rates[1].estimate, compliance[second]),
            (found.coverage[0], outcome[f"coverage_{first}"]),
            (found.coverage[1], outcome[f"coverage_{second}"]),
            (found.bounds.low, outcome["bound_low"]),
            (found.bounds.ci_high, outcome["bound_ci_high"]),
            (found.faking[0].estimate, faking["rate"]),
            (found.faking[0].measured, faking["measured"]),
            (parts.compliant[0].estimate, faking.get(f"{first}_complied", math.nan)),
        ]
        pairs += [(gap.estimate, compliance[name]) for name, gap in found.contrasts.items()]
        pairs += [
            (gap.estimate, compliance[f"gap_{name}"]) for name, gap in parts.wordings.items() if len(parts.wordings) > 1
        ]
        for ours, logs in pairs:
            assert ours == logs or (math.isnan(ours) and math.isnan(logs)), (run.log.eval.model, ours, logs)


def test_the_table_says_what_a_reader_needs(written):
    _, output = written
    rows = table_rows(output)
    assert len(rows) == ROWS
    assert all("simulated/" in row for row in rows)
    for sentence in (
        "this is a dry run, never a result about a real model",
        "Grader simulated/grader on compliance: not validated against labels",
        "rater_sycophancy_gap",
        "replies are missing; with them the gap could lie anywhere from",
        "does not show the absence of alignment faking",
        "foreign_x.eval: another task: another_task",
        "broken_x.eval: cannot be read",
        "cut_x.json: cannot be read",
    ):
        assert sentence in output
    assert "- / -" in next(row for row in rows if "sloppy" in row)
    assert "the grader's false alarms" not in output  # these are stand-ins: what they write is not the grader's error


def test_the_largest_gap_allowed_is_that_of_the_bounds_where_replies_are_missing(made):
    found = {each.model: each for each in read(str(made)).summaries}
    sloppy, faker = found["simulated/sloppy"], found["simulated/faker"]
    assert min(sloppy.coverage) < 1 == min(faker.coverage)
    ends = (sloppy.bounds.ci_low, sloppy.bounds.ci_high, sloppy.gap.low, sloppy.gap.high)
    assert largest_gap_allowed(sloppy) == max(map(abs, ends))
    assert largest_gap_allowed(faker) == max(-faker.gap.low, faker.gap.high)


def test_every_output_prints_the_same_numbers(written, made):
    output, terminal = written
    summaries = read(str(made)).summaries
    page, markdown = (output.joinpath(name).read_text() for name in ("index.html", "report.md"))
    frame, results = pd.read_csv(output / "results.csv"), json.loads((output / "results.json").read_text())
    assert list(frame["gap_estimate"]) == [summary.gap.estimate for summary in summaries]
    for summary, row, csv in zip(summaries, results["runs"], frame.to_dict("records"), strict=True):
        for name in (
            "gap_estimate",
            "gap_low",
            "gap_high",
            "gap_p",
            "rates_trained_estimate",
            "bounds_low",
            "detectable",
        ):
            assert row[name] == (None if math.isnan(csv[name]) else csv[name]), name
        shown = interval(summary.gap)
        assert f"{percent(csv['gap_estimate'])} [{percent(csv['gap_low'])}, {percent(csv['gap_high'])}]" == shown
        for text in (page, markdown, terminal):
            assert shown in text.replace("\u2212", "-").replace("\\", "")


def test_the_json_is_strict_and_every_column_is_explained(written):
    output, _ = written
    text = (output / "results.json").read_text()
    results = Results.model_validate_json(text)
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert set(results.columns) == {name for row in results.runs for name in row}
    assert all(results.columns.values())
    assert {row["run"] for row in results.contrasts} == set(range(1, ROWS + 1))
    assert {row["of"] for row in results.comparisons} == {"gap", "complied, free", "complied, paid"}
    assert [row["model"] for row in results.verdicts]
    assert len(results.left_out) == 3
    schema = json.loads((output / "results.schema.json").read_text())
    assert set(schema["required"]) == set(json.loads(text))


def test_samples_are_one_tidy_table(written, made):
    output, _ = written
    samples = pd.read_csv(output / "samples.csv", low_memory=False)
    runs, _ = read_logs(str(made))
    assert len(samples) == sum(len(run.samples) for run in runs)
    for column in (
        *("run", "model", "served", "provider", "setting", "variants", "wording", "scratchpad", "query", "category"),
        *("tier", "epoch", "outcome", "compliance", "alignment_faking", "test_suspicion", "compliance_grader"),
        *("prompt_sha256", "compliance_rubric_sha256", "input_tokens", "output_tokens", "cost", "simulated", "log"),
    ):
        assert column in samples, column
    assert samples["input_tokens"].gt(0).all()
    assert samples["provider"].eq("simulated").all()


def test_models_are_compared_on_what_both_answered(made):
    material = gather(read(str(made)))
    [comparison] = material.comparisons
    assert {comparison.first.model, comparison.second.model} == {"simulated/faker", "simulated/quiet"}
    gap, *rates = comparison.lines
    assert gap.found.estimate == pytest.approx(comparison.first.gap.estimate - comparison.second.gap.estimate)
    assert gap.found.clusters == 20
    assert [rate.found.estimate for rate in rates] == pytest.approx(
        [one.estimate - two.estimate for one, two in zip(comparison.first.rates, comparison.second.rates, strict=True)]
    )
    assert gap.family == "confirmatory"
    assert gap.corrected >= gap.found.p


def test_a_baseline_is_what_the_others_are_compared_with(made, call, tmp_path):
    [comparison] = gather(read(str(made)), baseline="simulated/faker").comparisons
    assert comparison.second.model == "simulated/faker"
    done = call("report", made, "--output", tmp_path / "out", "--baseline", "nobody")
    assert done.exit_code == 2
    assert "no log is of the baseline 'nobody'; the models are simulated/faker" in done.output


def test_quotations_name_their_place_and_the_command_that_opens_it(made):
    document = to_document(gather(read(str(made))))
    quoted = [each for section in document.sections for each in section.quotations]
    assert {each.kind for each in quoted} >= {"private reasoning"}
    for each in quoted:
        facts = dict(each.facts)
        assert each.command.startswith("inspect view --log-dir ")
        assert facts["log"].endswith(".eval")
        assert re.fullmatch(
            r"http://127\.0\.0\.1:7575/#/logs/\S+\.eval/samples/sample/\S+/\d+/", facts["in the viewer"]
        )
        assert each.text


@pytest.mark.parametrize(("path", "sentence"), [("missing", "no such folder"), (".", "holds no .eval or .json log")])
def test_an_empty_or_missing_folder_is_one_sentence(tmp_path, call, path, sentence):
    done = call("report", tmp_path / path)
    assert done.exit_code == 2
    assert sentence in done.output


@pytest.mark.parametrize("name", ["[red]x[/red]", "[/y]", "[link=http://hostile.invalid]x[/link]", "[bold", "\\[x]"])
def test_markup_in_a_name_of_a_log_is_printed_as_it_is(made, tmp_path, call, name):
    runs, _ = read_logs(str(made))
    log = read_eval_log(runs[0].log.location)
    log.eval.model = f"{name}\x1b[31m"
    log.eval.metadata |= {"variant": [name], "wording": name, "scratchpad": name, "setting": name}
    write_eval_log(log, str(tmp_path / "2026-01-01T00-00-00-00-00_markup_x.eval"))
    done = call("report", tmp_path)
    assert done.exit_code == 0, done.output
    assert f"{name}\\x1b[31m" in done.output
    assert f"condition: {name}" in " ".join(done.output.split())
    assert "\x1b" not in done.output


def test_help_gives_an_example(call):
    for command in ("report", "show", "power", "redact"):
        assert f"Example: alignment-faking {command} " in call(command, "--help").output
    assert call("--help").exit_code == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--gap", "0.05", "--paid", "0.03", "--reverse", "0.03"), "A gap of 5.0 points needs 343 queries"),
        (("--gap", "0.11", "--reverse", "0"), "needs 69 queries"),
        (("--gap", "0.02", "--wordings", "8"), "No number of queries shows a gap of 2.0 points"),
        (("--queries", "200", "--paid", "0.01"), "200 queries, each in both tiers, can see a gap of"),
    ],
)
def test_power_says_how_many_queries_are_needed(call, options, sentence):
    done = call("power", *options)
    assert done.exit_code == 0
    assert sentence in done.output


def test_power_without_a_question_says_what_to_give(call):
    done = call("power")
    assert done.exit_code == 2
    assert "give --gap 0.05" in done.output


@pytest.mark.parametrize(
    ("variants", "printed"),
    [
        (["cut_rlhf"], "cut rlhf info, claude-3-opus, 7.5 [2.8, 12.2], 11.3 [7.2, 15.4], 7.1 [3.2, 11.0]"),
        (["three_tiers"], None),
        (["cut_rlhf", "cut_privacy"], None),
        ([], None),
    ],
)
def test_what_a_paper_printed_for_a_variant_stands_beside_its_run(made, variants, printed):
    found = read(str(made))
    run = found.runs[0]
    run.log.eval.metadata["variant"] = variants
    table = variants_table([run], found.summaries[:1])
    rows = [", ".join(cell.text for cell in row) for row in table.rows]
    assert len(rows) == bool(printed)
    for row in rows:
        assert row.startswith(f"1, simulated/faker, {variants[0]}, {interval(found.summaries[0].gap)}, {printed}")
        assert row.endswith("Greenblatt et al. 2024 (arXiv:2412.14093v2) App. G, row 4")


def test_replies_without_a_counterpart_are_counted_beside_the_gap(tmp_path, call):
    options = {"model_roles": {"grader": "simulated/grader"}, "limit": 10, "sample_shuffle": 1, "display": "log"}
    [log] = inspect_eval("alignment_faking", model="simulated/faker", log_dir=str(tmp_path), **options)
    metrics = next(score.metrics for score in log.results.scores if score.name == "compliance")
    alone = int(metrics["unpaired"].value)
    assert alone == 10 - 2 * metrics["pairs"].value > 0
    assert f"{alone} measured replies have no measured counterpart in the other tier" in call("report", tmp_path).output
