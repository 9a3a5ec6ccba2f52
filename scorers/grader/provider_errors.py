"""What providers say in errors: read, and in a few words that may stand in every log."""

import os
import re

from experiment.hidden_characters import visible_line
from experiment.secrets import scrubbed

LONGEST = 300
LONGEST_ERROR = 200

_MESSAGE = re.compile(r"['\"]message['\"]\s*:\s*(?P<quote>['\"])(?P<message>(?:\\.|(?!(?P=quote)).)+)", re.DOTALL)
_STATUS = re.compile(r"Error code: (\d{3})")
_LINE_BREAK = re.compile(r"\\r|\\n|[\r\n]")
_SCHEMA_PARAMETER = re.compile(
    r"response[_ ]?(?:format|schema|mime)|json[_ ]?(?:schema|object|mode)|structured[_ -]?output|"
    r"output_(?:config|format)|text\.format|guided[_ ](?:json|decoding)|grammar|additionalProperties",
    re.IGNORECASE,
)
_REJECTION = re.compile(
    r"not (?:\w+ )?(?:support|enabled|allowed|permitted|available|implemented)|unsupported|unavailable|unknown|"
    r"unrecogni[sz]ed|unexpected|invalid|no endpoints|only \S+ support|fail|must be|cannot|does not|doesn'?t",
    re.IGNORECASE,
)


def in_short(text: str, longest: int = LONGEST) -> str:
    """Return a text as one line without keys, hidden characters visible, in at most so many characters."""
    seen = visible_line(scrubbed(text, os.environ))
    return seen if len(seen) <= longest else f"{seen[: longest - 1]}…"


def provider_message(error: Exception) -> str:
    """Return a server's own message, without the request that Inspect puts before it in an error."""
    return str(getattr(error, "provider_message", "") or error)


def call_failure(error: Exception) -> str:
    """Say why a grader could not be called: the kind of error, the status and the first line of the message."""
    text, kind = provider_message(error), type(error.__cause__ or error).__name__
    message, status = _MESSAGE.search(text), _STATUS.search(text)
    lines = _LINE_BREAK.split((message["message"] if message else text).strip())
    line = in_short(lines[0], LONGEST_ERROR)
    return f"the grader could not be called: {kind}: {f'{status[1]}: ' if status else ''}{line}"


def rejects_schema(text: str) -> bool:
    """Tell whether a server's message rejects the schema of an answer.

    It then names the parameter, or what it becomes, together with a word for not taking it; so do OpenAI, DeepSeek,
    Groq, OpenRouter, Anthropic's older models, llama.cpp and the servers made like them.
    """
    return bool(_SCHEMA_PARAMETER.search(text) and _REJECTION.search(text))
