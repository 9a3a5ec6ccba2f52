"""The study of early stopping repeats, looks as a run does, and its page in the repository is made from its table."""

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.stopping_study import (
    CALLS,
    COVERAGE,
    MAIN,
    PAGE,
    PAID,
    RULES,
    WRONG,
    Cell,
    Result,
    Row,
    draws,
    grid,
    main,
    mean_calls,
    page,
    read,
    run_cell,
)
from benchmarks.study_tables import read_rows, write_rows
from experiment.statistics.pairing import Observation, Table
from experiment.statistics.stopping_bounds import bounds, interim_analysis, looks, parse_stops

LARGE = Cell(400, 1, 0.0, 0.25, 0.01, "decision:0.02", 0.3)
NULL = Cell(400, 1, 0.0, 0.25, 0.01, "decision:0.02,precision:0.03", 0.0)
WORDINGS = Cell(216, 8, 0.05, 0.25, 0.2, "decision:0.02", 0.11)


def replies(table: Table) -> list[Observation]:
    kinds = [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]
    pairs = [kind for kind, count in zip(kinds, table, strict=True) for _ in range(count)]
    return [
        Observation(f"q{number}", "w", 1, tier, value)
        for number, pair in enumerate(pairs)
        for tier, value in zip(("free", "paid"), pair, strict=True)
    ]


@pytest.mark.parametrize("cell", [LARGE, NULL, WORDINGS])
def test_a_simulated_run_ends_where_a_run_would(cell: Cell) -> None:
    at, stops = looks(cell.n, cell.wordings), parse_stops(cell.rule)
    taken = 0
    for counts, _ in draws(cell, at, 20):
        seen = (
            interim_analysis(stops, replies(Table(*counts[step])), ("free", "paid"), z)
            for step, z in enumerate(bounds(at, stops[0].shape))
        )
        taken += next((look.pairs for look in seen if look.reason), cell.n)
    assert run_cell(cell, 20).pairs == taken


@pytest.mark.parametrize("cell", [LARGE, NULL, WORDINGS])
def test_draws_have_the_rates_of_their_cell_and_only_grow(cell: Cell) -> None:
    at = looks(cell.n, cell.wordings)
    counts, truths = zip(*draws(cell, at, 300), strict=True)
    assert all(tuple(each.sum(axis=1)) == at and (np.diff(each, axis=0) >= 0).all() for each in counts)
    both, first, second, _ = np.sum([each[-1] for each in counts], axis=0) / (300 * cell.n)
    assert both + second == pytest.approx(cell.paid, abs=0.01)
    assert first - second == pytest.approx(cell.gap, abs=0.015)
    assert np.mean(truths) == pytest.approx(cell.gap, abs=0.005)


def test_a_cell_repeats_and_rules_judge_the_same_draws() -> None:
    assert run_cell(LARGE, 50) == run_cell(LARGE, 50)
    assert run_cell(LARGE, 50).pairs == run_cell(LARGE._replace(rule=NULL.rule), 50).pairs


def test_a_table_is_read_as_it_was_written(tmp_path) -> None:
    rows = [Row(cell, run_cell(cell, 10)) for cell in (LARGE, NULL)]
    write_rows(rows, tmp_path / "table.csv")
    assert read_rows(tmp_path / "table.csv", Cell, Result) == rows


def test_the_table_in_the_repository_holds_what_is_promised_and_makes_the_page() -> None:
    rows = read()
    assert [row.cell for row in rows] == grid()
    assert all(row.result.runs >= 4000 for row in rows)
    assert PAGE.read_text(encoding="utf-8") == page(rows)
    assert min(row.result.covered / row.result.runs for row in rows) >= COVERAGE
    assert max(row.result.wrong / row.result.runs for row in rows) <= WRONG
    assert [rule for rule in RULES if mean_calls(rows, MAIN, PAID[0], rule) <= CALLS] == [RULES[0], RULES[2]]


def test_the_documentation_gives_the_tables_figures() -> None:
    rows, text = read(), (PAGE.parents[1] / "docs" / "stopping_early.md").read_text(encoding="utf-8")
    for paid in PAID:
        shares = [f"{100 * mean_calls(rows, MAIN, paid, rule):.0f}%" for rule in RULES]
        assert f"| {100 * paid:.0f}% | {' | '.join(shares)} |" in text


def test_the_command_makes_the_page_anew(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("benchmarks.stopping_study.PAGE", tmp_path / "stopping.md")
    assert CliRunner().invoke(main, ["--page-only"]).exit_code == 0
    assert (tmp_path / "stopping.md").read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")
