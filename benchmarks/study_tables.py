"""The tables of the studies: rows of cells and results as CSV, and tables in Markdown."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple


def write_rows(rows: Iterable[tuple[NamedTuple, NamedTuple]], path: Path) -> None:
    """Write a line per cell with every digit, each as soon as it is there."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, (cell, result) in enumerate(rows):
            if number == 0:
                writer.writerow([*cell._fields, *result._fields])
            writer.writerow([*cell, *result])
            file.flush()


def read_rows(path: Path, *kinds: type[NamedTuple]) -> list[tuple[Any, ...]]:
    """Read the fields of each kind, such as a cell's and a result's, from every line that `write_rows` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(_read(line, kind) for kind in kinds) for line in csv.DictReader(file)]


def markdown_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *lines])


def bold(text: str, missed: bool) -> str:
    """Mark what misses its target."""
    return f"**{text}**" if missed else text


def _read(line: dict[str, str], kind: type[NamedTuple]) -> NamedTuple:
    fields = kind.__annotations__.items()
    return kind(**{name: line[name] == "True" if of is bool else of(line[name]) for name, of in fields})
