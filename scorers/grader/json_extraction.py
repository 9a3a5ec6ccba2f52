"""Finding a grader's own JSON object in its reply: other notations are read, nothing is guessed or filled in."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from experiment.quotations import letters
from experiment.replies.format_marks import marks

MOST = 200  # braces that are tried; a reply with more of them is no answer, and must not cost time
LITERALS = {"True": "true", "False": "false", "None": "null"}

_STRING = r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'"
_COMMENT = r"//[^\n]*+|/\*[^*]*+\*++(?:[^/*][^*]*\*+)*/|#[^\n]*+"
_OBJECT = re.compile(rf"\{{(?:{_STRING}|{_COMMENT}|[^{{}}\"'#/]++)*+\}}", re.DOTALL)
_TOKEN = re.compile(rf"(?P<string>{_STRING})|(?P<comment>{_COMMENT})|(?P<word>[A-Za-z_]\w*)(?P<colon>\s*:)?", re.DOTALL)
_ESCAPE = re.compile(r"\\.|\"", re.DOTALL)
_INNER = re.compile(r"[\"']\s*:\s*\Z")
_LAST_COMMA = re.compile(r",\s*\}\Z")
_QUOTED_LINE = re.compile(r"^[ \t>]*\|.*$", re.MULTILINE)
_CODE_POINT = re.compile(r"\\u([0-9a-fA-F]{4})")

Answers = dict[str, Any]


class UnusableError(ValueError):
    """A grader's reply that gives no verdict; the message says why and repeats nothing that the grader wrote."""


def own_object(reply: str, names: Collection[str], shown: str) -> str | None:
    """Find the one object in a grader's reply that is its verdict.

    Read are: prose, code fences and reasoning around it, and in it single quotes, a comma after the last property,
    Python's literals, comments, names without quotes, line breaks in strings. Objects within objects are not.

    Args:
        reply: The grader's text.
        names: Properties of which a verdict has at least one.
        shown: What the grader was shown; an object that stands there is not its own, nor is one in a line that begins
            with the quote mark.

    Returns:
        The object as strict JSON, None where there is none.

    Raises:
        UnusableError: There are several that differ, or one in which a property stands twice.
    """
    found: dict[str, None] = {}
    for written in _objects(_QUOTED_LINE.sub("\0", _after_reasoning(reply))):
        answers = None if echoed(written, shown) else _properties(written)
        if (
            answers
            and not answers.keys().isdisjoint(names)
            and not echoed(json.dumps(answers, ensure_ascii=False), shown)
        ):
            found[json.dumps(answers)] = None
    if len(found) > 1:
        raise UnusableError("several JSON objects that differ")
    return next(iter(found), None)


def echoed(text: str, shown: str) -> bool:
    """Tell whether a text stands in what a grader was shown, however it is spaced, quoted or escaped there."""
    needle = letters(text)
    return bool(needle) and any(needle in letters(form) for form in (shown, _unescaped(shown)))


def reject_repeats(pairs: list[tuple[str, Any]]) -> Answers:
    """Make a mapping of an object's properties, unless one of them stands twice."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise UnusableError("could not be parsed: a property stands twice")
    return dict(pairs)


def _objects(text: str) -> Iterator[str]:
    """Yield the objects that have no objects in them and stand in none, as they are written."""
    position = 0
    for _ in range(MOST):
        position = text.find("{", position)
        if position < 0:
            return
        match = _OBJECT.match(text, position)
        if match and not _INNER.search(text, max(0, position - 20), position):
            yield match[0]
        position = match.end() if match else position + 1


def _properties(written: str) -> Answers | None:
    """Return what an object says, None where it is not quite one."""
    strict = _LAST_COMMA.sub("}", _TOKEN.sub(_strict, written))
    try:
        found = json.loads(strict, strict=False, object_pairs_hook=reject_repeats)
    except UnusableError:
        raise
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _strict(token: re.Match[str]) -> str:
    """Write a token as JSON has it; a word that is no literal stays what it is, which JSON refuses."""
    if token["string"]:
        inside = _ESCAPE.sub(lambda part: {"\\'": "'", '"': '\\"'}.get(part[0], part[0]), token["string"][1:-1])
        return f'"{inside}"'
    if token["comment"]:
        return " "
    if token["colon"]:
        return f'"{token["word"]}"{token["colon"]}'
    return LITERALS.get(token["word"], token["word"])


def _after_reasoning(reply: str) -> str:
    """Return what follows a model's reasoning; nothing where the reasoning does not end."""
    native = [mark for mark in marks(reply) if mark.form.channel == "native"]
    if not native:
        return reply
    last = native[-1]
    if not last.opens:
        return reply[last.end :]
    end = re.compile(last.form.closing, re.IGNORECASE | re.MULTILINE).search(reply, last.end)
    return reply[end.end() :] if end else ""


def _unescaped(text: str) -> str:
    return _CODE_POINT.sub(lambda code: chr(int(code[1], 16)), text)
