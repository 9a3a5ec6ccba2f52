"""Why a grader gave no verdict, in a few words that may stand in every log."""

import os
import re

from experiment.hidden_characters import visible_line
from experiment.secrets import scrubbed

LONGEST = 300
LONGEST_ERROR = 200

_MESSAGE = re.compile(r"['\"]message['\"]\s*:\s*(?P<quote>['\"])(?P<message>(?:\\.|(?!(?P=quote)).)+)", re.DOTALL)
_STATUS = re.compile(r"Error code: (\d{3})")
_LINE_BREAK = re.compile(r"\\r|\\n|[\r\n]")


def in_short(text: str, longest: int = LONGEST) -> str:
    """Return a text as one line without keys, its hidden characters visible, its end left out where it is long.

    Args:
        text: Any text.
        longest: The most characters that are kept.

    Returns:
        The line.
    """
    seen = visible_line(scrubbed(text, os.environ))
    return seen if len(seen) <= longest else f"{seen[: longest - 1]}…"


def server_said(error: Exception) -> str:
    """Return what a server said, without the request that Inspect puts before it in an error."""
    return str(getattr(error, "provider_message", "") or error)


def uncalled(error: Exception) -> str:
    """Say why a grader could not be called.

    Args:
        error: What its provider raised.

    Returns:
        The kind of error, the status and the first line of the server's message.
    """
    text, kind = server_said(error), type(error.__cause__ or error).__name__
    message, status = _MESSAGE.search(text), _STATUS.search(text)
    lines = _LINE_BREAK.split((message["message"] if message else text).strip())
    said = in_short(lines[0], LONGEST_ERROR)
    return f"the grader could not be called: {kind}: {f'{status[1]}: ' if status else ''}{said}"
