"""Reading query sets, shipped, published or the user's own."""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TextIO, TypeVar

from experiment.errors import UserError, unknown_name_error
from experiment.paths import data_folder, given_path

FORMATS = (".jsonl", ".csv", ".tsv", ".json")
DELIMITERS = {".csv": ",", ".tsv": "\t"}
NO_CATEGORY = "uncategorised"
_SURROGATE = re.compile("[\ud800-\udfff]")
SETS = {"queries": "query set", "labels": "label set"}


class Query(NamedTuple):
    """One request, with a stable id and a category."""

    id: str
    text: str
    category: str


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


RowT = TypeVar("RowT", bound=_Identified)


def load_queries(name: str, others: Iterable[str] = ()) -> list[Query]:
    """Load a query set.

    Args:
        name: The stem of a file in `datasets/queries/`, or the path of a .jsonl, .csv, .tsv or .json file. Rows have
            `text` and may have `id` and `category`; a JSON list may also hold plain strings.
        others: Names that the caller knows besides, for the error.

    Returns:
        The queries in the order of the file.

    Raises:
        UserError: The set is unknown, empty, lacks a field or repeats an id.
    """
    path = data_file("queries", name, others)
    return to_queries(read_rows(path), str(path), path.stem)


def to_queries(
    rows: Iterable[Any],
    source: str,
    stem: str,
    text: str = "text",
    id: str | None = "id",
    category: str | None = "category",
) -> list[Query]:
    """Read the rows of a query set.

    Args:
        rows: What its file holds.
        source: What to call the file in an error.
        stem: What an id begins with that the file does not give; its number in the file follows.
        text: The field that holds the query.
        id: The field that holds its id, if any.
        category: The field that holds its category, if any.

    Raises:
        UserError: The set is empty, a row lacks the text, or an id is repeated.
    """
    queries = []
    for number, row in enumerate(rows, start=1):
        fields = checked_fields(row, f"{source}: row {number}", text)
        given = fields.get(id)
        name = f"{stem}-{number:04d}" if given in (None, "") else str(given)
        queries.append(Query(name, fields[text], str(fields.get(category) or NO_CATEGORY)))
    return checked_set(queries, source, "query")


def checked_fields(row: Any, where: str, text: str = "text") -> dict[str | None, Any]:  # noqa: ANN401 - a user's file
    """Return the fields of a row, of which a plain string is the text, or refuse one without a text."""
    fields = {text: row} if isinstance(row, str) else row
    if not isinstance(fields, dict):
        raise UserError(f"{where} is neither a string nor an object: {row!r}")
    if None in fields:
        raise UserError(f"{where} has more values than the header has names; quote a text that holds a comma")
    if not isinstance(fields.get(text), str) or not fields[text].strip():
        raise UserError(f"{where} lacks the field {text!r} (has: {', '.join(map(str, fields))})")
    for name, value in fields.items():
        if isinstance(value, str) and _SURROGATE.search(value):
            raise UserError(f"{where}: {name} holds half of a character (a lone surrogate), which no provider accepts")
    return fields


def checked_set(rows: list[RowT], source: str, what: str) -> list[RowT]:
    """Return the rows of a set, or refuse one that is empty or repeats an id."""
    if not rows:
        raise UserError(f"{source}: holds no {what}")
    repeated = [id for id, count in Counter(row.id for row in rows).items() if count > 1]
    if repeated:
        raise UserError(f"{source}: id {repeated[0]!r} stands more than once; every id must be unique")
    return rows


def set_names(folder: str) -> list[str]:
    """Return the names of the sets shipped in a folder of `datasets/`, sorted."""
    return sorted(path.stem for path in (data_folder() / folder).glob("*.jsonl"))


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
    shipped = set_names(folder)
    if name in shipped:
        return data_folder() / folder / f"{name}.jsonl"
    path = given_path(name)
    kind = SETS[folder]
    if path.suffix.lower() not in FORMATS:
        raise unknown_name_error(kind, name, [*shipped, *others, *(f"a path ending in {suffix}" for suffix in FORMATS)])
    if not path.is_file():
        raise UserError(f"{kind.removesuffix(' set')} file {name!r} does not exist (looked in {path.parent})")
    return path


def dataset_hash(rows: Iterable[NamedTuple]) -> str:
    """Return the sha256, in hexadecimal, of every field of every query or labelled reply, in order."""
    return hashlib.sha256(json.dumps(list(rows)).encode()).hexdigest()


def read_rows(path: Path) -> Iterator[Any]:
    """Read the rows of a .jsonl, .csv, .tsv or .json file, one after the other where its form allows that.

    Args:
        path: An existing file; a .json file holds a list. A quotation mark that opens a field must close it.

    Yields:
        One object a row, unchecked.

    Raises:
        UserError: The file is not valid.
    """
    suffix = path.suffix.lower()
    try:
        with path.open(encoding="utf-8-sig", newline="\n" if suffix == ".jsonl" else "") as file:
            if suffix in DELIMITERS:
                yield from _table_rows(file, DELIMITERS[suffix])
            elif suffix == ".jsonl":
                yield from _json_lines(file)
            else:
                rows = json.load(file)
                if not isinstance(rows, list):
                    raise ValueError("it must hold a list of strings or of objects")
                yield from rows
    except ValueError as error:
        raise UserError(f"{path}: not valid {suffix[1:]} ({error})") from error


def _table_rows(file: TextIO, delimiter: str) -> Iterator[dict[str | None, Any]]:
    rows = csv.DictReader(file, delimiter=delimiter, strict=True)
    done = 1  # the header
    try:
        for row in rows:
            yield row
            done = rows.line_num
    except csv.Error as error:
        raise ValueError(f"the row after line {done}: {error}") from error


def _json_lines(file: TextIO) -> Iterator[Any]:
    for number, line in enumerate(file, start=1):
        try:
            if line.strip():
                yield json.loads(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
