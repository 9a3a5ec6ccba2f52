"""Redacting the JSON of a log as text, so that whatever is not replaced stays as it stands, to the byte."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from analysis.redaction.encoded_text import redact_encoded
from analysis.redaction.overlap import Passages, mask_overlap, passages, short
from analysis.redaction.redaction_targets import Targets
from analysis.redaction.text_redaction import mask_short

TOKEN = r'"[^"\\]*(?:\\.[^"\\]*)*"'
STRING = re.compile(rf"({TOKEN})(\s*:)?")
NAMES = (
    "content|text|answer|completion|explanation|reasoning|summary|thought|thinking|arguments|output|replaced"
    "|SplitReply:(?:public|private|native)|[0-9a-f]{32}"
)
FIELD = re.compile(rf'("(?:{NAMES})"\s*:\s*|"path"\s*:\s*"[^"]*/(?:{NAMES})"\s*,\s*"value"\s*:\s*)({TOKEN})')
BLANK = re.compile(r"[\s,:]*")
DECODE = json.JSONDecoder().raw_decode
REDACTED = "redacted"

Key = tuple[str, int]
"""A sample's id, as text, and epoch."""


class Plan(NamedTuple):
    """What is withheld: of each sample, of all others its sentences and lines, and of what belongs to no sample."""

    samples: Mapping[Key, Targets]
    everywhere: Passages
    unassigned: Targets


class Text(NamedTuple):
    """A text, and how many times something was replaced in it."""

    text: str
    replacements: int


def plan(samples: Mapping[Key, Targets]) -> Plan:
    """Plan the redaction of a log, of what is withheld of its samples."""
    answers = tuple(dict.fromkeys(answer for each in samples.values() for answer in each.answers))
    return Plan(samples, passages(answers), Targets(answers, ()))


def redact_json(text: str, planned: Plan, about: Key | None = None) -> Text:
    """Redact a document of a log.

    Args:
        text: A sample, a list of samples' summaries or reductions, a header or a whole log, as JSON.
        planned: What is withheld.
        about: The sample that it is about, None where it is about none or several.

    Returns:
        The document, in which only strings differ; where it describes the evaluation, its metadata say so.

    Raises:
        ValueError: It is not JSON.
    """
    if about:
        return _redacted(text, planned.samples.get(about, planned.unassigned), planned.everywhere)
    pieces, done, times = [], 0, 0
    for part in _parts(text):
        found = key(part.value)
        own = planned.samples.get(found, planned.unassigned) if found else planned.unassigned
        redacted = _redacted(text[part.begin : part.end], own, planned.everywhere)
        pieces += [text[done : part.begin], _noted(redacted.text) if part.name == "eval" else redacted.text]
        done, times = part.end, times + redacted.replacements
    return Text("".join([*pieces, text[done:]]), times)


def key(value: Any) -> Key | None:  # noqa: ANN401 - anything may stand in a document
    """Return the sample that a value is about, None where it is about none or several."""
    if not isinstance(value, dict) or "epoch" not in value or "id" not in value:
        return None
    return str(value["id"]), value["epoch"]


class _Part(NamedTuple):
    begin: int
    end: int
    value: Any
    name: str


def _parts(text: str) -> Iterator[_Part]:
    """Return the items of a list, or the values of an object; of a list of samples each by itself."""
    at = _past(text, 0)
    if text[at : at + 1] == "[":
        yield from _items(text, at + 1)
        return
    at = _past(text, at + 1)
    while text[at : at + 1] == '"':
        name, at = DECODE(text, at)
        at = _past(text, at)
        if name == "samples" and text[at : at + 1] == "[":
            at += 1
            for part in _items(text, at):
                yield part
                at = part.end
            at = _past(text, at) + 1
        else:
            value, end = DECODE(text, at)
            yield _Part(at, end, value, name)
            at = end
        at = _past(text, at)


def _items(text: str, at: int) -> Iterator[_Part]:
    at = _past(text, at)
    while text[at : at + 1] not in ("]", ""):
        value, end = DECODE(text, at)
        yield _Part(at, end, value, "")
        at = _past(text, end)


def _past(text: str, at: int) -> int:
    """Return the place after white space, commas and colons."""
    found = BLANK.match(text, at)
    return found.end() if found else at


def _redacted(text: str, own: Targets, everywhere: Passages) -> Text:
    """Redact a part of a document: first its plain strings, then what else it can be read as."""
    plain = _without_plain(text, own, everywhere)
    redacted, more = redact_encoded(plain.text, own, everywhere)
    return Text(redacted, plain.replacements + more)


def _without_plain(text: str, own: Targets, everywhere: Passages) -> Text:
    """Redact a document's strings; a key is only touched where it has spaces, as names of Inspect's do not."""
    strings = [found.span(1) for found in STRING.finditer(text) if not found[2] or " " in found[1]]
    redacted, times = mask_overlap(text, own.answers, everywhere, own.kept, strings)
    brief = short(own.answers)
    if not brief:
        return Text(redacted, times)
    counted = [times]

    def standing(found: re.Match[str]) -> str:
        value = json.loads(found[2])
        rest, more = mask_short(value, brief)
        if not more or value.strip() in own.kept:
            return found[0]
        counted.append(more)
        return found[1] + json.dumps(rest, ensure_ascii=found[2].isascii())

    return Text(FIELD.sub(standing, redacted), sum(counted))


def _noted(evaluation: str) -> str:
    """Note in the description of an evaluation that this is a redacted copy."""
    value = json.loads(evaluation)
    value["metadata"] = {**(value.get("metadata") or {}), REDACTED: True}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
