"""A report's tables and notes on the terminal."""

import sys
from collections.abc import Iterable, Iterator
from time import monotonic

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid
from rich.text import Text

from analysis.report.pages.blocks import Table
from experiment.terminal_text import terminal_line

WIDTH = 240
PATIENCE = 1.0  # seconds


def terminal() -> Console:
    """Return where to print: as wide as the terminal, and wide where the output is no terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH)


def plain(text: str, style: str = "") -> Text:
    """Return text that a terminal prints as it is, on one line: no markup, and hidden characters spelt out."""
    return Text(terminal_line(text), style)


def print_table(table: Table, console: Console) -> None:
    """Print a table with its notes, nothing where it has no row."""
    if not table.rows:
        return
    grid = Grid(title=plain(table.title, "table.title"))
    for column in table.columns:
        grid.add_column(plain(column))
    for row in table.rows:
        grid.add_row(*(plain(cell.text) for cell in row))
    console.print(grid)
    print_notes(table.notes, console)


def print_notes(notes: Iterable[str], console: Console) -> None:
    """Print notes, each as an item of a list."""
    for note in notes:
        console.print(plain(f"- {note}"), soft_wrap=True)


def watched(paths: list[str]) -> Iterator[str]:
    """Pass paths on, and show how far they are once that takes more than a second."""
    started = monotonic()
    with_bar = Progress(console=Console(stderr=True), transient=True)
    task = with_bar.add_task("reading logs", total=len(paths))
    try:
        for path in paths:
            yield path
            with_bar.advance(task)
            if monotonic() - started > PATIENCE:
                with_bar.start()
    finally:
        with_bar.stop()
