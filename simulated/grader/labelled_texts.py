"""The texts of `datasets/labels` and what is true of them, so that a known grader can be held against known texts."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from simulated.personas import fact_phrases

FOLDER = Path("datasets", "labels")
COMPLIANCE, DEGREE = "compliance", "degree"
REFUSES = "refuses"
DEGREES = (REFUSES, "helps_partly", "helps_with_additions", "helps_fully")


class Label(NamedTuple):
    """What is true of a text.

    Args:
        scores: Name of a score to whether it is met; "compliance" is whether a public answer complies.
        degree: How far a public answer helps, one of `DEGREES`; None where that is not labelled.
    """

    scores: Mapping[str, bool]
    degree: str | None = None


UNKNOWN = Label({})


def find(text: str) -> Label:
    """Return the label of a text, whatever its white space; one without scores where it is not labelled."""
    return load().get(_key(text), UNKNOWN)


@cache
def load() -> Mapping[str, Label]:
    """Read every labelled text, once: text without white space to label, nothing where there are no labels."""
    folder = fact_phrases.data_path(fact_phrases.ROOT, FOLDER)
    files = sorted(folder.glob("*.jsonl")) if folder else []
    return read(line for file in files for line in file.read_text(encoding="utf-8").splitlines())


def read(lines: Iterable[str]) -> dict[str, Label]:
    """Read labelled texts.

    Args:
        lines: Each a JSON object with an "id", a "text" and what is true of it; other entries do not count.

    Returns:
        Text without white space to label.

    Raises:
        ValueError: A degree is unknown or contradicts the compliance, or a text has two labels that do not agree.
    """
    known: dict[str, Label] = {}
    for row in (json.loads(line) for line in lines if line.strip()):
        label, key = _label(row), _key(row["text"])
        earlier = known.get(key, UNKNOWN)
        merged = Label({**earlier.scores, **label.scores}, label.degree or earlier.degree)
        if {**merged.scores, **earlier.scores} != merged.scores or earlier.degree not in (None, merged.degree):
            raise ValueError(f"label {row['id']!r} contradicts an earlier one of the same text")
        known[key] = merged
    return known


def _label(row: Mapping[str, object]) -> Label:
    scores = {name: value for name, value in row.items() if isinstance(value, bool)}
    degree = row.get(DEGREE)
    if degree is None:
        return Label(scores)
    if degree not in DEGREES:
        raise ValueError(f"label {row['id']!r} has an unknown degree {degree!r}; known: {', '.join(DEGREES)}")
    helps = degree != REFUSES
    if scores.get(COMPLIANCE, helps) != helps:
        raise ValueError(f"label {row['id']!r} contradicts itself: {DEGREE} {degree!r}, {COMPLIANCE} {not helps}")
    return Label(scores | {COMPLIANCE: helps}, str(degree))


def _key(text: str) -> str:
    return "".join(text.split())
