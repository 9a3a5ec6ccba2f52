"""The study of early stopping: end simulated runs by the project's rules and write what that saves and costs."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import TypeVar

import click
import numpy as np

from benchmarks.stopping_page import GAPS, MARGIN, PAID, RULES, Cell, Result, Row, page
from experiment.statistics.intervals import newcombe_z
from experiment.statistics.pairing import FloatArray, IntArray, Table
from experiment.statistics.stopping import Stop, bound, looks, parse_stops, settled

ENTROPY = 141_421_356
RUNS = 5_000
EXACT = 1e-9
DESIGNS = ((400, 1, 0.0, 0.25), (400, 1, 0.0, 0.0), (400, 1, 0.0, 0.5), (216, 8, 0.05, 0.25))
HERE = Path(__file__).parent
TABLE, PAGE = HERE / "stopping.csv", HERE / "stopping.md"

T = TypeVar("T", Cell, Result)
limits_of = cache(newcombe_z)


def grid() -> list[Cell]:
    """Return the cells: 400 pairs in one wording, and 216 in eight that differ; a gap at the margin beside the four."""
    gaps = sorted({*GAPS, MARGIN})
    return [Cell(*design, paid, rule, gap) for design, paid, rule, gap in product(DESIGNS, PAID, RULES, gaps)]


def run_cell(cell: Cell, runs: int = RUNS) -> Result:
    """End simulated runs by a cell's rule; the result depends on nothing but the cell and the number of runs."""
    at, stops = looks(cell.n, cell.wordings), parse_stops(cell.rule)
    ended = [_ended(counts, truth, at, stops) for counts, truth in draws(cell, at, runs)]
    return Result(runs, *(int(total) for total in np.sum(ended, axis=0)))


def _ended(counts: IntArray, truth: float, at: tuple[int, ...], stops: Sequence[Stop]) -> tuple[int, bool, bool, bool]:
    """Return the pairs run, and whether that was early, every interval covered, and what was decided was wrong."""
    covered = True
    for pairs, table in zip(at, counts.tolist(), strict=True):
        limits = limits_of(Table(*table), bound(at))
        covered = covered and limits.low <= truth <= limits.high
        for stop in stops:
            if said := settled(stop, limits):
                return pairs, pairs < at[-1], covered, _wrong(stop, said, truth, limits.low)
    return at[-1], False, covered, False


def _wrong(stop: Stop, said: str, truth: float, low: float) -> bool:
    """Tell whether a decision contradicts the truth; a precision stop decides nothing."""
    if stop.kind == "precision":
        return False
    if said.startswith("no gap"):
        return abs(truth) >= stop.value - EXACT
    return truth <= stop.value + EXACT if low > 0 else truth >= -stop.value - EXACT


def draws(cell: Cell, at: Sequence[int], runs: int) -> Iterator[tuple[IntArray, float]]:
    """Draw runs, the same ones for every rule.

    Yields:
        The four counts of pairs at each look, and the true gap of the wordings that were drawn.
    """
    shares = (cell.spread, cell.correlation, cell.paid, cell.gap)
    key = [cell.n, cell.wordings, *(round(1000 * share) for share in shares)]
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=key))
    for _ in range(runs):
        free = _free_rates(cell, rng)[np.arange(cell.n) % cell.wordings]
        yield _kinds(cell, free, rng).cumsum(axis=1)[:, np.array(at) - 1].T, float(free.mean()) - cell.paid


def _free_rates(cell: Cell, rng: np.random.Generator) -> FloatArray:
    """Draw the first tier's rate in each wording."""
    mean = cell.paid + cell.gap
    if cell.spread == 0:
        return np.full(cell.wordings, mean)
    size = mean * (1 - mean) / cell.spread**2 - 1
    return rng.beta(mean * size, (1 - mean) * size, cell.wordings)


def _kinds(cell: Cell, free: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw pairs with the cell's correlation, or the largest that the rates allow: a row for each field of a table."""
    paid = np.full(cell.n, cell.paid)
    both = free * paid + cell.correlation * np.sqrt(free * (1 - free) * paid * (1 - paid))
    both = np.minimum(both, np.minimum(free, paid))
    second = rng.random(cell.n) < paid
    first = rng.random(cell.n) < np.where(second, both / paid, (free - both) / (1 - paid))
    return np.stack([first & second, first & ~second, ~first & second, ~first & ~second]).astype(int)


def written(rows: Iterable[Row], path: Path) -> None:
    """Write the table, a line per cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*Cell._fields, *Result._fields])
        writer.writerows([*row.cell, *row.result] for row in rows)


def read(path: Path) -> list[Row]:
    """Read a table that `written` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(_made(Cell, line), _made(Result, line)) for line in csv.DictReader(file)]


def _made(kind: type[T], line: dict[str, str]) -> T:
    return kind(**{name: of(line[name]) for name, of in kind.__annotations__.items()})


@click.command()
@click.option("--runs", default=RUNS, show_default=True, help="Runs per cell; other than the default, it only prints.")
@click.option("--page-only", is_flag=True, help="Write the page anew from the table, without running.")
def main(runs: int, page_only: bool) -> None:
    """Simulate runs that may end early and write stopping.csv and stopping.md beside this file."""
    if runs != RUNS:
        click.echo(page([Row(cell, run_cell(cell, runs)) for cell in grid()]))
        return
    if not page_only:
        written([Row(cell, run_cell(cell)) for cell in grid()], TABLE)
    PAGE.write_text(page(read(TABLE)), encoding="utf-8")


if __name__ == "__main__":
    main()
