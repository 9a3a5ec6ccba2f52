"""What a preflight finds out about a server, and the findings that several of its checks can end in."""

from typing import Literal, NamedTuple

Check = Literal["call", "context", "conversation", "parameters", "private", "schema", "scratchpad"]
Result = Literal["passed", "warned", "refused"]

ROOM = 4_000  # tokens for a reply; reasoning and answer of large models rarely take more
CHARACTERS = 4  # of English a token, about


class Finding(NamedTuple):
    """What one check found.

    Args:
        check: What was checked.
        result: Whether the run can go on, with a word of warning or without.
        sentence: What is the matter and what mends it, without the model's name; "" where nothing is.
    """

    check: Check
    result: Result = "passed"
    sentence: str = ""


def too_long(tokens: int) -> Finding:
    """Return the finding that a prompt of so many tokens leaves no room for a reply."""
    thousands = -(-(tokens + ROOM) // 4_000) * 4
    said = f"the longest prompt, of about {tokens:,} tokens, does not fit its context with room for the reply"
    return Finding("context", "refused", f"{said}: give it {thousands}k of context")


def no_calls(what: str) -> Finding:
    """Return the finding that the scratchpad tool is not called."""
    remedy = "use -T scratchpad=tags, or start the server with its tool-call parser"
    return Finding("scratchpad", "refused", f"{what}: {remedy}")
