"""`alignment-faking grid`: every cell of a grid, each in a folder of its own."""

from pathlib import Path

import click


@click.command(epilog="Example: alignment-faking grid datasets/grids/example.yaml --dry-run")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--log-dir", default="", help="Folder or fsspec URL of the logs.  [default: logs/ and FILE's name]")
@click.option("--dry-run", is_flag=True, help="Print cells, calls, tokens and cost; run nothing.")
@click.option("--prices", type=click.Path(path_type=Path, dir_okay=False), help="As Inspect's --model-cost-config.")
@click.option("--max-cost", type=float, help="Dollars beyond which nothing is started; needs --prices.")
@click.option("--print", "form", type=click.Choice(["commands", "flow"]), help="Print the cells in this form instead.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True)
@click.option("--processes", type=click.IntRange(min=1), default=1, show_default=True, help="Of this machine.")
@click.option("--only", default="", help="A shard's number, or a pattern of names: '*faker*'.  [default: all]")
def grid(file: Path, log_dir: str, **options: object) -> None:
    """Run every cell of the grid in FILE: each model under each grader in each condition.

    Each cell has a folder of its own. A second call runs only what is missing; a cell that fails does not stop the
    others; a cell whose prompts, queries, rubrics, grader or options changed since its logs were made is refused.
    """
    from grids.run_grid import run_grid

    run_grid(file, log_dir or f"logs/{file.stem}", **options)  # type: ignore[arg-type]
