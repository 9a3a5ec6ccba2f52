"""The contrasts of all runs, as a table."""

from collections.abc import Sequence

from analysis.report.cell_formatting import count, measured, model_name, p_value, words
from analysis.report.pages.blocks import Cell, Table
from analysis.summary.contrasts import CORRECTION, Contrast

COLUMNS = (
    *("run", "model", "condition", "contrast", "pairs", "gap [95%]", "p", "corrected p", "family"),
    "tier correlation",
)


def contrasts_table(contrasts: Sequence[Contrast]) -> Table:
    """Tabulate contrasts."""
    return Table("Contrasts, in points", COLUMNS, tuple(map(_row, contrasts)), tuple(CORRECTION.values()))


def _row(contrast: Contrast) -> tuple[Cell, ...]:
    summary, gap = contrast.summary, contrast.gap
    return (
        count(summary.number),
        *words(model_name(summary), summary.condition, contrast.name.replace("_", " ")),
        count(gap.pairs),
        measured(gap),
        Cell(p_value(gap.p), gap.p),
        Cell(p_value(contrast.corrected), contrast.corrected),
        Cell(contrast.family),
        Cell("-" if gap.correlation != gap.correlation else f"{gap.correlation:.2f}", gap.correlation),
    )
