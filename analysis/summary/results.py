"""The numbers of a report as files: `results.csv`, `results.json` with its schema, and `samples.csv`."""

import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from math import isfinite
from typing import Literal, TypeGuard

import pandas as pd
from pydantic import BaseModel, Field

from analysis.reading.logs import LeftOut, Run
from analysis.reading.reply_table import NOTED
from analysis.summary.battery_patterns import Verdict
from analysis.summary.columns import Fact, Value
from analysis.summary.contrasts import Comparison, Contrast
from analysis.summary.run_summary import Summary
from experiment.hidden_characters import shortened, visible_line
from experiment.statistics.calibration_records import Calibration

SCHEMA: Literal["1"] = "1"
DISTRIBUTION = "alignment-faking-evals"
PACKAGES = (DISTRIBUTION, "inspect-ai", "numpy", "scipy", "statsmodels", "pandas", "matplotlib")
NOT_TIDY = ("contrasts", "definitions", "noted")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
LONGEST_CELL = 32_000  # characters; a spreadsheet's cell holds 32,767
# What a spreadsheet takes for a formula where a cell begins: of every cell, or after a semicolon, which separates
# cells in many countries; spaces and quotation marks before it do not count.
FORMULA = re.compile(r"(^|;)(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212])")

Row = dict[str, Value]


class Results(BaseModel):
    """What `results.json` holds; shares are in [0, 1], gaps in [-1, 1], and what is not defined is null."""

    schema_version: Literal["1"] = Field(description="raised when a name or a meaning changes")
    packages: dict[str, str] = Field(description="versions of what made the report")
    columns: dict[str, str] = Field(description="what each name in `runs` means")
    runs: list[Row] = Field(description="a row for each run, the rows of results.csv")
    contrasts: list[Row] = Field(description="every contrast of every run, p-values corrected within their family")
    comparisons: list[Row] = Field(description="two models on the same queries, first minus second")
    verdicts: list[Row] = Field(description="which patterns hold, by model, with the evidence")
    graders: list[Row] = Field(description="calibration records: graders against labels")
    left_out: list[Row] = Field(description="logs that were not used, and why")


def to_results(
    facts: Sequence[Sequence[Fact]],
    contrasts: Sequence[Contrast],
    comparisons: Sequence[Comparison],
    verdicts: Sequence[Verdict],
    records: Sequence[Calibration],
    left_out: Sequence[LeftOut],
) -> Results:
    """Gather a report's numbers."""
    return Results(
        schema_version=SCHEMA,
        packages={name: version(name) for name in PACKAGES},
        columns={fact.name: fact.meaning for run in facts for fact in run},
        runs=[_row({fact.name: fact.value for fact in run}) for run in facts],
        contrasts=[_row(row) for row in map(_contrast, contrasts)],
        comparisons=[_row(row) for each in comparisons for row in _comparison(each)],
        verdicts=[_row(row) for each in verdicts for row in each.rows()],
        graders=[_row(_record(record)) for record in records],
        left_out=[_row(each._asdict()) for each in left_out],
    )


def to_frame(facts: Sequence[Sequence[Fact]]) -> pd.DataFrame:
    """Return the facts of all runs as a flat table, one row per run."""
    return pd.DataFrame([{fact.name: fact.value for fact in run} for run in facts])


def to_samples(runs: Sequence[Run], summaries: Sequence[Summary]) -> pd.DataFrame:
    """Return every reply of every run in one tidy table.

    Returns:
        A row for each sample and epoch: what run it is of, what was asked, what became of it, every score, who graded,
        hashes, tokens and cost.
    """
    frames = [_tidy(run, summary) for run, summary in zip(runs, summaries, strict=True)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def to_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV that a spreadsheet does not compute: numbers as they are, every text as a text.

    Args:
        frame: A table of numbers, and of texts that may be anybody's.

    Returns:
        CSV in which no text begins as a formula does (an apostrophe stands before one that would), hidden characters
        are spelt out, and each text is one line of bounded length.

    Reference:
        OWASP, CSV Injection: which characters begin a formula, and that separators and quotation marks begin cells.
    """
    return frame.rename(columns=_cell).map(_cell).to_csv(index=False)


def _cell(value: object) -> object:
    return FORMULA.sub(r"\1'", visible_line(shortened(value, LONGEST_CELL))) if _is_text(value) else value


def _is_text(value: object) -> TypeGuard[str]:
    """Tell whether a value is a text, and not a number that is written as one."""
    return isinstance(value, str) and not NUMBER.fullmatch(value)


def to_json(results: Results) -> str:
    """Write the results as JSON that any parser reads: no NaN in it."""
    return results.model_dump_json(indent=1)


def to_schema() -> str:
    """Write the JSON schema of the results."""
    return json.dumps(Results.model_json_schema(), indent=1)


def _row(values: Mapping[str, object]) -> Row:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Value:
    if isinstance(value, float) and not isfinite(value):
        return None
    return value if isinstance(value, float | int | str | bool | None) else str(value)


def _contrast(contrast: Contrast) -> dict[str, object]:
    summary = contrast.summary
    named = {"run": summary.number, "model": summary.model, "condition": summary.condition, "contrast": contrast.name}
    return {**named, **contrast.gap._asdict(), "family": contrast.family, "corrected_p": contrast.corrected}


def _comparison(comparison: Comparison) -> list[dict[str, object]]:
    first, second = comparison.first, comparison.second
    runs = {"first_run": first.number, "first_model": first.model}
    runs |= {"second_run": second.number, "second_model": second.model, "condition": first.condition}
    return [
        {
            **runs,
            "of": line.of,
            **line.found._asdict(),
            "family": line.family,
            "corrected_p": line.corrected,
        }
        for line in comparison.lines
    ]


def _record(record: Calibration) -> dict[str, object]:
    return {**record.model_dump(exclude={"confusion", "tiers", "labels"}), **record.confusion._asdict()}


def _tidy(run: Run, summary: Summary) -> pd.DataFrame:
    spec, facts = run.log.eval, run.log.eval.metadata or {}
    judged = {
        f"{name}_{field}": value for name, judge in run.judges.items() for field, value in judge._asdict().items()
    }
    of_run = {
        "run": summary.number,
        "model": summary.model,
        "provider": summary.model.split("/", 1)[0],
        "setting": summary.setting,
        "variants": ",".join(facts["variant"]),
        "condition": summary.condition,
        "scratchpad": summary.scratchpad,
        "lab": facts.get("lab"),
        "task_version": spec.task_version,
        "queries": facts["queries"],
        "queries_sha256": facts.get("queries_sha256"),
        "grader": summary.grader,
        "simulated": summary.simulated,
    }
    hashes = run.samples["wording"].map(facts.get("prompt_sha256") or {})
    own = run.samples.drop(columns=list(NOT_TIDY)).assign(
        prompt_sha256=hashes, edited=run.samples["edited"].map("; ".join), **judged
    )
    noted = pd.DataFrame(run.samples["noted"].tolist(), index=own.index, columns=list(NOTED))
    return pd.concat([pd.DataFrame([of_run] * len(own)), own, noted], axis=1)
