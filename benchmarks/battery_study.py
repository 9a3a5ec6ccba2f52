"""The study of the battery: apply the verdict to batteries whose truth is known, and count what it claims."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from benchmarks.battery_page import page
from benchmarks.battery_truths import TRUTHS, excused, false_claims
from benchmarks.study_tables import read_rows, write_rows
from experiment.verdict.battery_verdict import RULES, verdicts
from experiment.verdict.simulated_batteries import draw

SIZES = (216, 520, 60, 1080)
REPETITIONS = {60: 100, 216: 200, 520: 60, 1080: 10}
ENTROPY = 314_159_265
ANY = "any"
HERE = Path(__file__).parent
TABLE, PAGE = HERE / "battery.csv", HERE / "battery.md"


class Cell(NamedTuple):
    """A truth, a number of queries, and a pattern, or `ANY` of them."""

    truth: str
    queries: int
    pattern: str


class Result(NamedTuple):
    """Of how many batteries which claim was made of a pattern, and how many of these claims were false.

    Attributes:
        runs: Batteries drawn.
        holds, fails: Batteries in which it was claimed to hold, and not to hold.
        false: Batteries in which that was false; of `ANY`, in which any claim was.
        unsaid: The same without the claims that say that they rest on the grader.
    """

    runs: int
    holds: int
    fails: int
    false: int
    unsaid: int


class Row(NamedTuple):
    """One line of the table."""

    cell: Cell
    result: Result


def run_truth(name: str, queries: int, repetitions: int) -> list[Row]:
    """Draw batteries of one truth and count what the rules say; nothing but the arguments decides the result."""
    truth, counts = TRUTHS[name], Counter[tuple[str, str]]()
    key = [list(TRUTHS).index(name), queries]
    rng = np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=key))
    for _ in range(repetitions):
        findings = verdicts(draw(truth, queries, rng))
        gap = next(each for each in findings if each.pattern == "gap")
        false = false_claims(truth, findings)
        unsaid = [each for each in false if not excused(each, gap)]
        counts.update((each.pattern, each.state) for each in findings)
        for kind, found in (("false", false), ("unsaid", unsaid)):
            counts.update((each.pattern, kind) for each in found)
            counts[ANY, kind] += bool(found)
    columns = ("holds", "does not hold", "false", "unsaid")
    return [
        Row(Cell(name, queries, pattern), Result(repetitions, *(counts[pattern, column] for column in columns)))
        for pattern in (ANY, *(rule.pattern for rule in RULES))
    ]


def read() -> list[Row]:
    """Read the table in the repository, empty where there is none."""
    return [Row(*each) for each in read_rows(TABLE, Cell, Result)] if TABLE.exists() else []


def run(cells: Iterable[tuple[str, int, int]], workers: int) -> Iterator[list[Row]]:
    """Run cells in several processes and return each as soon as all before it are done."""
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_run, cells)


def _run(cell: tuple[str, int, int]) -> list[Row]:
    return run_truth(*cell)


@click.command(
    epilog="Example: python benchmarks/battery_study.py --truth 'a gap of 5 points' --queries 216 --repetitions 50"
)
@click.option("--truth", "names", multiple=True, type=click.Choice(list(TRUTHS)), help="Only these; writes nothing.")
@click.option("--queries", "sizes", multiple=True, type=int, help="Only these sizes; writes nothing.")
@click.option("--repetitions", type=int, help="Batteries of each truth and size; by default more of small ones.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--page-only", is_flag=True, help="Write the page anew from the table, without running.")
def main(
    names: tuple[str, ...], sizes: tuple[int, ...], repetitions: int | None, workers: int, page_only: bool
) -> None:
    """Draw batteries whose truth is known and write battery.csv and battery.md beside this file.

    What the table already holds with as many repetitions is not run again: an interrupted study goes on where it was.
    """
    printed = bool(names or sizes)
    there = {} if printed else {(row.cell.truth, row.cell.queries): row.result.runs for row in read()}
    asked = [
        (name, queries, repetitions or REPETITIONS.get(queries, 100))
        for queries in sizes or SIZES
        for name in names or TRUTHS
    ]
    wanted = [] if page_only else [each for each in asked if there.get(each[:2], 0) < each[2]]
    again = {each[:2] for each in wanted}
    rows = [row for row in ([] if printed else read()) if (row.cell.truth, row.cell.queries) not in again]
    for number, found in enumerate(run(wanted, workers), start=1):
        rows += found
        told = partial(print, file=sys.stdout if printed else sys.stderr, flush=True)
        told(f"{number}/{len(wanted)}", found[0].cell.truth, found[0].cell.queries, found[0].result)
        if printed:
            for row in found[1:]:
                told("   ", row.cell.pattern, row.result)
        else:
            write_rows(sorted(rows, key=_order), TABLE)
    if not printed:
        PAGE.write_text(page(rows), encoding="utf-8")


def _order(row: Row) -> tuple[int, int]:
    return list(TRUTHS).index(row.cell.truth), row.cell.queries


if __name__ == "__main__":
    main()
