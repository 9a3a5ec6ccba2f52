"""The simulation study repeats, draws what it says, and its page in the repository is made from its table."""

from itertools import islice

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.judged_gaps import Result, judge, run_cell
from benchmarks.simulated_pairs import Cell, draws, feasible_correlation
from benchmarks.statistics_page import gridded, misses, page, targets
from benchmarks.statistics_study import PAGE, added, grid, main, read, run
from benchmarks.study_tables import read_rows, write_rows
from experiment.statistics.equivalence import equivalence
from experiment.statistics.gap import compliance_gap
from experiment.statistics.pairing import Observation, Pairs, pair

SINGLE = Cell(1, 1, 50, 0.2, 0.5, 0.05, 0.0)
EPOCHS = Cell(5, 8, 200, 0.2, 0.0, 0.0, 0.05)
RARE = Cell(1, 1, 400, 0.01, 0.5, 0.3, 0.0)
CLEAR, NEAR = Cell(1, 1, 50, 0.01, 0.5, 0.0, 0.0), Cell(1, 1, 50, 0.01, 0.0, 0.3, 0.0)
EITHER = Cell(1, 8, 400, 0.2, 0.5, 0.0, 0.05, either=True)


def test_the_grid_is_every_combination_once() -> None:
    cells = grid()
    assert len(set(cells)) == len(cells) == 240
    assert all(gridded(cell) for cell in cells)
    assert not any(gridded(cell) for cell in added())


@pytest.mark.parametrize("cell", [SINGLE, EPOCHS, RARE, EITHER])
def test_draws_have_the_rates_the_gap_and_the_correlation_of_their_cell(cell: Cell) -> None:
    drawn = list(islice(draws(cell), 200))
    first, second = (np.concatenate([getattr(each.pairs, tier) for each in drawn]) for tier in ("first", "second"))
    assert second.mean() == pytest.approx(cell.paid, abs=0.015)
    assert first.mean() - second.mean() == pytest.approx(cell.truth, abs=0.02)
    assert np.mean([each.drawn for each in drawn]) == pytest.approx(cell.truth, abs=0.01)
    assert np.std([each.drawn for each in drawn]) == pytest.approx(cell.spread / cell.wordings**0.5, abs=0.003)
    if cell.epochs == 1:
        wanted = min(cell.correlation, feasible_correlation(cell.paid + cell.truth, cell.paid))
        assert np.corrcoef(first, second)[0, 1] == pytest.approx(wanted, abs=0.03)


@pytest.mark.parametrize("cell", [SINGLE, EPOCHS])
def test_drawn_pairs_are_those_of_the_replies(cell: Cell) -> None:
    """Pairs built from arrays are judged as the pairs of the single replies that they average."""
    drawn = next(draws(cell)).pairs
    assert_same(drawn, pair(replies(drawn, cell.epochs), "free", "paid"))


def replies(pairs: Pairs, epochs: int) -> list[Observation]:
    return [
        Observation(query, wording, epoch, tier, float(epoch < round(value * epochs)))
        for tier, values in (("free", pairs.first), ("paid", pairs.second))
        for query, wording, value in zip(pairs.queries, pairs.wordings, values, strict=True)
        for epoch in range(epochs)
    ]


def assert_same(built: Pairs, joined: Pairs) -> None:
    assert built[:2] == joined[:2]
    assert all(np.allclose(one, other) for one, other in zip(built[2:5], joined[2:5], strict=True))
    assert built[5:] == joined[5:]
    gap, same = compliance_gap(joined), equivalence(joined)
    judged = judge(built)
    assert (gap.low, gap.high, gap.p) == pytest.approx(judged[:3])
    assert (same.claimed, same.possible) == (judged.claimed, judged.possible)


def test_a_cell_repeats_and_stops_early_only_when_it_is_clear() -> None:
    clear = run_cell(CLEAR, 200, 400)
    assert clear == run_cell(CLEAR, 200, 400)
    assert (clear.runs, run_cell(NEAR, 20, 60).runs) == (200, 60)


def test_a_table_is_read_as_it_was_written(tmp_path) -> None:
    rows = list(run([CLEAR, CLEAR._replace(wordings=8, either=True)], most=10))
    write_rows(rows, tmp_path / "table.csv")
    assert read_rows(tmp_path / "table.csv", Cell, Result) == rows


def test_some_cells_are_printed_and_an_unknown_factor_is_named() -> None:
    asked = ["--repetitions", "5", "--cells", "n=50", "--cells", "wordings=1", "--cells", "epochs=1", "--cells"]
    done = CliRunner().invoke(main, [*asked, "truth=0.3"])
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["1/4", "2/4", "3/4", "4/4"]
    assert (
        "no such factor: size; there are epochs, wordings, n" in CliRunner().invoke(main, ["--cells", "size=5"]).output
    )


def test_the_table_in_the_repository_covers_every_cell_and_the_page_lists_its_misses() -> None:
    rows, text = read(), PAGE.read_text(encoding="utf-8")
    assert [row.cell for row in rows] == [*grid(), *added()]
    assert all(row.result.runs >= 1000 for row in rows)
    assert text == page(rows)
    listed = [line[2:] for line in text.splitlines() if line.startswith("- ")]
    assert listed == misses(rows)
    assert len(listed) == sum(missed(*each[:3], at_least=each[4]) for row in rows for each in row_rates(row.result))


def row_rates(result):
    return [(rate.hits, rate.n, rate.target, rate.name, rate.at_least) for rate in targets(result) if rate.n]


def missed(hits: int, n: int, target: float, *, at_least: bool) -> bool:
    return hits < target * n if at_least else hits > target * n
