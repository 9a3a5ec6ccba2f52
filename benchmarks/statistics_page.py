"""The simulation study as a page of text and tables."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import isnan
from typing import NamedTuple

from benchmarks.judged_gaps import COVERAGE, EXACT, FALSE_REJECTION, MOST, WRONG_CLAIM, Result, error
from benchmarks.simulated_pairs import Cell, feasible_correlation
from benchmarks.study_tables import bold, markdown_table

TRUTHS = (0.0, 0.01, 0.05, 0.11, 0.3)

HEAD = """# What the statistics are worth on data with a known gap

Written by `python benchmarks/statistics_study.py`; every count is in `statistics.csv`. The intervals, tests and
claims are those of the reports: `experiment.statistics.gap.compliance_gap` and
`experiment.statistics.equivalence.equivalence`.

**Targets.** The 95% interval holds the true gap at least 94% of the time. A true null is rejected at most 5.5%
of the time. Equivalence is claimed at most 5% of the time where the true gap is at or beyond the margin.

**Cells.** {cells} cells: gaps of 0, 1, 5, 11 and 30 points, paid rates of 1% and 20%, correlation between the
tiers of 0 and 0.5, 1 and 5 epochs, 1 and 8 wordings, 50, 200 and 400 queries. {beside} cells beside them: gap 0
with a spread of 0 and with a spread that is symmetric, and gaps equal to the margin that most runs are judged
by.

**Data.** With one epoch the two replies to a query are binary with the stated correlation, or the largest that
the rates allow ({capped}; less in wordings with a lower rate). With five epochs each query has a propensity in
each tier, from a probit model: half of the latent variance lies between queries, and the stated correlation is
that of the two tiers' latent propensities. With eight wordings each query is asked in one of them, the same in
both tiers. The free rate of a wording comes from a beta distribution with mean paid + gap and standard
deviation 5 points; the paid rate is the same in all. At a mean of a few per cent such a distribution is very
skewed: at paid 1% and gap 0 most wordings have a free rate near 0, and a rare one has 10% or more.

**What counts as true.** Each interval is held against the estimand that it names. "Population of wordings": the
gap of the cell. "These wordings": the mean gap of the eight wordings drawn; it is hardly ever 0, so that such a
run has no true null unless the spread is 0.

**Runs.** numpy's `SeedSequence(271828182)` with the cell as spawn key, so that a cell repeats alone and in any
order. At least 1000 data sets a cell; then 500 more at a time until every rate that half of the runs enter is three
Monte-Carlo errors clear of its target, at most {most}. ± is the Monte-Carlo standard error; with 3000 data sets it
is 0.4 points at 95% coverage. **Bold** misses its target."""

MISSED = """Every rate on the wrong side of its target, whether or not chance explains it. A rate within two Monte-Carlo
errors of its target is not shown to miss it."""

NONE_MISSED = "None of the rates is on the wrong side of its target."

VERDICT = """One wording: every interval and every test keeps its target, rare events included; the price is width, and
coverage of 97 to 100% where the paid rate is 1%. Equivalence is claimed wrongly in up to 5.5% of runs (5 epochs, 400
queries, gap equal to the margin); it is one cell of many, and chance would explain it.

Eight wordings: where the paid rate is 1% and a few wordings carry most of a gap of 11 points, the interval over five
epochs covers 93.3 to 93.9% instead of 95%. The spread is skewed there, and eight wordings do not show how far; more
queries do not help (the miss grows from 200 to 400), more wordings do. With one epoch the same cells keep the target,
because the hull with Tango's interval is wider. True nulls are rejected at most as often as they may be.

Claims of equivalence over eight wordings at a paid rate of 1%: hardly any run has a true gap beyond its margin, so the
rates that miss rest on 7 to 29 runs each and say little; a claim there is about the wordings asked, and a rare wording
with a gap may not be among them. At 20% and at most 400 queries, mostly none is possible."""


class Row(NamedTuple):
    """One line of the table: a cell and what came of it."""

    cell: Cell
    result: Result


class Rate(NamedTuple):
    """A rate of the study with its target, and whether at least or at most the target is wanted."""

    name: str
    hits: int
    n: int
    target: float
    at_least: bool

    @property
    def missed(self) -> bool:
        """Whether the rate is on the wrong side of its target."""
        if not self.n:
            return False
        return self.hits / self.n < self.target if self.at_least else self.hits / self.n > self.target

    @property
    def text(self) -> str:
        """The rate in per cent with its Monte-Carlo error; empty without a run."""
        if not self.n:
            return ""
        return f"{100 * self.hits / self.n:.1f} ± {100 * error(self.hits, self.n):.1f}"


def targets(result: Result) -> tuple[Rate, Rate, Rate]:
    """Return the three rates that have a target; those without a run have n = 0."""
    return (
        Rate("coverage", result.covered, result.runs, COVERAGE, True),
        Rate("true nulls rejected", result.false, result.nulls, FALSE_REJECTION, False),
        Rate("equivalence wrongly claimed", result.wrong, result.beyond, WRONG_CLAIM, False),
    )


def misses(rows: Iterable[Row]) -> list[str]:
    """Return a line for each rate on the wrong side of its target, in the order of the rows."""
    return [_miss(row.cell, rate) for row in rows for rate in targets(row.result) if rate.missed]


def page(rows: Sequence[Row]) -> str:
    """Return the page in Markdown."""
    listed = misses(rows)
    on_grid = [row for row in rows if gridded(row.cell)]
    parts = [HEAD.format(cells=len(on_grid), beside=len(rows) - len(on_grid), most=MOST, capped=_capped(on_grid))]
    parts += ["## Missed", MISSED if listed else NONE_MISSED, "\n".join(f"- {line}" for line in listed)]
    parts += ["## In words", VERDICT, "## Lowest and highest", _extremes(rows)]
    for (epochs, wordings), block in groupby(on_grid, key=lambda row: row.cell[:2]):
        parts += [f"## {_kind(epochs, wordings)}", *_block(list(block))]
    parts += ["## True nulls without a skewed spread", _nulls(rows), "## True gaps equal to the margin", _margins(rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def gridded(cell: Cell) -> bool:
    """Tell whether a cell is one of the 240."""
    spread = cell.spread > 0 or cell.wordings == 1
    return spread and not cell.either and cell.truth in TRUTHS


def _block(rows: Sequence[Row]) -> list[str]:
    tables = [
        ("95% interval: coverage, % (mean full width, points)", _coverage),
        ("Rejected at 5%, %: at gap 0 the error, of runs whose null is true; elsewhere the power", _rejected),
        ("Equivalence claimed, % (commonest margin, points)", _claimed),
    ]
    if rows[0].cell.wordings > 1:
        tables.append(("Runs that speak of the population of wordings, % (whose interval holds its gap, %)", _spoken))
    return [f"{title}\n\n{_grid(rows, entry)}" for title, entry in tables]


def _grid(rows: Sequence[Row], entry: Callable[[Row], str]) -> str:
    truths = sorted({row.cell.truth for row in rows})
    head = ["n", "paid", "correlation", *(f"gap {100 * truth:g}" for truth in truths)]
    lines = []
    for (n, paid, correlation), line in groupby(rows, key=lambda row: row.cell[2:5]):
        lines.append([str(n), f"{100 * paid:g}%", f"{correlation:g}", *(entry(row) for row in line)])
    return markdown_table(head, lines)


def _coverage(row: Row) -> str:
    return f"{_marked(targets(row.result)[0])} ({100 * row.result.width:.1f})"


def _rejected(row: Row) -> str:
    cell, result = row
    if cell.truth != 0:
        return f"{100 * result.rejected / result.runs:.1f}"
    return f"{_marked(targets(result)[1])} (of {result.nulls})" if result.nulls else "no true null"


def _claimed(row: Row) -> str:
    result, wrong = row.result, targets(row.result)[2]
    claimed = f"{100 * result.claimed / result.runs:.1f}"
    if result.possible == 0:
        return "none possible"
    margin = "mostly none" if isnan(result.margin) else f"{100 * result.margin:g}"
    return f"{bold(claimed, wrong.missed)} ({margin})"


def _spoken(row: Row) -> str:
    result = row.result
    return f"{100 * result.population / result.runs:.0f} ({100 * result.covered_population / result.runs:.1f})"


def _extremes(rows: Sequence[Row]) -> str:
    lines = []
    for (epochs, wordings), group in groupby(sorted(rows), key=lambda row: row.cell[:2]):
        rates = [targets(row.result) for row in group]
        lowest = min((each[0] for each in rates), key=lambda rate: rate.hits / rate.n)
        worst = [max((each[i] for each in rates), key=lambda rate: rate.hits / max(rate.n, 1)) for i in (1, 2)]
        lines.append([_kind(epochs, wordings), str(len(rates)), *(_marked(rate) for rate in (lowest, *worst))])
    head = ["", "cells", "lowest coverage, %", "most true nulls rejected, %", "most wrong claims of equivalence, %"]
    return markdown_table(head, lines)


def _nulls(rows: Sequence[Row]) -> str:
    chosen = [row for row in rows if row.cell.truth == 0 and not gridded(row.cell)]
    head = ["epochs", "spread", "n", "paid", "correlation", "runs with a true null", "rejected, %", "coverage, %"]
    lines = [
        [
            str(cell.epochs),
            "5, either tier" if cell.either else "0",
            *_design(cell),
            str(result.nulls),
            _marked(targets(result)[1]),
            _marked(targets(result)[0]),
        ]
        for cell, result in chosen
    ]
    return markdown_table(head, lines)


def _margins(rows: Sequence[Row]) -> str:
    chosen = sorted(row for row in rows if abs(row.cell.truth - row.result.margin) < EXACT)
    head = ["epochs", "wordings", "n", "paid", "correlation", "gap and margin", "runs at or beyond it", "claimed, %"]
    lines = [
        [
            *(str(each) for each in cell[:2]),
            *_design(cell),
            f"{100 * cell.truth:g}",
            str(result.beyond),
            _marked(targets(result)[2]),
        ]
        for cell, result in chosen
    ]
    return markdown_table(head, lines)


def _marked(rate: Rate) -> str:
    return bold(rate.text, rate.missed)


def _miss(cell: Cell, rate: Rate) -> str:
    beside = (
        ", spread in either tier" if cell.either else ", no spread" if not cell.spread and cell.wordings > 1 else ""
    )
    n, paid, correlation = _design(cell)
    where = f"{_kind(*cell[:2])}, n = {n}, paid {paid}, correlation {correlation}, gap {100 * cell.truth:g}{beside}"
    return f"{where}: {rate.name} {rate.text}% of {rate.n} (target {100 * rate.target:g})"


def _design(cell: Cell) -> tuple[str, str, str]:
    return str(cell.n), f"{100 * cell.paid:g}%", f"{cell.correlation:g}"


def _kind(epochs: int, wordings: int) -> str:
    return f"{epochs} epoch{'s' * (epochs > 1)}, {wordings} wording{'s' * (wordings > 1)}"


def _capped(rows: Iterable[Row]) -> str:
    """Name the cells in one wording whose correlation is above what two such rates can have."""
    cells = sorted({row.cell[3:6] for row in rows})
    most = {(paid, truth): feasible_correlation(paid + truth, paid) for paid, wanted, truth in cells if wanted}
    low = {key: value for key, value in most.items() if value < 0.5 - EXACT}
    return ", ".join(f"{value:.2f} at paid {100 * paid:g}%, gap {100 * gap:g}" for (paid, gap), value in low.items())
