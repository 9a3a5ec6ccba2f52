"""How the graders of runs did, and with which options they and the models under test were called."""

from collections.abc import Sequence

from analysis.reading.generation_options import SHOWN, UNRECORDED, UNSET, Options, others
from analysis.report.cell_formatting import count, counted, words
from analysis.report.pages.blocks import Cell, Table
from analysis.summary.run_summary import Summary
from experiment.replies.data_quality import Graders, unfit

HEALTH = ("grader", "runs", "answers", "asked again", "unsupported yes", "failed", "refused", "replies cut")
EXPLAINED = (
    "Asked again: answers that could not be used, or had no valid quotation; in per cent of all answers.",
    "Unsupported yes: criteria called met without a valid quotation, still so after asking again: neither yes nor no.",
    "Failed: votes without an answer that could be used. Refused: those of them that the grader's provider refused.",
    "Replies cut: a grader was shown only a part of them, as they did not fit its context.",
)
MEANS_UNSET = "Unset: nothing was sent, so the default of the provider or of the server holds, which no log records."

Found = dict[str, tuple[list[int], Graders | None]]


def health_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate how each grader did over all runs that it graded; a panel is one row."""
    rows = tuple(_row(name, runs, found) for name, (runs, found) in _by_grader(summaries).items())
    return Table("Grader health", HEALTH, rows, EXPLAINED)


def health_notes(summaries: Sequence[Summary]) -> list[str]:
    """Return a warning for each grader of which many answers could not be used."""
    return [
        f"Grader {name} (run {listed(runs)}): {problem}."
        for name, (runs, found) in _by_grader(summaries).items()
        if (problem := unfit(found))
    ]


def options_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate with which options models were called; equal rows of several runs are one."""
    found: dict[str, tuple[Options, list[int]]] = {}
    for summary in summaries:
        for each in summary.health.options:
            found.setdefault(repr(each), (each, []))[1].append(summary.number)
    columns = ("role", "model", "runs", *(name.replace("_", " ") for name in SHOWN), "others")
    rows = tuple(
        (
            *words(each.role, each.model, listed(runs)),
            *(Cell(str(each.given.get(name, UNSET))) for name in SHOWN),
            Cell(others(each)),
        )
        for each, runs in found.values()
    )
    return Table("Generation options", columns, rows, (MEANS_UNSET,))


def listed(runs: Sequence[int]) -> str:
    """Write the numbers of runs."""
    return ", ".join(map(str, dict.fromkeys(runs)))


def _by_grader(summaries: Sequence[Summary]) -> Found:
    """Sum the counts of each grader over the runs in which they are recorded."""
    found: Found = {}
    for summary in summaries:
        name, here = ", ".join(summary.health.graders), summary.health.quality.graders
        runs, known = found.get(name, ([], None))
        both = Graders(*map(sum, zip(known, here, strict=True))) if known and here else known or here
        found[name] = ([*runs, summary.number], both)
    return found


def _row(name: str, runs: list[int], found: Graders | None) -> tuple[Cell, ...]:
    about = words(name, listed(runs))
    if found is None:
        return (*about, *words(*[UNRECORDED] * (len(HEALTH) - len(about))))
    answers = found.answers
    return (
        *about,
        count(answers),
        counted(found.asked_again, answers),
        count(found.unsupported),
        counted(found.failed, answers),
        *map(count, (found.refused, found.cut)),
    )
