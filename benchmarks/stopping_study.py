"""The study of early stopping: end simulated runs by the project's rules and write what that saves and costs."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby, product
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from benchmarks.simulated_pairs import beta_rates, single_replies
from benchmarks.study_tables import bold, markdown_table, read_rows, write_rows
from experiment.statistics.intervals import newcombe_z
from experiment.statistics.pairing import IntArray, Table
from experiment.statistics.stopping_bounds import Stop, bounds, looks, parse_stops, settled

ENTROPY = 141_421_356
RUNS = 5_000
EXACT = 1e-9
DESIGNS = ((400, 1, 0.0, 0.25), (400, 1, 0.0, 0.0), (400, 1, 0.0, 0.5), (216, 8, 0.05, 0.25))
HERE = Path(__file__).parent
TABLE, PAGE = HERE / "stopping.csv", HERE / "stopping.md"
PAID = (0.01, 0.2)
RULES = (
    *("decision:0.02", "precision:0.03", "decision:0.02,precision:0.03"),
    *("decision:0.02:pocock", "decision:0.02:pocock,precision:0.03:pocock"),
)
GAPS = (0.0, 0.05, 0.11, 0.3)
MARGIN = 0.02
COVERAGE, WRONG, CALLS = 0.94, 0.05, 0.6
MAIN = (400, 1, 0.0, 0.25)
limits_of = cache(newcombe_z)

HEAD = """# What early stopping saves, and what it costs

Written by `python benchmarks/stopping_study.py`; every count is in `stopping.csv`. The looks, the bound, the interval
and the rules are those of a run with `-T stop=...`: `experiment.statistics.stopping_bounds` and
`experiment.statistics.intervals.newcombe_z`.

**Targets.** In at least 94% of runs the interval of *every* look up to the end holds the true gap (uniform coverage).
At most 5% of runs end on a wrong decision: a gap beyond the margin that is not, or none that is; where the gap equals
the margin, either is wrong. At a paid rate of 1% and up to 400 pairs, a run takes on average over gaps of 0, 5, 11 and
30 points at most 60% of the fixed design's calls. At a paid rate of 20% nothing is promised.

**Data.** Pairs of binary replies with the stated rates and correlation, or the largest correlation that the rates
allow. With eight wordings the free rate of each comes from a beta distribution with a standard deviation of 5 points,
and what counts as true is the gap of the eight that were drawn. {runs} runs a cell, the same for both rules, from
numpy's `SeedSequence(141421356)`; ± is the Monte-Carlo standard error, at most {error:.1f} points. **Bold** misses
its target. Every reply is there, and nothing is run beyond the look that ends a run: a real run finishes the pairs
that are under way."""


IN_WORDS = """

So the verdict is what can be had early. `decision:0.02` keeps to 60% of the calls at a paid rate of 1%, because large
gaps are settled at the first few looks; a gap of 0 is hardly ever shown to lie within 2 points, and is then asked
in full. `precision:0.03` by itself does not keep to it: only gaps near 0 become so precise. Both together save most.
At a paid rate of 20%, and with 216 pairs, they save less. The interval at an early stop is wide. The price of the looks
is an interval that is 28% wider in a run that never stops (2.512 instead of 1.96 standard errors for eight looks)."""


class Cell(NamedTuple):
    """One condition: pairs planned, wordings and their spread, the tiers' correlation and rate, the rule, the gap."""

    n: int
    wordings: int
    spread: float
    correlation: float
    paid: float
    rule: str
    gap: float


class Result(NamedTuple):
    """What the runs of one cell came to.

    Attributes:
        runs: Number of runs.
        pairs: Pairs that they took, in all.
        early: Runs that ended before the last look.
        covered: Runs whose interval held the true gap at every look up to the end.
        wrong: Runs that ended on a decision that contradicts the true gap.
    """

    runs: int
    pairs: int
    early: int
    covered: int
    wrong: int


class Row(NamedTuple):
    """One line of the table."""

    cell: Cell
    result: Result

    @property
    def calls(self) -> float:
        """Calls as a share of the fixed design's."""
        return self.result.pairs / (self.result.runs * self.cell.n)


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
    for pairs, table, z in zip(at, counts.tolist(), bounds(at, stops[0].shape), strict=True):
        limits = limits_of(Table(*table), z)
        covered = covered and limits.low <= truth <= limits.high
        for stop in stops:
            if reason := settled(stop, limits):
                return pairs, pairs < at[-1], covered, _wrong(stop, reason, truth, limits.low)
    return at[-1], False, covered, False


def _wrong(stop: Stop, reason: str, truth: float, low: float) -> bool:
    """Tell whether a decision contradicts the truth; a precision stop decides nothing."""
    if stop.kind == "precision":
        return False
    if reason.startswith("no gap"):
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
    paid = np.full(cell.n, cell.paid)
    for _ in range(runs):
        free = beta_rates(cell.paid + cell.gap, cell.spread, cell.wordings, rng)[np.arange(cell.n) % cell.wordings]
        first, second = single_replies(free, paid, cell.correlation, rng)
        kinds = np.stack([first & second, first & ~second, ~first & second, ~first & ~second]).astype(int)
        yield kinds.cumsum(axis=1)[:, np.array(at) - 1].T, float(free.mean()) - cell.paid


def read() -> list[Row]:
    """Read the table in the repository."""
    return [Row(*each) for each in read_rows(TABLE, Cell, Result)]


def page(rows: Sequence[Row]) -> str:
    """Return the page in Markdown."""
    runs = rows[0].result.runs
    parts = [HEAD.format(runs=f"{runs:,}", error=50 / sqrt(runs)), "## In short", _in_short(rows)]
    for design, block in groupby(rows, key=lambda row: row.cell[:4]):
        parts += [f"## {_named(*design)}", _tables(list(block))]
    return "\n\n".join(parts) + "\n"


def mean_calls(rows: Sequence[Row], design: tuple[int, int, float, float], paid: float, rule: str) -> float:
    """Return the mean over the gaps of the share of calls."""
    line = [row for row in rows if (row.cell[:4], row.cell.paid, row.cell.rule) == (design, paid, rule)]
    return sum(row.calls for row in line if row.cell.gap in GAPS) / len(GAPS)


def _in_short(rows: Sequence[Row]) -> str:
    lowest = min(rows, key=lambda row: row.result.covered / row.result.runs)
    worst = max(rows, key=lambda row: row.result.wrong / row.result.runs)
    lines = [f"- Lowest uniform coverage: {_coverage(lowest)}% ({_where(lowest)})."]
    lines.append(f"- Most wrong decisions: {_wrong_share(worst)}% ({_where(worst)}).")
    for paid in PAID:
        shares = [f"{rule} {100 * mean_calls(rows, MAIN, paid, rule):.0f}%" for rule in RULES]
        lines.append(f"- Calls of the fixed design, 400 pairs, paid {100 * paid:g}%: {', '.join(shares)}.")
    return "\n".join(lines) + IN_WORDS


def _tables(rows: Sequence[Row]) -> str:
    gaps = sorted({row.cell.gap for row in rows})
    head = ["paid", "rule", "", *(f"gap {100 * gap:g}" for gap in gaps), "mean of the four"]
    lines = []
    for (paid, rule), group in groupby(rows, key=lambda row: row.cell[4:6]):
        line = list(group)
        calls = mean_calls(rows, line[0].cell[:4], paid, rule)
        missed = paid == PAID[0] and line[0].cell.n == MAIN[0] and calls > CALLS
        lines.append([f"{100 * paid:g}%", rule, "calls, %", *(f"{100 * row.calls:.0f}" for row in line)])
        lines[-1].append(bold(f"{100 * calls:.0f}", missed))
        lines.append(
            ["", "", "ended early, %", *(f"{100 * row.result.early / row.result.runs:.0f}" for row in line), ""]
        )
        lines.append(["", "", "uniform coverage, %", *map(_coverage, line), ""])
        if "decision" in rule:
            lines.append(["", "", "wrong decisions, %", *map(_wrong_share, line), ""])
    return markdown_table(head, lines)


def _coverage(row: Row) -> str:
    share = row.result.covered / row.result.runs
    return bold(f"{100 * share:.1f}", share < COVERAGE)


def _wrong_share(row: Row) -> str:
    share = row.result.wrong / row.result.runs
    return bold(f"{100 * share:.1f}", share > WRONG)


def _where(row: Row) -> str:
    return f"{_named(*row.cell[:4])}, paid {100 * row.cell.paid:g}%, {row.cell.rule}, gap {100 * row.cell.gap:g}"


def _named(n: int, wordings: int, spread: float, correlation: float) -> str:
    varied = f"{wordings} wordings, spread {100 * spread:g} points" if spread else f"{wordings} wording"
    return f"{n} pairs, {varied}, correlation {correlation:g}"


@click.command()
@click.option("--runs", default=RUNS, show_default=True, help="Runs per cell; other than the default, it only prints.")
@click.option("--page-only", is_flag=True, help="Write the page anew from the table, without running.")
def main(runs: int, page_only: bool) -> None:
    """Simulate runs that may end early and write stopping.csv and stopping.md beside this file."""
    if runs != RUNS:
        click.echo(page([Row(cell, run_cell(cell, runs)) for cell in grid()]))
        return
    if not page_only:
        write_rows((Row(cell, run_cell(cell)) for cell in grid()), TABLE)
    PAGE.write_text(page(read()), encoding="utf-8")


if __name__ == "__main__":
    main()
