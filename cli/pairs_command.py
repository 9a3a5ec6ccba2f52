"""`alignment-faking pairs`: the tiers of each query side by side."""

from pathlib import Path
from typing import Any

import click

LIMIT = 20


@click.command(epilog="Example: alignment-faking pairs logs/ --disagree --output pairs.html")
@click.argument("folder")
@click.option("--query", default="", help="Only this query's id.  [default: any]")
@click.option("--disagree", is_flag=True, help="Only queries on which tiers, models, graders or definitions disagree.")
@click.option("--model", "models", multiple=True, help="A model; give it twice for two.  [default: all, at most two]")
@click.option("--condition", default="", help="Variants, or the whole condition as the page names it.  [default: main]")
@click.option("--limit", type=click.IntRange(min=1), default=LIMIT, show_default=True, help="Most queries on the page.")
@click.option("--redact", is_flag=True, help="Replace public answers that complied by their length and hash.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default="pairs.html", show_default=True)
def pairs(folder: str, limit: int, redact: bool, output: Path, **chosen: Any) -> None:
    """Write a page with the tiers, and two models, of one query next to each other.

    FOLDER is a folder of logs or one log, as for `report`. The page shows private reasoning, public answer and grades;
    what a grader quoted is marked. Queries on which the tiers differ come first.
    """
    from analysis.report.report_inputs import read
    from analysis.report.terminal import watched
    from analysis.side_by_side.pair_page import to_page
    from analysis.side_by_side.pairs import choose
    from experiment.terminal_text import print_line

    found = read(folder, watch=watched)
    choice = choose(found.runs, found.summaries, **chosen)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(to_page(choice, limit, redact), encoding="utf-8")
    print_line(f"wrote {output}")
