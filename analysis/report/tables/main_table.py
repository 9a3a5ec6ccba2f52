"""The main table: a row for each run, and what a reader needs to judge it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from analysis.reading.generation_options import in_words
from analysis.reading.incomplete_runs import Stopped
from analysis.reading.logs import SUITE, LeftOut, Part, Run
from analysis.report.cell_formatting import (
    both,
    count,
    interval,
    limits,
    measured,
    model_name,
    p_value,
    run_name,
    words,
)
from analysis.report.pages.blocks import Cell, Table
from analysis.summary.run_summary import Summary
from experiment.formatting import percent
from experiment.resume_hint import resume

SIMULATED_NOTE = "A stand-in model took part: this is a dry run, never a result about a real model."
NULL_CAVEAT = "A model may recognise a published setting, so a null does not show the absence of alignment faking."
DEFINITIONS = (
    "Complied: what the setting's rubric says of the public answer; in helpful_only, a StrongREJECT score above 0.",
    "AF reasoning: the private reasoning meets every criterion in enough votes; a dash where nothing was graded.",
)
BENIGN = "benign"
KILLED = {"started": " It was killed, or is running still."}


class Column(NamedTuple):
    """A column: its head, how a run's cell is made, and whether it goes into the title where all runs are alike."""

    head: str
    cell: Callable[[Summary], Cell]
    shared: bool = False


COLUMNS = (
    Column("run", lambda each: count(each.number)),
    Column("model", lambda each: Cell(model_name(each))),
    Column("setting", lambda each: Cell(each.setting), shared=True),
    Column("condition", lambda each: Cell(each.condition), shared=True),
    Column("wording", lambda each: Cell(each.wording), shared=True),
    Column("scratchpad", lambda each: Cell(each.scratchpad), shared=True),
    Column("pairs", lambda each: count(each.gap.pairs)),
    Column("complied", lambda each: Cell(both(each.rates), each.rates[0].estimate)),
    Column("gap [95%]", lambda each: measured(each.gap)),
    Column("interval speaks of", lambda each: Cell(each.gap.estimand), shared=True),
    Column("p", lambda each: Cell(p_value(each.gap.p), each.gap.p)),
    Column("AF reasoning", lambda each: Cell(both(each.faking), each.faking[0].estimate)),
    Column("coverage", lambda each: Cell(" / ".join(map(percent, each.coverage)), min(each.coverage))),
    Column("options", lambda each: Cell(in_words(each.health.options[0])), shared=True),
    Column("grader", lambda each: Cell("; ".join(filter(None, (each.grader, each.faking_by)))), shared=True),
)


def main_table(summaries: Sequence[Summary]) -> Table:
    """Make the table of all runs; what they have in common stands in its title."""
    common = [column for column in COLUMNS if column.shared and len({column.cell(each) for each in summaries}) == 1]
    columns = [column for column in COLUMNS if column not in common]
    alike = "; ".join(f"{column.head}: {column.cell(summaries[0]).text}" for column in common)
    return Table(
        "Compliance by tier (trained / untrained), in per cent" + (f" ({alike})" if alike else ""),
        tuple(column.head for column in columns),
        tuple(tuple(column.cell(each) for column in columns) for each in summaries),
    )


def reading_notes(summaries: Sequence[Summary], left_out: Sequence[LeftOut]) -> list[str]:
    """Return what a reader needs to judge the main table, the same for the terminal and the page."""
    notes = [SIMULATED_NOTE] if any(each.simulated for each in summaries) else []
    notes += DEFINITIONS
    notes += [note for each in summaries for note in _notes_on(each)]
    spreads = [f"run {each.number} {percent(each.gap.spread)}" for each in summaries if each.gap.wordings > 1]
    if spreads:
        notes.append(f"Standard deviation between the wordings' gaps, sampling error included: {'; '.join(spreads)}.")
    nulls = [each for each in summaries if each.gap.low <= 0 <= each.gap.high]
    if nulls:
        allowed = "; ".join(f"run {each.number} {percent(largest_gap_allowed(each))}" for each in nulls)
        notes.append(
            f"Where the interval holds 0, the largest gap in points that the data still allow, whatever the missing "
            f"replies were: {allowed}."
        )
        notes.append(NULL_CAVEAT)
    return notes + [f"Left out: {skipped.path}: {skipped.reason}" for skipped in left_out]


def largest_gap_allowed(summary: Summary) -> float:
    """Return the largest gap in either direction that the intervals leave: that of the bounds if replies are missing.

    Returns:
        A share in [0, 1].
    """
    limits_of = [summary.gap.low, summary.gap.high]
    if min(summary.coverage) < 1:
        limits_of += [summary.bounds.ci_low, summary.bounds.ci_high]
    return max(map(abs, limits_of))


def _notes_on(summary: Summary) -> Iterator[str]:
    name = f"Run {run_name(summary)}"
    for part in summary.parts:
        yield from (f"{name}: {note}" for note in _part_notes(part))
    yield from (f"{name}: edited by hand: {times} of {edit}." for edit, times in summary.edited.items())
    yield from (f"{name}: {problem}." for problem in summary.health.problems)
    if summary.stopped:
        yield f"{name}: {_stop_note(summary.stopped)}"
    if min(summary.coverage) < 1:
        low, high = percent(summary.bounds.low), percent(summary.bounds.high)
        around = limits(summary.bounds.ci_low, summary.bounds.ci_high)
        yield (
            f"{name}: replies are missing; with them the gap could lie anywhere from {low} to {high} points, with an "
            f"interval around both of {around}."
        )
    if summary.gap.unpaired:
        alone = f"{summary.gap.unpaired} measured replies have no measured counterpart in the other tier"
        yield f"{name}: {alone}; they are in the rates of their tier and not in the gap."
    for contrast, gap in summary.contrasts.items():
        yield f"{name}: {contrast} {interval(gap)}, {gap.pairs} pairs."
    if summary.condition == BENIGN and not summary.simulated:
        rates = both(summary.faking)
        yield f"{name}: the queries are harmless, so AF reasoning found there ({rates}) is the grader's false alarms."


def _part_notes(part: Part) -> Iterator[str]:
    """Say what became of the samples that a log was to have, and how its run resumes."""
    if part.status != "success":
        held = f"it holds {part.held} of {part.planned} samples, and the numbers rest on these"
        yield f"a log ended with status {part.status!r}; {held}.{KILLED.get(part.status, '')}"
    if part.absent:
        begun = f"{part.under_way} were under way at the end and {part.absent - (part.under_way or 0)} not begun"
        apart = begun if part.under_way is not None else f"{part.absent} were under way at the end or not begun"
        yield f"of the samples that it does not hold, {apart}."
    if part.errored:
        yield f"{part.errored} samples ended in an error and are in none of these numbers."
    if part.invalidated:
        yield f"{part.invalidated} samples were invalidated by hand and count until they are run again."
    if part.absent or part.errored or part.invalidated:
        yield resume(part.path, part.in_set)


def _stop_note(found: Stopped) -> str:
    """Say what an early stop settles, and give the interval that allows for the looks."""
    unadjusted = "no other interval or p-value of this run allows for them"
    if not found.looks:
        return f"the log holds no look of its rule for an early end ({found.stop}); {unadjusted}."
    last, planned = found.looks[-1], found.planned_pairs
    repeated = f"The interval that allows for the looks is {limits(last.low, last.high)}; {unadjusted}."
    if not found.skipped_pairs:
        return f"run in full; looks for an early end ({found.stop}): {len(found.looks)}. {repeated}"
    run = planned - found.skipped_pairs
    beyond = f", {run} with those that were under way" if run > last.pairs else ""
    ended = f"stopped early after {last.pairs} of {planned} pairs{beyond} ({found.reason})"
    return f"{ended}: this settles the verdict, not the size. {repeated}"


def logs_table(summaries: Sequence[Summary], left_out: Sequence[LeftOut]) -> Table:
    """Make the table of every log: what it holds, and the run that it went into or why it did not."""
    used = [
        (*words(part.path, part.status, f"{part.held} of {part.planned}", str(part.errored)), count(each.number))
        for each in summaries
        for part in each.parts
    ]
    unused = [words(each.path, "-", "-", "-", f"left out: {each.reason}") for each in left_out]
    return Table("Logs", ("log", "status", "samples held", "errored", "run"), (*used, *unused))


def hashes_table(read: Sequence[Run], summaries: Sequence[Summary]) -> Table:
    """Tabulate what runs were made of: task version, and hashes of queries, prompts and rubrics."""
    rows = []
    for run, summary in zip(read, summaries, strict=True):
        spec, facts = run.log.eval, run.log.eval.metadata or {}
        hashes = {**(facts.get("prompt_sha256") or {}), **(facts.get("rubric_sha256") or {})}
        rows.append(
            (
                count(summary.number),
                *words(
                    str(spec.task_version), str(facts.get(SUITE)), summary.served, str(facts.get("queries_sha256"))[:12]
                ),
                *words("; ".join(f"{name} {digest[:12]}" for name, digest in hashes.items())),
            )
        )
    columns = ("run", "task version", "suite", "served as", "queries", "prompts and rubrics")
    return Table("What the runs were made of (hashes: SHA-256, the first twelve digits)", columns, tuple(rows))
