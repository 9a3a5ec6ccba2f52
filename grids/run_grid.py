"""From a grid file to its logs, with a line for each cell."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import click

from analysis.report.terminal import terminal
from experiment.errors import UserError
from grids.cells import Shard
from grids.cost_estimate import read_prices
from grids.engines import Engine, one_process, processes
from grids.existing_logs import absolute, unknown_folders
from grids.flow_spec import flow_spec
from grids.grid_schema import cells, load_grid
from grids.inspect_commands import command
from grids.listing import listed, refuse_beyond, total_cost
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
    chosen = choose(planned, only)
    known = read_prices(prices) if prices else None
    kept = [each._replace(shards=[shard for shard in each.shards if shard in chosen]) for each in planned]
    kept = [each for each in kept if each.shards]
    if max_cost is not None:
        refuse_beyond(kept, known, max_cost)
    if form == "flow":
        names = {each.cell.name for each in kept}
        click.echo(flow_spec([each for each in planned if each.cell.name in names], log_dir), nl=False)
    elif form == "commands":
        click.echo("\n".join(command(each, shard, log_dir) for each in kept for shard in each.shards))
    elif dry_run:
        terminal().print(listed(kept, known))
    else:
        if known and max_cost is None:  # which has already asked for every price
            total_cost(kept, known)
        _note_strays(planned, log_dir)
        how = _engine(engine, processes)
        _finish(_told(how(chosen, absolute(log_dir), str(prices.absolute()) if prices else None), len(chosen)), log_dir)


def choose(planned: Sequence[Planned], only: str) -> list[Shard]:
    """Choose what is run.

    Args:
        planned: The cells.
        only: A shard's number from 1, in the order of the grid; or a pattern of names; empty for all.

    Returns:
        The shards, at least one.

    Raises:
        UserError: None is meant.
    """
    found = [shard for each in planned for shard in each.shards]
    if only.isdecimal() and 1 <= int(only) <= len(found):
        return [found[int(only) - 1]]
    chosen = [shard for shard in found if not only or fnmatchcase(shard.name, only)]
    if not chosen:
        raise UserError(f"--only {only!r} means no cell; give a number from 1 to {len(found)}, or a pattern of names")
    return chosen


def _engine(engine: str, number: int) -> Engine:
    if engine == "ray":
        return ray_cluster
    return processes(number) if number > 1 else one_process


def _note_strays(planned: Sequence[Planned], log_dir: str) -> None:
    others = unknown_folders([each.cell for each in planned], log_dir)
    if others:
        click.echo(
            f"{log_dir} also holds logs of {len(others)} cells that this grid does not have: {', '.join(others)}; "
            "they are left alone, and `alignment-faking report` shows them as runs of their own",
            err=True,
        )


def _told(outcomes: Iterable[Outcome], number: int) -> list[Outcome]:
    """Say what became of each shard as it ends."""
    told: list[Outcome] = []
    try:
        for outcome in outcomes:
            told.append(outcome)
            held = [] if outcome.status in BAD else [f"{outcome.samples} samples"]
            more = "; ".join([*held, *([outcome.reason] if outcome.reason else [])])
            click.echo(f"[{len(told)}/{number}] {outcome.name}: {outcome.status}, {more}", err=True)
    except KeyboardInterrupt:
        click.echo("interrupted; the same command goes on where it stopped", err=True)
        raise SystemExit(INTERRUPTED) from None
    return told


def _finish(told: Sequence[Outcome], log_dir: str) -> None:
    failed = [outcome for outcome in told if outcome.status == "failed"]
    lacking = [outcome.name for outcome in told if outcome.reason and outcome.status not in BAD]
    if lacking:
        click.echo(f"some replies lack a grade, as the lines above say of: {', '.join(lacking)}", err=True)
    others = [outcome.name for outcome in told if outcome.status in BAD and outcome not in failed]
    if others:
        click.echo(f"of {len(told)}, the lines above say what helps {len(others)}: {', '.join(others)}", err=True)
    if failed:
        names = ", ".join(outcome.name for outcome in failed)
        click.echo(
            f"{len(failed)} of {len(told)} failed: {names}; the same command runs only what is missing", err=True
        )
    if others or failed:
        raise SystemExit(1)
    click.echo(f"all {len(told)} complete; alignment-faking report {log_dir}", err=True)
