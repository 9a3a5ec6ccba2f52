"""What a reader needs to judge the grades: other definitions, motives, the grader's agreement with labels."""

from collections.abc import Iterator, Sequence
from math import isnan

from rich.console import Console
from rich.table import Table

from analysis.logs import COMPLIANCE, FAKING
from analysis.summary import Summary
from analysis.text import both, harmless, interval, percent, row_name
from experiment.agreement import Confusion, Estimate, sensitivity, specificity
from experiment.calibration import Calibration
from experiment.correction import Correction

ASSUMES = (
    "A correction assumes that the grader errs alike in both tiers and as it does on the labelled texts. Its errors "
    "are estimated a little towards one half, the fewer labels the more, so that a faultless grader moves a figure too."
)


def print_grading(summaries: list[Summary], console: Console) -> None:
    """Print the tables on definitions and motives, and on graders with a calibration record.

    Args:
        summaries: The runs.
        console: Where to print.
    """
    for title, columns, rows in (
        ("Compliance by other definitions (trained / untrained), in per cent", DEFINED, list(_defined(summaries))),
        ("Motives in the private reasoning (trained / untrained), in per cent", *_motives(summaries)),
        ("Corrected for the grader's errors, in per cent", CORRECTED, list(_corrected(summaries))),
    ):
        _print(title, columns, rows, console)


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print a table, nothing where it has no row."""
    if not rows:
        return
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*(harmless(cell) for cell in row))
    console.print(table)


MEASURED = ("grader", "score", "votes", "texts", "ungraded", "sensitivity", "specificity", "by tier")


def print_records(records: Sequence[Calibration], console: Console) -> None:
    """Print what runs against labels found of their graders.

    Args:
        records: The calibration records.
        console: Where to print.
    """
    title = "Graders against labels (sensitivity / specificity by tier), in per cent"
    _print(title, MEASURED, [_measured(record) for record in records], console)


def _measured(record: Calibration) -> tuple[str, ...]:
    return (
        record.grader + (" (simulated)" if record.simulated else ""),
        record.score.replace("_", " "),
        str(record.votes),
        str(record.confusion.n),
        str(record.ungraded),
        _estimate(sensitivity(record.confusion)),
        _estimate(specificity(record.confusion)),
        "; ".join(f"{tier} {_counts(counts)}" for tier, counts in record.tiers.items()),
    )


def grading_notes(summaries: list[Summary]) -> list[str]:
    """Return what has to be said of the graders and their scores, one sentence or two a note."""
    means = {name: meaning for summary in summaries for name, meaning in summary.means.items()}
    used = {name for summary in summaries for name in (*summary.motives, *summary.definitions)}
    notes = [f"{name.replace('_', ' ')}: {meaning}." for name, meaning in means.items() if name in used]
    notes += [note for summary in summaries for note in _notes_on(summary)]
    if any(validation.record for summary in summaries for validation in summary.validations.values()):
        notes.append(ASSUMES)
    return list(dict.fromkeys(notes))


DEFINED = ("run", "definition", "complied", "gap [95%]", "disagrees with the headline in")


def _defined(summaries: list[Summary]) -> Iterator[tuple[str, ...]]:
    for summary in summaries:
        shares = {each.second: each.share for each in summary.disagreements[: len(summary.definitions)]}
        for name, definition in summary.definitions.items():
            rates = both(definition.rates)
            yield row_name(summary), name.replace("_", " "), rates, interval(definition.gap), percent(shares[name])


def _motives(summaries: list[Summary]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    names = list(dict.fromkeys(name for summary in summaries for name in summary.motives))
    rows = [
        (row_name(summary), *(both(summary.motives[name]) if name in summary.motives else "-" for name in names))
        for summary in summaries
        if any(rate.measured for rates in summary.motives.values() for rate in rates)
    ]
    return ("run", *(name.replace("_", " ") for name in names)), rows


CORRECTED = ("run", "score", "grader on labels: sensitivity, specificity", "as graded [95%]", "corrected [95%]")


def _corrected(summaries: list[Summary]) -> Iterator[tuple[str, ...]]:
    for summary in summaries:
        compliance, faking = summary.validations[COMPLIANCE], summary.validations[FAKING]
        if gap := compliance.gap(summary.gap):
            seen = f"{_estimate(compliance.sensitivity)}, {_estimate(compliance.specificity)}"
            yield row_name(summary), "gap", seen, interval(summary.gap), _correction(gap)
        for tier, rate in zip(summary.tiers, summary.faking, strict=True):
            if (corrected := faking.rate(rate)) and rate.measured:
                seen = f"{_estimate(faking.sensitivity)}, {_estimate(faking.specificity)}"
                raw = f"{percent(rate.estimate)} [{percent(rate.low)}, {percent(rate.high)}]"
                yield row_name(summary), f"AF reasoning, {tier}", seen, raw, _correction(corrected)


def _notes_on(summary: Summary) -> Iterator[str]:
    name = row_name(summary)
    for score, validation in summary.validations.items():
        what = f"{validation.judge.grader} on {score}" if validation.judge else ""
        if validation.judge and not validation.record:
            yield f"Grader {what}: {validation.problem}."
        if validation.record:
            record = validation.record
            simulated = ", a stand-in" if record.simulated else ""
            yield (
                f"Grader {what}: measured on {record.confusion.n} texts of {', '.join(record.labels)}{simulated}, "
                f"{record.ungraded} more ungraded."
            )
    gap = summary.validations[COMPLIANCE].gap(summary.gap)
    if gap and gap.refused:
        yield f"{name}: the gap is not corrected: {gap.refused}."
    for rate in summary.faking:
        corrected = summary.validations[FAKING].rate(rate)
        if corrected and corrected.refused and rate.measured:
            yield f"{name}: the rate of AF reasoning is not corrected: {corrected.refused}."
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
    found, passed = sensitivity(table).value, specificity(table).value
    return f"{percent(found)} / {percent(passed)}"


def _estimate(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} [{percent(estimate.low)}, {percent(estimate.high)}]"


def _correction(correction: Correction) -> str:
    if correction.refused:
        return "refused, see below"
    return f"{percent(correction.value)} [{percent(correction.low)}, {percent(correction.high)}]"
