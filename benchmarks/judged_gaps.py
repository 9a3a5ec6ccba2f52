"""What the project's own functions say of pairs with a known gap, counted over many draws."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import islice
from math import sqrt
from typing import NamedTuple

import numpy as np

from benchmarks.simulated_pairs import Cell, Draw, draws
from experiment.statistics.equivalence import equivalence
from experiment.statistics.gap import POPULATION, compliance_gap
from experiment.statistics.pairing import Pairs, Table, discordance
from experiment.statistics.significance import SIGNIFICANCE

COVERAGE, FALSE_REJECTION, WRONG_CLAIM = 0.94, 0.055, 0.05
EXACT = 1e-9
CLEAR = 3.0
LEAST, BATCH, MOST = 1000, 500, 3000


class Judgement(NamedTuple):
    """What is said of one data set: limits, p-value and estimand of the gap, and the verdict on equivalence."""

    low: float
    high: float
    p: float
    population: bool
    margin: float
    claimed: bool
    possible: bool


class Result(NamedTuple):
    """What the data sets of one cell came to, as counts of runs.

    Attributes:
        runs: Data sets drawn.
        population: Runs whose interval spoke of the population of wordings.
        covered: Runs whose 95% interval held the true value of the estimand that it named.
        covered_population: Runs whose interval held the gap over the population of wordings, whatever it named.
        width: Mean full width of the interval.
        rejected: Runs with p at most .05.
        nulls, false: Runs in which the named estimand was 0, and the rejections among them.
        margin: The commonest margin of equivalence.
        possible, claimed: Runs in which equivalence could be claimed, and in which it was.
        beyond, wrong: Runs in which the named estimand was at or beyond the margin, and the claims among them.
    """

    runs: int
    population: int
    covered: int
    covered_population: int
    width: float
    rejected: int
    nulls: int
    false: int
    margin: float
    possible: int
    claimed: int
    beyond: int
    wrong: int


class _Run(NamedTuple):
    judged: Judgement
    named: float
    truth: float


def judge(pairs: Pairs) -> Judgement:
    """Ask the project for the gap and for equivalence."""
    gap, same = compliance_gap(pairs), equivalence(pairs)
    population = gap.estimand == POPULATION
    return Judgement(gap.low, gap.high, gap.p, population, same.margin, same.claimed, same.possible)


def run_cell(cell: Cell, least: int, most: int) -> Result:
    """Judge data sets of one cell until each of its rates is clear of its target, or until there are `most`."""
    source, runs = draws(cell), list[_Run]()
    while len(runs) < most and not (len(runs) >= least and settled(summed(runs))):
        wanted = min(least if not runs else BATCH, most - len(runs))
        runs += [_run(cell, draw) for draw in islice(source, wanted)]
    return summed(runs)


def summed(runs: Iterable[_Run]) -> Result:
    """Count over runs."""
    each = [(run, run.judged) for run in runs]
    nulls = [judged for run, judged in each if abs(run.named) < EXACT]
    beyond = [judged for run, judged in each if abs(run.named) > judged.margin - EXACT]
    return Result(
        runs=len(each),
        population=sum(judged.population for _, judged in each),
        covered=sum(judged.low <= run.named <= judged.high for run, judged in each),
        covered_population=sum(judged.low <= run.truth <= judged.high for run, judged in each),
        width=float(np.mean([judged.high - judged.low for _, judged in each])),
        rejected=sum(judged.p <= SIGNIFICANCE for _, judged in each),
        nulls=len(nulls),
        false=sum(judged.p <= SIGNIFICANCE for judged in nulls),
        margin=Counter(judged.margin for _, judged in each).most_common(1)[0][0],
        possible=sum(judged.possible for _, judged in each),
        claimed=sum(judged.claimed for _, judged in each),
        beyond=len(beyond),
        wrong=sum(judged.claimed for judged in beyond),
    )


def settled(result: Result) -> bool:
    """Tell whether every rate over at least half of the runs is 3 Monte-Carlo errors away from its target."""
    rates = (
        (result.covered, result.runs, COVERAGE),
        (result.false, result.nulls, FALSE_REJECTION),
        (result.wrong, result.beyond, WRONG_CLAIM),
    )
    return all(abs(hits / n - target) > CLEAR * error(hits, n) for hits, n, target in rates if 2 * n >= result.runs)


def error(hits: int, n: int) -> float:
    """Return the Monte-Carlo standard error of a rate, with one hit and one miss added; it is never 0."""
    rate = (hits + 1) / (n + 2)
    return sqrt(rate * (1 - rate) / (n + 2))


def _run(cell: Cell, draw: Draw) -> _Run:
    single = cell.epochs == 1 and cell.wordings == 1
    judged = _judge_table(discordance(draw.pairs)) if single else judge(draw.pairs)
    return _Run(judged, cell.truth if judged.population else draw.drawn, cell.truth)


@cache
def _judge_table(table: Table) -> Judgement:
    """Judge pairs in one wording, asked once: nothing but their counts matters."""
    counts = list(table)
    first, second = np.repeat([1.0, 1.0, 0.0, 0.0], counts), np.repeat([1.0, 0.0, 1.0, 0.0], counts)
    queries = tuple(f"q{i:04}" for i in range(table.n))
    return judge(Pairs(queries, ("w0",) * table.n, first, second, np.ones(table.n, dtype=int), table.n, 0))
