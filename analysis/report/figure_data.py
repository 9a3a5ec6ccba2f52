"""The figures of a report: which numbers go into which figure."""

from collections.abc import Sequence
from math import isnan

from analysis.report.figures.dot_plots import AgreementRow, BatteryRow, WordingRow, agreement, battery, wordings
from analysis.report.figures.forest import ForestRow, forest
from analysis.report.figures.scatter import FakingRow, faking_against_gap
from analysis.report.figures.stacked_bars import TierRow, tier_bars
from analysis.report.pages.blocks import Figure
from analysis.summary.contrasts import Contrast
from analysis.summary.decomposition import Breakdown, Share
from analysis.summary.published_figures import Published, published
from analysis.summary.run_summary import Summary
from experiment.statistics.agreement import sensitivity, specificity
from experiment.statistics.calibration_records import Calibration

PARTS: dict[Share, str] = {
    "refused": "refused",
    "considered": "refused after considering it",
    "complied": "complied",
    "faked": "complied with AF reasoning",
    "missing": "missing",
}


def gaps(summaries: Sequence[Summary]) -> Figure | None:
    """Draw the gap of every run, and below it what the papers printed for the same settings."""
    own = [_gap_row(each) for each in summaries]
    references = [_reference(each) for setting in _settings(summaries) for each in references_of(setting)]
    return forest([*own, *references])


def references_of(setting: str) -> list[Published]:
    """Return the published figures that print a gap in a setting."""
    return [each for each in published(setting) if not isnan(each.gap.estimate)]


def outcomes(summaries: Sequence[Summary], breakdowns: Sequence[Breakdown]) -> Figure | None:
    """Draw what became of the replies of every tier."""
    return tier_bars(
        [
            TierRow(_label(summary), tier, {PARTS[share]: value for share, value in shares.items()})
            for summary, breakdown in zip(summaries, breakdowns, strict=True)
            for tier, shares in breakdown.shares.items()
        ]
    )


def gaps_by_wording(summaries: Sequence[Summary], breakdowns: Sequence[Breakdown]) -> Figure | None:
    """Draw the gap in each wording of every run that has several."""
    return wordings(
        [
            WordingRow(_label(summary), name, each.estimate, each.low, each.high, each.pairs, summary.gap.estimate)
            for summary, breakdown in zip(summaries, breakdowns, strict=True)
            if len(breakdown.wordings) > 1
            for name, each in breakdown.wordings.items()
        ]
    )


def conditions(contrasts: Sequence[Contrast]) -> Figure | None:
    """Draw the contrasts of every model that was run in several conditions."""
    seen: dict[str, set[str]] = {}
    for each in contrasts:
        seen.setdefault(each.summary.model, set()).add(each.summary.condition)
    return battery(
        [
            BatteryRow(each.summary.model, _condition(each), each.name, each.gap.estimate, each.gap.low, each.gap.high)
            for each in contrasts
            if len(seen[each.summary.model]) > 1
        ]
    )


def reasoning(summaries: Sequence[Summary]) -> Figure | None:
    """Draw alignment-faking reasoning in the trained tier against the gap."""
    return faking_against_gap(
        [
            FakingRow(_label(each), *each.gap[:3], *each.faking[0][:3], simulated=each.simulated)
            for each in summaries
            if each.faking[0].measured
        ]
    )


def graders(records: Sequence[Calibration]) -> Figure | None:
    """Draw how graders agree with labels."""
    return agreement(
        [
            AgreementRow(
                each.grader, each.score, *sensitivity(each.confusion), *specificity(each.confusion), each.confusion.n
            )
            for each in records
        ]
    )


def _gap_row(summary: Summary) -> ForestRow:
    gap = summary.gap
    note = f"{summary.condition}, {summary.scratchpad}, {gap.pairs} pairs"
    return ForestRow(_label(summary), summary.setting, gap.estimate, gap.low, gap.high, summary.simulated, note=note)


def _reference(each: Published) -> ForestRow:
    gap = each.gap
    return ForestRow(
        each.model,
        each.setting,
        gap.estimate,
        gap.low,
        gap.high,
        published=True,
        note=f"{each.condition}; {each.source}",
    )


def _settings(summaries: Sequence[Summary]) -> list[str]:
    return list(dict.fromkeys(each.setting for each in summaries))


def _label(summary: Summary) -> str:
    return f"{summary.number}. {summary.model}"


def _condition(contrast: Contrast) -> str:
    summary = contrast.summary
    return summary.condition if summary.scratchpad != "none" else f"{summary.condition}, no scratchpad"
