"""Answers that stand in a log under an encoding, in pieces, in keys or in numbers, where no text of it holds them."""

import base64
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple
from urllib.parse import unquote

from analysis.redaction.overlap import Passages, passages, shared_places
from analysis.redaction.placeholders import placeholder
from analysis.redaction.redaction_targets import Targets
from experiment.hidden_characters import folded

ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[\s:_]?){12,}")
ESCAPE = re.compile(r"(?<!\\)\\++(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
BYTE = range(256)
ENOUGH_BYTES = 4
DROPPED = "logprobs"  # an answer's tokens and bytes once more
KEYS = "the keys of objects"
NUMBERING = "0123456789 _-.:"
DEPTH = 2  # encodings within each other that are undone


class _Leaf(NamedTuple):
    """A text, number, list of bytes or key, and what holds it."""

    holder: Any
    key: Any
    text: str
    is_key: bool = False


class _Withheld(NamedTuple):
    """What is withheld, kept and withheld of other samples, in the one form in which it is compared."""

    answers: tuple[str, ...]
    kept: tuple[str, ...]
    others: Passages

    def places(self, text: str) -> list[tuple[int, int, str]]:
        return shared_places(text, self.answers, self.others, self.kept)


def redact_encoded(text: str, own: Targets, everywhere: Passages) -> tuple[str, int]:
    """Replace what of a document, read in another way than as plain strings, shares letters with withheld answers.

    Read are: texts without HTML, URL, unicode and base64 encoding, hexadecimal digits and terminal colours, with
    ligatures and such letters spelt out; lists of bytes; numbers; the keys of objects; and, one after the other, all
    values under one key, as of a list of words or of several events. Token probabilities are dropped.

    Args:
        text: A document as JSON, from which plain answers are gone.
        own: What is withheld of the sample that it is about.
        everywhere: Whole answers and sentences of all samples.

    Returns:
        The document, to the byte where nothing is found, and how many values were replaced.
    """
    answers = tuple(dict.fromkeys([*own.answers, *everywhere.wholes.values()]))
    if not answers:
        return text, 0
    document = [json.loads(text)]
    withheld = _Withheld(
        tuple(map(_fold, own.answers)), tuple(map(_fold, own.kept)), passages(_fold(answer) for answer in answers)
    )
    done = _drop(document)
    groups: defaultdict[str, list[_Leaf]] = defaultdict(list)
    for field, leaf in _leaves(document, ""):
        groups[field].append(leaf)
    found: dict[tuple[int, Any], tuple[_Leaf, str]] = {}
    for leaves in groups.values():
        found |= {(id(leaf.holder), leaf.key): (leaf, answer) for leaf, answer in _leaking(leaves, withheld)}
    for leaf, answer in found.values():
        _replace(leaf, answer)
    done += len(found)
    return (json.dumps(document[0], ensure_ascii=False, separators=(",", ":")), done) if done else (text, 0)


def encoded_answer(text: str, answers: Sequence[str], kept: Sequence[str] = ()) -> str:
    """Return the answer of which a text, from which plain ones are gone, holds some under an encoding; "" for none."""
    withheld = _Withheld(tuple(map(_fold, answers)), tuple(map(_fold, kept)), passages(()))
    return next((answer for _, answer in _leaking([_Leaf(None, None, text)], withheld)), "")


def _fold(text: str) -> str:
    """Return a text in which ligatures, the sharp s and other compatibility characters are spelt out."""
    return text if text.isascii() else folded(text)


def _drop(node: Any) -> int:  # noqa: ANN401 - JSON
    """Empty every field of token probabilities, and count them."""
    if isinstance(node, list):
        return sum(map(_drop, node))
    if not isinstance(node, dict):
        return 0
    full = [key for key in node if key == DROPPED and node[key]]
    node |= dict.fromkeys(full)
    return len(full) + sum(map(_drop, node.values()))


def _leaves(node: Any, field: str) -> Iterator[tuple[str, _Leaf]]:  # noqa: ANN401 - JSON
    inner: Iterable[tuple[Any, Any]] = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in inner:
        name = key if isinstance(node, dict) else field
        if isinstance(node, dict):
            yield KEYS, _Leaf(node, key, key, is_key=True)
        if isinstance(value, str):
            yield name, _Leaf(node, key, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield name, _Leaf(node, key, str(value))
        elif isinstance(value, list) and len(value) >= ENOUGH_BYTES and all(map(_is_byte, value)):
            yield name, _Leaf(node, key, bytes(value).decode("utf-8", "replace"))
        elif isinstance(value, list | dict):
            yield from _leaves(value, name)


def _is_byte(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in BYTE


def _leaking(leaves: list[_Leaf], withheld: _Withheld) -> Iterator[tuple[_Leaf, str]]:
    """Find the values of one field that hold some of an answer, by themselves or one after the other."""
    texts = [_fold(leaf.text.strip(NUMBERING) or leaf.text if leaf.is_key else leaf.text) for leaf in leaves]
    ends = list(accumulate(len(text) + 1 for text in texts))
    for begin, end, answer in withheld.places("\n".join(texts)):
        for leaf, text, stop in zip(leaves, texts, ends, strict=True):
            if stop - 1 - len(text) < end and begin < stop - 1:
                yield leaf, answer
    for leaf in leaves:
        for reading in _all_readings(leaf.text, DEPTH):
            yield from ((leaf, answer) for _, _, answer in withheld.places(_fold(reading))[:1])


def _all_readings(text: str, depth: int) -> Iterator[str]:
    for reading in _readings(text) if depth else ():
        if reading != text:
            yield reading
            yield from _all_readings(reading, depth - 1)


def _readings(text: str) -> Iterator[str]:
    """Return what a text says without an encoding, where it has any."""
    if "\x1b" in text:
        yield ANSI.sub("", text)
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield unquote(text)
    if "\\" in text:
        yield ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    for found in BASE64.finditer(text):
        yield from _base64(found[0])
    for found in HEX.finditer(text):
        yield bytes.fromhex(re.sub(r"[\s:_]", "", found[0])).decode("utf-8", "replace")


def _base64(text: str) -> Iterator[str]:
    """Return what stands under base64, from wherever the text was cut out."""
    letters = text.rstrip("=").replace("-", "+").replace("_", "/")
    for offset in range(4):
        whole = (len(letters) - offset) // 4 * 4
        yield base64.b64decode(letters[offset : offset + whole]).decode("utf-8", "replace")


def _replace(leaf: _Leaf, answer: str) -> None:
    its = placeholder(answer).part(len(leaf.text))
    if not leaf.is_key:
        leaf.holder[leaf.key] = its
    elif leaf.key in leaf.holder:
        leaf.holder[f"{its} {len(leaf.holder)}"] = leaf.holder.pop(leaf.key)
