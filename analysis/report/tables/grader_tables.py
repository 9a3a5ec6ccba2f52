"""What a reader needs to judge the grades: other definitions, motives, the grader's agreement with labels."""

from collections.abc import Iterator, Sequence
from math import isnan

from analysis.reading.reply_table import COMPLIANCE, FAKING
from analysis.report.cell_formatting import both, count, estimate, limits, measured, number, run_cells, run_name, words
from analysis.report.pages.blocks import Cell, Table
from analysis.report.tables.grader_health import health_notes, listed
from analysis.summary.run_summary import Summary
from experiment.formatting import percent
from experiment.statistics.agreement import Confusion, sensitivity, specificity
from experiment.statistics.calibration_records import Calibration
from experiment.statistics.grader_error_correction import Correction

ASSUMES = (
    "A correction assumes that the grader errs alike in both tiers and as it does on the labelled texts. Its errors "
    "are estimated a little towards one half, the fewer labels the more, so that a faultless grader moves a figure too."
)
MEASURED = ("grader", "score", "votes", "texts", "ungraded", "sensitivity", "specificity", "by tier")
DEFINED = ("run", "model", "definition", "complied", "gap [95%]", "disagrees with the headline in")
CORRECTED = ("run", "score", "grader on labels: sensitivity, specificity", "as graded [95%]", "corrected [95%]")


def records_table(records: Sequence[Calibration]) -> Table:
    """Tabulate what runs against labels found of their graders."""
    title = "Graders against labels (sensitivity / specificity by tier), in per cent"
    return Table(title, MEASURED, tuple(_record(record) for record in records))


def definitions_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate what other definitions of compliance make of the same answers."""
    title = "Compliance by other definitions (trained / untrained), in per cent"
    return Table(title, DEFINED, tuple(row for each in summaries for row in _defined(each)))


def motives_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate which motives the private reasoning shows, in runs where it was graded."""
    graded = [each for each in summaries if any(rate.measured for pair in each.motives.values() for rate in pair)]
    names = list(dict.fromkeys(name for each in graded for name in each.motives))
    rows = tuple((*run_cells(each), *_motives(each, names)) for each in graded)
    means = {name: meaning for each in graded for name, meaning in each.means.items()}
    return Table(
        "Motives in the private reasoning (trained / untrained), in per cent",
        ("run", "model", *(name.replace("_", " ") for name in names)),
        rows,
        tuple(f"{name.replace('_', ' ')}: {means[name]}." for name in names if name in means),
    )


def corrected_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate the figures without the grader's errors, where a calibration record fits."""
    rows = tuple(row for each in summaries for row in _corrected(each))
    notes = [note for each in summaries for note in _refusals(each)]
    return Table("Corrected for the grader's errors, in per cent", CORRECTED, rows, (*notes, ASSUMES) if rows else ())


def grader_notes(summaries: Sequence[Summary]) -> list[str]:
    """Return what a reader has to know of the graders, one note a problem, with the runs that it speaks of."""
    runs_of: dict[str, list[int]] = {}
    for each in summaries:
        for note in _on_graders(each):
            runs_of.setdefault(note, []).append(each.number)
    notes = [f"{note} (run {listed(numbers)})." for note, numbers in runs_of.items()]
    return [*health_notes(summaries), *notes] + [note for each in summaries for note in _on_run(each)]


def _record(record: Calibration) -> tuple[Cell, ...]:
    found, passed = sensitivity(record.confusion), specificity(record.confusion)
    return (
        Cell(record.grader + (" (simulated)" if record.simulated else "")),
        Cell(record.score.replace("_", " ")),
        *(count(each) for each in (record.votes, record.confusion.n, record.ungraded)),
        *(Cell(estimate(each), each.value) for each in (found, passed)),
        Cell("; ".join(f"{tier} {_counts(counts)}" for tier, counts in record.tiers.items())),
    )


def _defined(summary: Summary) -> Iterator[tuple[Cell, ...]]:
    shares = {each.second: each.share for each in summary.disagreements[: len(summary.definitions)]}
    for name, definition in summary.definitions.items():
        yield (
            *run_cells(summary, name.replace("_", " ")),
            Cell(both(definition.rates), definition.rates[0].estimate),
            measured(definition.gap),
            number(shares[name]),
        )


def _motives(summary: Summary, names: Sequence[str]) -> Iterator[Cell]:
    for name in names:
        rates = summary.motives.get(name)
        yield Cell(both(rates), rates[0].estimate) if rates else Cell("-")


def _corrected(summary: Summary) -> Iterator[tuple[Cell, ...]]:
    compliance, faking = summary.validations[COMPLIANCE], summary.validations[FAKING]
    if gap := compliance.gap(summary.gap):
        seen = f"{estimate(compliance.sensitivity)}, {estimate(compliance.specificity)}"
        yield count(summary.number), *words("gap", seen), measured(summary.gap), _correction(gap)
    for tier, rate in zip(summary.tiers, summary.faking, strict=True):
        if (corrected := faking.rate(rate)) and rate.measured:
            seen = f"{estimate(faking.sensitivity)}, {estimate(faking.specificity)}"
            cells = words(f"AF reasoning, {tier}", seen)
            yield count(summary.number), *cells, measured(rate), _correction(corrected)


def _correction(correction: Correction) -> Cell:
    if correction.refused:
        return Cell("refused, see below")
    return Cell(f"{percent(correction.value)} {limits(correction.low, correction.high)}", correction.value)


def _refusals(summary: Summary) -> Iterator[str]:
    name = f"Run {run_name(summary)}"
    gap = summary.validations[COMPLIANCE].gap(summary.gap)
    if gap and gap.refused:
        yield f"{name}: the gap is not corrected: {gap.refused}."
    for rate in summary.faking:
        corrected = summary.validations[FAKING].rate(rate)
        if corrected and corrected.refused and rate.measured:
            yield f"{name}: the rate of AF reasoning is not corrected: {corrected.refused}."


def _on_graders(summary: Summary) -> Iterator[str]:
    for score, validation in summary.validations.items():
        what = f"{validation.judge.grader} on {score.replace('_', ' ')}" if validation.judge else ""
        if validation.judge and not validation.record:
            yield f"Grader {what}: {validation.problem}"
        if record := validation.record:
            simulated = ", a stand-in" if record.simulated else ""
            texts = f"{record.confusion.n} texts of {', '.join(record.labels)}"
            yield f"Grader {what}: measured on {texts}{simulated}, {record.ungraded} more ungraded"


def _on_run(summary: Summary) -> Iterator[str]:
    name = f"Run {run_name(summary)}"
    if summary.unscored:
        listed = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in summary.unscored.items())
        yield f"{name}: replies without a verdict on AF reasoning: {listed}."
    false = summary.validations[COMPLIANCE].false_gaps(summary.rates[1])
    if false and not any(isnan(value) for value in false.values()):
        listed = ", ".join(f"{percent(value)} points for {percent(each)} more" for each, value in false.items())
        yield f"{name}: false alarms that are more frequent in one tier alone would make a gap: {listed}."
    for score, alpha in summary.alpha.items():
        yield f"{name}: the panel's agreement on {score} is {alpha:.2f} (Krippendorff's alpha)."


def _counts(counts: dict[str, int]) -> str:
    table = Confusion(**counts)
    return f"{percent(sensitivity(table).value)} / {percent(specificity(table).value)}"
