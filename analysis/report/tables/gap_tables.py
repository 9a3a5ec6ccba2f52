"""Tables of what a gap is made of, what a run could have seen, and what papers printed."""

from collections.abc import Sequence
from math import isnan

from analysis.reading.logs import Run
from analysis.report.cell_formatting import count, limits, measured, number, run_cells, words
from analysis.report.figure_data import PARTS, references_of
from analysis.report.pages.blocks import Cell, Table
from analysis.summary.decomposition import Breakdown
from analysis.summary.published_figures import Printed, reference_of
from analysis.summary.run_summary import Summary
from experiment.formatting import percent
from experiment.statistics.gap import Gap, WordingGap

Labelled = Sequence[tuple[Summary, Breakdown]]


def parts_tables(labelled: Labelled) -> tuple[Table, ...]:
    """Tabulate what gaps are made of: shares by tier, alignment faking, categories, wordings, suspicion of a test."""
    return (
        _shares(labelled),
        _without(labelled),
        _gaps("Gap by category, in points", "category", [(each, parts.categories) for each, parts in labelled]),
        _gaps("Gap by wording, in points", "wording", [(each, parts.wordings) for each, parts in labelled]),
        _gaps(
            "Gap by suspicion of a test, in points", "pairs with", [(each, parts.suspicion) for each, parts in labelled]
        ),
    )


def power_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate what each run could have seen: the smallest gap, and whether there is no gap within a margin."""
    columns = (
        "run",
        "model",
        "pairs",
        "smallest gap seen with 80% power",
        "90% interval",
        "margin",
        "no gap within it",
    )
    reasons: dict[str, list[str]] = {}
    for each in summaries:
        reasons.setdefault(each.equivalence.reason, []).append(str(each.number))
    notes = tuple(f"Run {', '.join(runs)}: {reason}." for reason, runs in reasons.items())
    return Table("Power and equivalence, in points", columns, tuple(map(_power, summaries)), notes)


def references_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate what the papers printed for the settings of these runs."""
    rows = [
        (
            *words(setting, each.source, each.where, each.model, each.condition),
            _printed(each.gap),
            _printed(each.af),
            count(each.queries),
            Cell(each.note),
        )
        for setting in dict.fromkeys(summary.setting for summary in summaries)
        for each in references_of(setting)
    ]
    columns = ("setting", "source", "where", "model", "condition", "gap", "AF reasoning", "queries", "note")
    return Table("Published figures, in per cent", columns, tuple(rows))


def variants_table(runs: Sequence[Run], summaries: Sequence[Summary]) -> Table:
    """Tabulate what a paper printed for the variant of a run, where it printed something."""
    rows = [
        (
            *run_cells(summary, ", ".join(variants)),
            measured(summary.gap),
            *words(each.condition, each.model),
            *map(_printed, (each.gap, unchanged.gap, each.af, unchanged.af)),
            Cell(f"{each.source}, {each.where}"),
        )
        for run, summary in zip(runs, summaries, strict=True)
        if (variants := (run.log.eval.metadata or {})["variant"])
        and (each := reference_of(summary.setting, variants))
        and (unchanged := reference_of(summary.setting, ()))
    ]
    columns = (
        *("run", "model", "variant", "gap [95%]", "published for this change", "of model", "its gap"),
        *("gap without the change", "its AF reasoning", "AF reasoning without the change", "source"),
    )
    return Table("Published for the variants of these runs, in per cent", columns, tuple(rows))


def _shares(labelled: Labelled) -> Table:
    rows = tuple(
        (*run_cells(summary, tier), *(number(shares[share]) for share in PARTS))
        for summary, parts in labelled
        for tier, shares in parts.shares.items()
    )
    title = "What became of the replies, in per cent of all"
    return Table(title, ("run", "model", "tier", *PARTS.values()), rows)


def _without(labelled: Labelled) -> Table:
    rows = tuple(
        (
            *run_cells(summary),
            measured(summary.gap),
            *((measured(parts.without), count(parts.without.pairs)) if summary.faking[0].measured else words("-", "-")),
            *(measured(rate) if rate.measured else Cell("-") for rate in parts.compliant),
        )
        for summary, parts in labelled
    )
    compliant = tuple(f"AF reasoning among compliant, {role} tier [95%]" for role in ("trained", "untrained"))
    columns = ("run", "model", "gap [95%]", "gap without AF replies [95%]", "pairs", *compliant)
    return Table("The gap and alignment-faking reasoning, in points and per cent", columns, rows)


def _gaps(title: str, what: str, of: Sequence[tuple[Summary, dict[str, Gap] | dict[str, WordingGap]]]) -> Table:
    rows = tuple(
        (*run_cells(summary, name), count(gap.pairs), measured(gap))
        for summary, gaps in of
        if len(gaps) > 1
        for name, gap in gaps.items()
    )
    return Table(title, ("run", "model", what, "pairs", "gap [95%]"), rows)


def _power(summary: Summary) -> tuple[Cell, ...]:
    found = summary.equivalence
    claim = "shown" if found.claimed else "not shown" if found.possible else "no claim possible"
    return (
        *run_cells(summary),
        count(summary.gap.pairs),
        number(summary.detectable),
        Cell(limits(found.low, found.high), found.low),
        number(found.margin),
        Cell(claim),
    )


def _printed(figure: Printed) -> Cell:
    if isnan(figure.estimate):
        ends = [percent(each) for each in (figure.least, figure.most) if not isnan(each)]
        return Cell(" to ".join(ends) or "-")
    known = "" if isnan(figure.low) else f" {limits(figure.low, figure.high)}"
    return Cell(f"{percent(figure.estimate)}{known}", figure.estimate)
