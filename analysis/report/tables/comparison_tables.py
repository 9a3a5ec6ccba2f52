"""Tiers compared within a run, and models compared on the same queries, as tables."""

from collections.abc import Iterator, Sequence

from analysis.report.cell_formatting import count, measured, model_name, p_value, run_cells, words
from analysis.report.pages.blocks import Cell, Table
from analysis.summary.contrasts import CORRECTION, Comparison, Contrast

MODELS = (
    *("first", "second", "condition", "of", "first - second [95%]", "p", "corrected p", "family"),
    *("shared", "only first", "only second"),
)
CONTRASTS = (
    *("run", "model", "condition", "contrast", "pairs", "gap [95%]", "p", "corrected p", "family"),
    "tier correlation",
)
NOTES = (
    "First minus second model on the queries and wordings that both answered; the intervals speak of these queries.",
    "Models are compared only where condition, queries, task version, rubrics and graders are the same; each may have "
    "been told of its own lab.",
)


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """Tabulate comparisons, three rows or more for each."""
    rows = tuple(row for each in comparisons for row in _rows(each))
    return Table("Models compared, paired by query and wording, in points", MODELS, rows, NOTES)


def _rows(comparison: Comparison) -> Iterator[tuple[Cell, ...]]:
    first, second = comparison.first, comparison.second
    for line in comparison.lines:
        yield (
            *words(*(f"{each.number}. {model_name(each)}" for each in (first, second)), first.condition, line.of),
            measured(line.found),
            Cell(p_value(line.found.p), line.found.p),
            Cell(p_value(line.corrected), line.corrected),
            Cell(line.family),
            *(count(each) for each in (line.found.clusters, line.found.only_first, line.found.only_second)),
        )


def contrasts_table(contrasts: Sequence[Contrast]) -> Table:
    """Tabulate contrasts."""
    return Table("Contrasts, in points", CONTRASTS, tuple(map(_contrast, contrasts)), tuple(CORRECTION.values()))


def _contrast(contrast: Contrast) -> tuple[Cell, ...]:
    summary, gap = contrast.summary, contrast.gap
    return (
        *run_cells(summary, summary.condition, contrast.name.replace("_", " ")),
        count(gap.pairs),
        measured(gap),
        Cell(p_value(gap.p), gap.p),
        Cell(p_value(contrast.corrected), contrast.corrected),
        Cell(contrast.family),
        Cell("-" if gap.correlation != gap.correlation else f"{gap.correlation:.2f}", gap.correlation),
    )
