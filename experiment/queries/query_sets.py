"""Reading query sets, shipped or the user's own."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from experiment.errors import UserError, unknown_name_error
from experiment.paths import data_folder, given_path

FORMATS = (".jsonl", ".csv", ".json")
NO_CATEGORY = "uncategorised"
SETS = {"queries": "query set", "labels": "label set"}


class Query(NamedTuple):
    """One request, with a stable id and a category."""

    id: str
    text: str
    category: str


def load_queries(name: str, others: Iterable[str] = ()) -> list[Query]:
    """Load a query set.

    Args:
        name: The stem of a file in `datasets/queries/`, or the path of a .jsonl, .csv or .json file. Rows have `text`
            and may have `id` and `category`; a JSON list may also hold plain strings.
        others: Names that the caller knows besides, for the error.

    Returns:
        The queries in the order of the file; ids that the file does not give are its stem and a running number.

    Raises:
        UserError: The set is unknown, empty, lacks a field or repeats an id.
    """
    path = data_file("queries", name, others)
    queries = [_query(row, number, path) for number, row in enumerate(read_rows(path), start=1)]
    if not queries:
        raise UserError(f"{path}: holds no query")
    twice = repeated(query.id for query in queries)
    if twice:
        raise UserError(f"{path}: id {twice[0]!r} stands more than once; every id must be unique")
    return queries


def repeated(ids: Iterable[str]) -> list[str]:
    """Return the ids that stand more than once, in the order in which they first appear."""
    return [id for id, count in Counter(ids).items() if count > 1]


def query_sets() -> list[str]:
    """Return the names of the shipped query sets, sorted."""
    return sorted(path.stem for path in (data_folder() / "queries").glob("*.jsonl"))


def data_file(folder: str, name: str, others: Iterable[str] = ()) -> Path:
    """Find a set's file.

    Args:
        folder: The folder of `datasets/` that holds the shipped sets.
        name: A shipped set's name, or a path.
        others: Further names for the error.

    Returns:
        The path of an existing file of a known format.

    Raises:
        UserError: Neither a shipped set nor a readable file.
    """
    shipped = {path.stem: path for path in (data_folder() / folder).glob("*.jsonl")}
    if name in shipped:
        return shipped[name]
    path = given_path(name)
    kind = SETS[folder]
    if path.suffix not in FORMATS:
        raise unknown_name_error(kind, name, [*shipped, *others, *(f"a path ending in {suffix}" for suffix in FORMATS)])
    if not path.is_file():
        raise UserError(f"{kind.removesuffix(' set')} file {name!r} does not exist (looked in {path.parent})")
    return path


def dataset_hash(queries: Iterable[Query]) -> str:
    """Return the sha256, in hexadecimal, of every query's id, text and category in order."""
    found, before = hashlib.sha256(b"["), b""
    for query in queries:
        found.update(before + json.dumps(query).encode())
        before = b", "
    found.update(b"]")
    return found.hexdigest()


def read_rows(path: Path) -> Iterator[Any]:
    """Read the rows of a .jsonl, .csv or .json file, one after the other where its form allows that.

    Args:
        path: An existing file; a .json file holds a list.

    Yields:
        One object a row, unchecked.

    Raises:
        UserError: The file is not valid.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n" if path.suffix == ".jsonl" else "") as file:
            if path.suffix == ".csv":
                yield from csv.DictReader(file)
            elif path.suffix == ".jsonl":
                yield from (json.loads(line) for line in file if line.strip())
            else:
                yield from _list(json.load(file))
    except (ValueError, csv.Error) as error:
        raise UserError(f"{path}: not valid {path.suffix[1:]} ({error})") from error


def _list(rows: object) -> list[Any]:
    if not isinstance(rows, list):
        raise ValueError("it must hold a list of strings or of objects")
    return rows


def _query(row: Any, number: int, path: Path) -> Query:  # noqa: ANN401 - anything may stand in a user's file
    fields = {"text": row} if isinstance(row, str) else row
    if not isinstance(fields, dict):
        raise UserError(f"{path}: row {number} is neither a string nor an object: {row!r}")
    if None in fields:
        raise UserError(
            f"{path}: row {number} has more values than the header has names; quote a text that holds a comma"
        )
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        raise UserError(f"{path}: row {number} lacks the field 'text' (has: {', '.join(map(str, fields))})")
    id = fields.get("id")
    id = f"{path.stem}-{number:04d}" if id in (None, "") else str(id)
    return Query(id, text, str(fields.get("category") or NO_CATEGORY))
