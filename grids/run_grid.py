"""From a grid file to its logs, with a line for each cell."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import click

from analysis.report.terminal import terminal
from experiment.errors import UserError
from experiment.terminal_text import print_line
from grids.cells import Shard
from grids.cost_estimate import cost_table, read_prices, reject_over_budget, total_cost
from grids.engines import Engine, one_process, processes
from grids.existing_logs import absolute, unknown_folders
from grids.flow_spec import flow_spec
from grids.grid_schema import cells, load_grid
from grids.inspect_commands import command
from grids.plan import Planned, plan
from grids.ray_engine import ray_cluster
from grids.run_shard import Outcome

INTERRUPTED = 130
BAD = ("failed", "refused", "ungraded")


def run_grid(
    file: Path,
    log_dir: str,
    *,
    dry_run: bool = False,
    prices: Path | None = None,
    max_cost: float | None = None,
    form: Literal["commands", "flow"] | None = None,
    engine: Literal["local", "ray"] = "local",
    processes: int = 1,
    only: str = "",
) -> None:
    """Run a grid, or say what it is.

    Args:
        file: The grid file.
        log_dir: The folder of the logs.
        dry_run: Whether to print what it would take, and nothing more.
        prices: A file of prices.
        max_cost: Dollars beyond which nothing is started.
        form: A form to print the cells in, and nothing more.
        engine: Where it is run.
        processes: How many processes of this machine run it.
        only: A shard's number or a pattern of names; empty for all.

    Raises:
        UserError: Something cannot be used, or the grid would cost too much.
        SystemExit: A cell failed, was refused or got no verdict (1), or somebody interrupted (130).
    """
    planned = plan(cells(load_grid(file)))
    chosen = _select_shards(planned, only)
    known = read_prices(prices) if prices else None
    kept = [each._replace(shards=[shard for shard in each.shards if shard in chosen]) for each in planned]
    kept = [each for each in kept if each.shards]
    if max_cost is not None:
        reject_over_budget(kept, known, max_cost)
    if form == "flow":
        names = {each.cell.name for each in kept}
        click.echo(flow_spec([each for each in planned if each.cell.name in names], log_dir), nl=False)
    elif form == "commands":
        click.echo("\n".join(command(each, shard, log_dir) for each in kept for shard in each.shards))
    elif dry_run:
        terminal().print(cost_table(kept, known))
    else:
        if known and max_cost is None:  # which has already asked for every price
            total_cost(kept, known)
        _note_other_cells(planned, log_dir)
        run = _engine(engine, processes)
        outcomes = run(chosen, absolute(log_dir), str(prices.absolute()) if prices else None)
        _print_summary(_print_outcomes(outcomes, len(chosen)), log_dir)


def _select_shards(planned: Sequence[Planned], only: str) -> list[Shard]:
    """Return the shards that are run: one by its number from 1, in the order of the grid, or those of a pattern."""
    found = [shard for each in planned for shard in each.shards]
    if only.isdecimal() and 1 <= int(only) <= len(found):
        return [found[int(only) - 1]]
    chosen = [shard for shard in found if not only or fnmatchcase(shard.name, only)]
    if not chosen:
        raise UserError(f"--only {only!r} matches no cell; give a number from 1 to {len(found)}, or a pattern of names")
    return chosen


def _engine(engine: str, number: int) -> Engine:
    if engine == "ray":
        return ray_cluster
    return processes(number) if number > 1 else one_process


def _note_other_cells(planned: Sequence[Planned], log_dir: str) -> None:
    others = unknown_folders([each.cell for each in planned], log_dir)
    if others:
        print_line(
            f"{log_dir} also holds logs of {len(others)} cells that this grid does not have: {', '.join(others)}; "
            "they are left alone, and `alignment-faking report` shows them as runs of their own"
        )


def _print_outcomes(outcomes: Iterable[Outcome], number: int) -> list[Outcome]:
    """Print what became of each shard as it ends."""
    ended: list[Outcome] = []
    try:
        for outcome in outcomes:
            ended.append(outcome)
            held = [] if outcome.status in BAD else [f"{outcome.samples} samples"]
            more = "; ".join([*held, *([outcome.reason] if outcome.reason else [])])
            print_line(f"[{len(ended)}/{number}] {outcome.name}: {outcome.status}, {more}")
    except KeyboardInterrupt:
        print_line("interrupted; the same command resumes where it stopped")
        raise SystemExit(INTERRUPTED) from None
    return ended


def _print_summary(outcomes: Sequence[Outcome], log_dir: str) -> None:
    """Print which shards need something done, and exit with 1 where one has no result."""
    total = len(outcomes)
    lacking = [outcome.name for outcome in outcomes if outcome.reason and outcome.status not in BAD]
    failed = [outcome.name for outcome in outcomes if outcome.status == "failed"]
    others = [outcome.name for outcome in outcomes if outcome.status in BAD and outcome.name not in failed]
    if lacking:
        print_line(f"some replies lack a grade, as shown above for: {', '.join(lacking)}")
    if others:
        print_line(f"{len(others)} of {total} need what is shown above: {', '.join(others)}")
    if failed:
        names = ", ".join(failed)
        print_line(f"{len(failed)} of {total} failed: {names}; the same command runs only what is missing")
    if others or failed:
        raise SystemExit(1)
    print_line(f"all {total} complete; alignment-faking report {log_dir}")
