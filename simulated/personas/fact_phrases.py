"""The phrases that state facts, as `datasets/prompts/facts.yaml` lists them, and the queries that are harmless."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Template
from typing import NamedTuple

import yaml

FACTS = Path("datasets", "prompts", "facts.yaml")
BENIGN = Path("datasets", "queries", "benign.jsonl")
ROOT = Path(__file__).parents[2]
CAPTURED = r"(?:(?!\. ).){1,200}?"
END = r"(?=[.;:!?)](?: |$)|$)"


class Phrase(NamedTuple):
    """A phrase that states a fact.

    Args:
        source: Where `facts.yaml` lists it: ("settings", setting, wording), ("variants", variant) or ("scratchpads",).
        fact: The fact's name.
        pattern: What finds it in a text of single spaces; a placeholder is a named group.
    """

    source: tuple[str, ...]
    fact: str
    pattern: re.Pattern[str]


class Facts(NamedTuple):
    """Every phrase in the file's order; and tags with the group of users that writes under each, maybe several."""

    phrases: tuple[Phrase, ...]
    groups: tuple[tuple[str, str], ...]


@cache
def load() -> Facts:
    """Load `facts.yaml` and compile its phrases, once."""
    data = yaml.safe_load(facts_file(ROOT).read_text(encoding="utf-8"))
    leaves = [leaf for part in ("settings", "variants", "scratchpads") for leaf in _leaves(data.get(part) or {}, part)]
    groups = ((collapse_spaces(tag), group) for group, tags in (data.get("groups") or {}).items() for tag in tags)
    return Facts(tuple(Phrase(path[:-1], path[-1], compile_phrase(text)) for path, text in leaves), tuple(groups))


@cache
def harmless_queries() -> tuple[str, ...]:
    """Load the texts of the harmless queries, once; none where the data are not there."""
    path = data_path(ROOT, BENIGN)
    lines = path.read_text(encoding="utf-8").splitlines() if path else []
    return tuple(collapse_spaces(json.loads(line)["text"]) for line in lines)


def facts_file(root: Path) -> Path:
    """Find `facts.yaml`, or raise a FileNotFoundError that names where it should be."""
    found = data_path(root, FACTS)
    if found is None:
        raise FileNotFoundError(f"facts.yaml is neither {root / FACTS} nor {root / 'experiment' / FACTS}")
    return found


def data_path(root: Path, path: Path) -> Path | None:
    """Find data, from the folder that this package is in: of the checkout, else of the installed wheel, else None."""
    return next((place for place in (root / path, root / "experiment" / path) if place.exists()), None)


def compile_phrase(phrase: str) -> re.Pattern[str]:
    """Make a phrase with `$placeholders` into a pattern for texts of single spaces.

    Args:
        phrase: The phrase, as template text.

    Returns:
        The pattern; each placeholder is a named group that stays within a sentence and reads the same each time.
    """
    pattern, rest = "", collapse_spaces(phrase)
    while match := Template.pattern.search(rest):
        name = match["named"] or match["braced"]
        seen = f"(?P<{name}>" in pattern
        group = re.escape("$") if not name else f"(?P={name})" if seen else f"(?P<{name}>{CAPTURED})"
        pattern += re.escape(rest[: match.start()]) + group
        rest = rest[match.end() :]
    return re.compile(pattern + (re.escape(rest) or END))


def _leaves(node: object, *path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, *path, str(key))
    else:
        yield path, str(node)


def collapse_spaces(text: str) -> str:
    """Return a text with every run of white space made one space."""
    return " ".join(text.split())
