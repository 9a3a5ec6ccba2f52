"""Reading labelled replies, shipped, published or the user's own: texts with what a grader should find."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from experiment.errors import UserError
from experiment.queries.query_sets import checked_fields, checked_set, data_file, read_rows

FOLDER = "labels"
COMPLIANCE = "compliance"
NO_STRATUM = "all"
WORDS = {"true": True, "yes": True, "1": True, "1.0": True, "false": False, "no": False, "0": False, "0.0": False}

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
            an id is repeated.
    """
    path = data_file(FOLDER, name, others)
    return to_labelled(read_rows(path), str(path), scores)


def to_labelled(rows: Iterable[Any], source: str, scores: Collection[str]) -> list[Labelled]:
    """Read the rows of a label set, which `source` names in errors and in ids that are not given; see `load_labels`."""
    replies = [_labelled(row, number, source, scores) for number, row in enumerate(rows, start=1)]
    return checked_set(replies, source, "labelled text")


def _labelled(row: Any, number: int, source: str, scores: Collection[str]) -> Labelled:  # noqa: ANN401 - a user's file
    where = f"{source}: row {number}"
    fields = checked_fields(row, where)
    given = {score: fields[score] for score in scores if fields.get(score) not in (None, "")}
    if not given:
        raise UserError(f"{where} has no label: no field of {', '.join(sorted(scores))}")
    return Labelled(
        id=str(fields.get("id") or f"{Path(source).stem}-{number:04d}"),
        text=fields["text"],
        query=str(fields.get("query") or ""),
        tier=str(fields.get("tier") or ""),
        stratum=str(fields.get("stratum") or NO_STRATUM),
        labels={score: _truth(value, f"{where}: {score}") for score, value in given.items()},
        reason=str(fields.get("reason") or ""),
    )


def part_of(row: Labelled, public: Collection[str], source: str) -> Part:
    """Tell which part of a reply a labelled text is, by what it is labelled for.

    Args:
        row: The labelled reply.
        public: The scores that grade public answers.
        source: The set's name, for the error.

    Raises:
        UserError: It has labels for both.
    """
    parts: set[Part] = {"public" if score in public else "private" for score in row.labels}
    if len(parts) > 1:
        raise UserError(
            f"{source}: {row.id!r} has labels for a public answer and for private reasoning; split it in two"
        )
    return parts.pop()


def mixed(sets: Mapping[str, Sequence[Labelled]]) -> list[tuple[str, Labelled]]:
    """Take from every stratum of every set in turn, so that a run cut short has something of each.

    Returns:
        The set's name and the reply, the first of each stratum before the second of any.
    """
    seen: Counter[tuple[str, str]] = Counter()
    rows = []
    for name, replies in sets.items():
        for reply in replies:
            rows.append((seen[name, reply.stratum], name, reply))
            seen[name, reply.stratum] += 1
    return [(name, reply) for _, name, reply in sorted(rows, key=lambda row: row[0])]


def _truth(value: object, where: str) -> bool:
    label = WORDS.get(str(value).strip().lower())
    if label is None:
        raise UserError(f"{where} is {value!r}; a label is true or false ({', '.join(WORDS)})")
    return label
