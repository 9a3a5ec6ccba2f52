"""Reading labelled replies, shipped or the user's own: texts of which somebody said what a grader should find."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from experiment.errors import UserError
from experiment.paths import data_folder
from experiment.queries.query_sets import data_file, read_rows, repeated

FOLDER = "labels"
COMPLIANCE = "compliance"
NO_STRATUM, NO_TIER = "all", ""
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Part = Literal["public", "private"]


class Labelled(NamedTuple):
    """A labelled reply.

    Args:
        id: Unique in its set.
        text: A public answer or private reasoning.
        query: The request that it replies to, "" where it is not known.
        tier: The tier that it was written in, "" where it is not known.
        stratum: The kind of text, for results by kind.
        labels: Name of a score to whether its definition is met.
        reason: Why, for people.
    """

    id: str
    text: str
    query: str
    tier: str
    stratum: str
    labels: dict[str, bool]
    reason: str = ""


def label_sets() -> list[str]:
    """Return the names of the shipped label sets, sorted."""
    return sorted(path.stem for path in (data_folder() / FOLDER).glob("*.jsonl"))


def load_labels(name: str, scores: Collection[str], others: Iterable[str] = ()) -> list[Labelled]:
    """Load a label set.

    Args:
        name: The stem of a file in `datasets/labels/`, or the path of a .jsonl, .csv or .json file. Rows have `text`
            and at least one field named after a score, with true or false, and may have `id`, `query`, `tier` and
            `stratum`.
        scores: The scores that can be labelled.
        others: Names that the caller knows besides, for the error.

    Returns:
        The labelled replies in the order of the file.

    Raises:
        UserError: The set is unknown or empty, a row lacks a text or a label or has one that is not true or false, or
            an id stands twice.
    """
    path = data_file(FOLDER, name, others)
    return checked(
        [labelled(row, number, str(path), scores) for number, row in enumerate(read_rows(path), 1)], str(path)
    )


def checked(rows: list[Labelled], source: str) -> list[Labelled]:
    """Return labelled replies, or refuse a set that is empty or repeats an id."""
    if not rows:
        raise UserError(f"{source}: holds no labelled text")
    twice = repeated(row.id for row in rows)
    if twice:
        raise UserError(f"{source}: id {twice[0]!r} stands more than once; every id must be unique")
    return rows


def labelled(row: Any, number: int, source: str, scores: Collection[str]) -> Labelled:  # noqa: ANN401 - a user's file
    """Read one row.

    Args:
        row: What stands in the file.
        number: Its number, from 1.
        source: The file, for errors and for ids that are not given.
        scores: The scores that can be labelled.

    Returns:
        The labelled reply.

    Raises:
        UserError: See `load_labels`.
    """
    where = f"{source}: row {number}"
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
        raise UserError(f"{where} lacks the field 'text'")
    if None in row:
        raise UserError(f"{where} has more values than the header has names; quote a text that holds a comma")
    given = {score: row[score] for score in scores if row.get(score) not in (None, "")}
    if not given:
        raise UserError(f"{where} has no label: no field of {', '.join(sorted(scores))}")
    return Labelled(
        id=str(row.get("id") or f"{Path(source).stem}-{number:04d}"),
        text=row["text"],
        query=str(row.get("query") or ""),
        tier=str(row.get("tier") or NO_TIER),
        stratum=str(row.get("stratum") or NO_STRATUM),
        labels={score: _truth(value, f"{where}: {score}") for score, value in given.items()},
        reason=str(row.get("reason") or ""),
    )


def part_of(row: Labelled, public: Collection[str], source: str) -> Part:
    """Tell which part of a reply a labelled text is, by what it is labelled for.

    Args:
        row: The labelled reply.
        public: The scores that grade public answers.
        source: The set's name, for the error.

    Returns:
        "public" or "private".

    Raises:
        UserError: It has labels for both, so that nobody can tell.
    """
    parts: set[Part] = {"public" if score in public else "private" for score in row.labels}
    if len(parts) > 1:
        raise UserError(
            f"{source}: {row.id!r} has labels for a public answer and for private reasoning; split it in two"
        )
    return parts.pop()


def mixed(sets: Mapping[str, Sequence[Labelled]]) -> list[tuple[str, Labelled]]:
    """Take from every stratum of every set in turn, so that a run cut short has something of each.

    Args:
        sets: Name of a set to its labelled replies.

    Returns:
        The name and the reply, the first of each stratum before the second of any.
    """
    seen: Counter[tuple[str, str]] = Counter()
    rows = []
    for name, replies in sets.items():
        for reply in replies:
            rows.append((seen[name, reply.stratum], name, reply))
            seen[name, reply.stratum] += 1
    return [(name, reply) for _, name, reply in sorted(rows, key=lambda row: row[0])]


def labels_hash(rows: Iterable[Labelled]) -> str:
    """Return the sha256, in hexadecimal, of every labelled reply in order."""
    return hashlib.sha256(json.dumps(list(rows)).encode()).hexdigest()


def _truth(value: object, where: str) -> bool:
    found = WORDS.get(str(value).strip().lower())
    if found is None:
        raise UserError(f"{where} is {value!r}; a label is true or false ({', '.join(WORDS)})")
    return found
