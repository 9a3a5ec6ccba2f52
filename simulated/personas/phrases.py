"""The phrases that state facts, as `datasets/prompts/facts.yaml` lists them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

import yaml

FACTS = Path("datasets", "prompts", "facts.yaml")
ROOT = Path(__file__).parents[2]
CAPTURED = r"(?:(?!\. ).){1,200}?"
END = r"(?=[.;:!?)](?: |$)|$)"


@dataclass(frozen=True)
class Phrase:
    """A phrase that states a fact.

    Args:
        source: Where `facts.yaml` lists it: ("settings", setting, wording), ("variants", variant) or ("scratchpads",).
        fact: The fact's name.
        pattern: What finds it in a text of single spaces; a placeholder is a named group.
    """

    source: tuple[str, ...]
    fact: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Facts:
    """What `facts.yaml` says.

    Args:
        phrases: Every phrase, in the file's order.
        groups: A tag, and the group of users that writes under it; a tag may serve several groups.
    """

    phrases: tuple[Phrase, ...]
    groups: tuple[tuple[str, str], ...]


@cache
def load() -> Facts:
    """Load `facts.yaml` and compile its phrases, once.

    Returns:
        What the file says.
    """
    data = yaml.safe_load(facts_file(ROOT).read_text(encoding="utf-8"))
    leaves = [leaf for part in ("settings", "variants", "scratchpads") for leaf in _leaves(data.get(part) or {}, part)]
    groups = ((squeeze(tag), group) for group, tags in (data.get("groups") or {}).items() for tag in tags)
    return Facts(tuple(Phrase(path[:-1], path[-1], compile_phrase(text)) for path, text in leaves), tuple(groups))


def facts_file(root: Path) -> Path:
    """Find `facts.yaml`.

    Args:
        root: The folder that this package is in.

    Returns:
        The file of the checkout, else of the installed wheel.

    Raises:
        FileNotFoundError: It is in neither place.
    """
    places = [root / FACTS, root / "experiment" / FACTS]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"facts.yaml is neither {places[0]} nor {places[1]}")


def compile_phrase(phrase: str) -> re.Pattern[str]:
    """Make a phrase with `$placeholders` into a pattern for texts of single spaces.

    Args:
        phrase: The phrase, as template text.

    Returns:
        The pattern; each placeholder is a named group that stays within a sentence and reads the same each time.
    """
    pattern, rest = "", squeeze(phrase)
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


def squeeze(text: str) -> str:
    """Return a text with every run of white space made one space."""
    return " ".join(text.split())
