"""Tool calls of the scratchpad, with the reasoning that they carry, and tool calls that a model wrote as text."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

NAME_KEYS = ("name", "tool", "tool_name", "function", "function_name", "recipient_name", "action")
ARGUMENT_KEYS = ("arguments", "parameters", "args", "input", "action_input", "params", "kwargs", "tool_input")
THOUGHT_KEYS = ("thought", "thoughts")
_SCRATCHPAD = re.compile(r"scratch[ _-]?pad", re.IGNORECASE)

_KEYS = "|".join((*NAME_KEYS, *ARGUMENT_KEYS, *THOUGHT_KEYS, "scratchpad", "tool_calls?", "tool_uses", "type", "id"))
_HEAD = re.compile(rf"(?:\[\s*)?\{{\s*[\"']?(?:{_KEYS})[\"']?\s*:")
_RESTART = re.compile(rf"(?m:^){_HEAD.pattern}")
_PYTHONIC = re.compile(
    r"(?:\[\s*)?(?:print\(\s*)?(?:\b[\w.:]{0,40}[.:])?(?:(?<!\w)\w{0,20})?scratch_?pad\w{0,20}(?:\.\w+){0,2}\((?!\s*\))",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\s*(?:\w+\s*=\s*)?(?P<quote>\"\"\"|'''|\"|')(?P<thought>(?:\\.|(?!(?P=quote))[^\\])*\\?)(?P=quote)\s*(?:,\s*)?[)\]]+",
    re.DOTALL,
)
_CORRUPTED = re.compile(r"[\"'](?:thoughts?|scratchpad)[\"']\s*:\s*[\"'](?P<thought>.*)\Z", re.DOTALL)
_ENDS = re.compile(r"(?<![\"'}\]\s`])[\"'}\]\s`]+\Z")
_LIKELY = re.compile(rf"scratch[ _-]?pad|[\"'](?:{'|'.join((*THOUGHT_KEYS, *ARGUMENT_KEYS))})[\"']\s*:", re.IGNORECASE)
_XML = re.compile(
    r"<[\w:\uff5c]{0,20}parameter(?:\s+name)?\s*=\s*[\"']?(\w+)[\"']?[^<>]*>(.*?)(?:</[\w:\uff5c]{0,20}parameter>|\Z)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"(?<!\w)(\w++)\s*:\s*(?:<escape>|<\|\"\|>)(.*?)(?:<escape>|<\|\"\|>|\Z)", re.DOTALL)
_PAIR = re.compile(r"<arg_key>\s*(\w+)\s*</arg_key>\s*<arg_value>(.*?)(?:</arg_value>|\Z)", re.DOTALL)
_BRACKETS = re.compile(r"\"(?:\\.|[^\"\\])*(?:\"|\Z)|'(?:\\.|[^'\\])*(?:'|\Z)|[\[{(]|[\]})]", re.DOTALL)
_NEAR = 400  # characters behind a brace within which an object that cannot be parsed shows that it is a call
_DEEPEST = 6
_MOST_UNCLOSED = 10  # objects without an end after which the rest of a text counts as one
_NAMED_WITHIN = 200  # characters at the beginning of a call within which its tool is named


class Call(NamedTuple):
    """A call of a tool, by the name that the model gave; the arguments are None where they could not be parsed."""

    name: str
    arguments: Mapping[str, object] | None


class TextCall(NamedTuple):
    """A call that stands in a text.

    Args:
        start: Where it begins.
        end: Where it ends; the end of the text where that cannot be told.
        thought: The private reasoning that it carries, None where it cannot be read.
        form: What the form is called in a log.
    """

    start: int
    end: int
    thought: str | None
    form: str


def thought_of(call: Call) -> str | None:
    """Return the private reasoning that a call carries, None where there is none that can be read.

    Its tool may have a name that resembles the scratchpad's, or any if it carries a `thought`.
    """
    given = call.arguments
    if given is None:
        return None
    for key in THOUGHT_KEYS:
        if key in given:
            return _text(given[key])
    if not _is_scratchpad(call.name):
        return None
    texts = [value for value in given.values() if isinstance(value, str)]
    return "\n\n".join(texts) if texts else None


def _is_scratchpad(name: str) -> bool:
    """Tell whether a tool's name is the scratchpad's, with a prefix, a suffix or in another case."""
    return bool(_SCRATCHPAD.search(name))


def concerns_scratchpad(call: Call) -> bool:
    """Tell whether a call is one of the scratchpad, by its name or by what it carries."""
    return _is_scratchpad(call.name) or bool(call.arguments and any(key in call.arguments for key in THOUGHT_KEYS))


def find_calls(text: str) -> Iterator[TextCall]:
    """Find the calls that a model wrote as JSON or in Python's form without marks around them, from left to right.

    One that cannot be parsed reaches to the next that can, or to the end, as nobody can tell where it stops.
    """
    position, unclosed, ahead = 0, 0, {form: form.search(text) for form in (_HEAD, _PYTHONIC)}
    while heads := [match for match in ahead.values() if match]:
        head = min(heads, key=lambda match: match.start())
        call = _json_call(text, head.start()) if head.re is _HEAD else _python_call(text, head)
        unclosed += call is None and json_end(text, head.start()) is None
        if unclosed > _MOST_UNCLOSED:
            call = TextCall(head.start(), len(text), None, "json_call")
        if call:
            yield call
        position = call.end if call else head.start() + 1
        for form, match in ahead.items():  # searched anew only behind the last call: else the time is quadratic
            if match and match.start() < position:
                ahead[form] = form.search(text, position)


def read_call(text: str) -> str | None:
    """Return the private reasoning of what stands between the marks of a call, None where it cannot be read."""
    call = next(find_calls(text), None)
    if call and call.thought is not None:
        return call.thought
    pairs = next((dict(pairs) for form in (_XML, _PAIR, _ESCAPED) if (pairs := form.findall(text))), {})
    return thought_of(Call(text[:_NAMED_WITHIN], {name: value.strip() for name, value in pairs.items()}))


def json_end(text: str, start: int) -> int | None:
    """Return where a JSON value that begins at a place ends, None where none does."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[1]
    except (json.JSONDecodeError, RecursionError):
        return None


def _json_call(text: str, start: int) -> TextCall | None:
    end = json_end(text, start)
    if end is not None:
        return _of_value(json.loads(text[start:end], strict=False), start, end)
    end = _closing_brace(text, start)
    try:
        return _of_value(ast.literal_eval(text[start:end]), start, end)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    if not _LIKELY.search(text, start, start + _NEAR):
        return None
    end = next((head.start() for head in _RESTART.finditer(text, start + 1) if json_end(text, head.start())), len(text))
    corrupted = _CORRUPTED.search(text, start, end)
    thought = _ENDS.sub("", corrupted["thought"]) if corrupted and end == len(text) else None
    return TextCall(start, end, thought, "json_call")


def _of_value(value: object, start: int, end: int) -> TextCall | None:
    calls = list(_calls_in(value))
    if not calls:
        return None
    thoughts = [thought for call in calls if (thought := thought_of(call)) is not None]
    return TextCall(start, end, "\n\n".join(thoughts) if thoughts else None, "json_call")


def _calls_in(value: object, depth: int = 0) -> Iterator[Call]:
    """Find the calls in a parsed value: an object with a tool's name and arguments, or with a thought of its own."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for inner in value:
            yield from _calls_in(inner, depth + 1)
    if not isinstance(value, dict):
        return
    name = next((value[key] for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    given = next((value[key] for key in ARGUMENT_KEYS if key in value), None)
    declared = any(key in value for key in ("arguments", "parameters")) or _is_scratchpad(name or "")
    if name is not None and given is not None and declared:
        yield Call(name, _arguments(given))
    elif any(key in value for key in THOUGHT_KEYS):
        yield Call(name or "", value)
    elif isinstance(value.get("scratchpad"), str | dict):
        yield Call("scratchpad", _arguments(value["scratchpad"]))
    elif name is not None and _is_scratchpad(name):
        yield Call(name, {key: given for key, given in value.items() if key not in (*NAME_KEYS, "type", "id")})
    else:
        for inner in value.values():
            yield from _calls_in(inner, depth + 1)


def _arguments(given: object) -> Mapping[str, object] | None:
    """Return arguments as a mapping: an object, one written as a text, or a bare text, which is the thought."""
    if isinstance(given, str):
        try:
            parsed = json.loads(given, strict=False)
        except (json.JSONDecodeError, RecursionError):
            parsed = None
        given = parsed if isinstance(parsed, dict) else {"text": given}
    return given if isinstance(given, dict) else None


def _python_call(text: str, head: re.Match[str]) -> TextCall:
    quoted = _QUOTED.match(text, head.end())
    if not quoted:
        return TextCall(head.start(), len(text), None, "python_call")
    return TextCall(head.start(), quoted.end(), quoted["thought"], "python_call")


def _closing_brace(text: str, start: int) -> int:
    """Return where the brackets that open at a place are closed, leaving out what stands in quotes."""
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        depth += {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}.get(match[0], 0)
        if depth == 0 and match[0] in "]})":
            return match.end()
    return start


def _text(value: object) -> str | None:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    return value if isinstance(value, str) else None
