"""The simulation study: run the project's statistics on data with known gaps and write what they are worth."""

import sys
from collections.abc import Iterable, Iterator
from itertools import product
from math import isnan
from pathlib import Path
from typing import TextIO

import click

from benchmarks.judged_gaps import LEAST, MOST, Result, run_cell
from benchmarks.simulated_pairs import Cell
from benchmarks.statistics_page import TRUTHS, Row, page
from benchmarks.study_tables import read_rows, write_rows
from experiment.statistics.equivalence import Design, sensible_margin

EPOCHS, WORDINGS, SIZES = (1, 5), (1, 8), (50, 200, 400)
PAID, CORRELATIONS = (0.01, 0.2), (0.0, 0.5)
SPREAD = 0.05
HERE = Path(__file__).parent
TABLE, PAGE = HERE / "statistics.csv", HERE / "statistics.md"


def grid() -> list[Cell]:
    """Return the 240 cells of the study."""
    combinations = product(EPOCHS, WORDINGS, SIZES, PAID, CORRELATIONS, TRUTHS)
    return [Cell(*each, spread=SPREAD if each[1] > 1 else 0.0) for each in combinations]


def added() -> list[Cell]:
    """Return the cells beside the grid: null gaps without a skewed spread, and true gaps equal to a margin."""
    nulls = [cell for cell in grid() if cell.truth == 0 and cell.wordings > 1]
    flat = [cell._replace(spread=0.0) for cell in nulls]
    symmetric = [cell._replace(either=True) for cell in nulls if cell.n > min(SIZES)]
    at_margin = {cell._replace(truth=margin) for cell in grid() for margin in _margins(cell)}
    return [*flat, *symmetric, *sorted(at_margin - set(grid()))]


def run(cells: Iterable[Cell], least: int = LEAST, most: int = MOST) -> Iterator[Row]:
    """Run cells one after the other; a cell's result depends on nothing but the cell and the numbers of runs."""
    for cell in cells:
        yield Row(cell, run_cell(cell, min(least, most), most))


def read() -> list[Row]:
    """Read the table in the repository."""
    return [Row(*each) for each in read_rows(TABLE, Cell, Result)]


def _margins(cell: Cell) -> set[float]:
    """Return the margins that most runs of a cell are judged by, for these wordings and for their population."""
    rate = round((cell.paid * cell.n + 0.5) / (cell.n + 1), 3)
    found = {sensible_margin(Design(cell.n, cell.epochs, rate, wordings)) for wordings in (1, cell.wordings)}
    return {margin for margin in found if not isnan(margin)}


def _asked(cell: Cell, wanted: Iterable[str]) -> bool:
    conditions = [each.partition("=") for each in wanted]
    unknown = [name for name, _, _ in conditions if name not in Cell._fields]
    if unknown:
        raise click.BadParameter(f"no such factor: {', '.join(unknown)}; there are {', '.join(Cell._fields)}")
    return all(getattr(cell, name) == float(value) for name, _, value in conditions)


@click.command(epilog="Example: python benchmarks/statistics_study.py --repetitions 200 --cells n=50 --cells epochs=5")
@click.option("--repetitions", default=MOST, show_default=True, help="Most data sets per cell.")
@click.option("--cells", multiple=True, metavar="FACTOR=VALUE", help="Only such cells; prints, and writes nothing.")
@click.option("--page-only", is_flag=True, help="Write the page anew from the table, without running.")
def main(repetitions: int, cells: tuple[str, ...], page_only: bool) -> None:
    """Simulate gaps whose truth is known and write statistics.csv and statistics.md beside this file.

    A cell that is clear of its targets by three Monte-Carlo errors stops after 1000 data sets, or after all if fewer.
    """
    asked = [cell for cell in [*grid(), *added()] if _asked(cell, cells)]
    rows = _told(run(asked, most=repetitions), len(asked), sys.stdout if cells else sys.stderr)
    if cells:
        list(rows)
        return
    if not page_only:
        write_rows(rows, TABLE)
    PAGE.write_text(page(read()), encoding="utf-8")


def _told(rows: Iterable[Row], total: int, stream: TextIO) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        print(f"{number}/{total}", row.cell, row.result, file=stream, flush=True)
        yield row


if __name__ == "__main__":
    main()
