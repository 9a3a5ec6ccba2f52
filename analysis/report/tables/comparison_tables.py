"""Two models on the same queries, as a table."""

from collections.abc import Iterator, Sequence

from analysis.report.cell_formatting import count, measured, model_name, p_value, words
from analysis.report.pages.blocks import Cell, Table
from analysis.summary.comparing import Comparison

COLUMNS = (
    *("first", "second", "condition", "of", "first - second [95%]", "p", "corrected p", "family"),
    *("shared", "only first", "only second"),
)
NOTES = (
    "First minus second model on the queries and wordings that both answered; the intervals speak of these queries.",
    "Models are compared only where condition, queries, task version, rubrics and graders are the same; each may have "
    "been told of its own lab.",
)


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """Tabulate comparisons, three rows or more for each."""
    rows = tuple(row for each in comparisons for row in _rows(each))
    return Table("Models compared, paired by query and wording, in points", COLUMNS, rows, NOTES)


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
