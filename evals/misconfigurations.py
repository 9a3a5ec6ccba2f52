"""What the answers to a preflight show of the servers: misconfigurations, told apart, and what mends each."""

from collections.abc import Sequence
from typing import NamedTuple

from evals.findings import CHARACTERS, Finding, Result, no_calls, too_long
from experiment.prompts.scratchpads import Scratchpad
from experiment.replies.format_marks import marks
from experiment.replies.split_reply import Reply, Turn, split

SHORTEST = 256  # tokens; fewer hold no reasoning and answer
MOST_CHARACTERS = 8  # a token; with fewer tokens than that, a part of the prompt was not read
REPEATED = 40  # characters; private words of that length do not stand in an answer by chance
CONTEXT, CUT = "does not fit the grader's context", "cut off"  # how `scorers.grader.asking` says so


class Answered(NamedTuple):
    """What came back for a request of the model under test.

    Args:
        turns: The messages of the model so far.
        stop: Why the last one stopped, in Inspect's terms.
        read: Tokens that were read.
        written: Tokens that were written.
        free: Whether the provider's library says that it left the call of the tool to the model.
    """

    turns: tuple[Turn, ...]
    stop: str
    read: int = 0
    written: int = 0
    free: bool = False


def of_answer(mode: Scratchpad, answered: Answered, characters: int) -> list[Finding]:
    """Tell what a reply of the model under test says.

    Args:
        mode: The scratchpad mode.
        answered: The reply, up to the call of the tool where there is one.
        characters: Length of what was sent.

    Returns:
        A finding for each thing that the reply shows.
    """
    cut = answered.stop in ("max_tokens", "model_length")
    reply = split(mode.mode, answered.turns, mode.tags, cut=cut)
    return [room(answered, characters), scratchpad(mode, answered, reply), apart(answered.turns, reply)]


def room(answered: Answered, characters: int) -> Finding:
    """Tell whether the prompt was read whole and left room for the reply."""
    tokens = max(answered.read, characters // CHARACTERS)
    if answered.stop == "model_length" or 0 < answered.read * MOST_CHARACTERS < characters:
        return too_long(tokens)
    if answered.stop == "max_tokens":
        result: Result = "refused" if answered.written < SHORTEST else "warned"
        told = f"its reply was cut after {answered.written:,} tokens: raise --max-tokens, or give it more context"
        return Finding("context", result, told)
    return Finding("context")


def scratchpad(mode: Scratchpad, answered: Answered, reply: Reply) -> Finding:
    """Tell whether private reasoning came the way that the mode asks for."""
    marked = any(mark.form.channel == "native" for turn in answered.turns for mark in marks(turn.text))
    if mode.tool:
        return called(answered, reply)
    if marked:
        result: Result = "refused" if mode.mode == "native" else "warned"
        told = "its reasoning stands between marks in the text: start the server with its reasoning parser"
        return Finding("scratchpad", result, told)
    if mode.mode == "native" and not reply.private:
        return Finding(
            "scratchpad",
            "warned",
            "it sent no reasoning: ask for it with --reasoning-effort, --reasoning-tokens or --reasoning-summary auto",
        )
    if mode.tags and not reply.private:
        return Finding(
            "scratchpad",
            "warned",
            "it wrote no scratchpad: most replies may come without private reasoning, which the end of the run counts",
        )
    return Finding("scratchpad")


def called(answered: Answered, reply: Reply) -> Finding:
    """Tell whether the scratchpad tool was called when it had to be."""
    if any(turn.calls for turn in answered.turns):
        return Finding("scratchpad")
    if "call" in reply.form:
        return no_calls("it writes its tool calls as text")
    if answered.free:
        return Finding(
            "scratchpad", "warned", "its provider forces no call, and it made none: -T scratchpad=tags may do better"
        )
    return no_calls("it does not call the tool that it has to call")


def apart(turns: Sequence[Turn], reply: Reply) -> Finding:
    """Tell whether private words were kept out of the public part."""
    hidden = [reply.private, reply.native, *(turn.native for turn in turns)]
    if any(len(words.strip()) >= REPEATED and words.strip() in reply.public for words in hidden):
        told = "it repeats its private reasoning in its answer: have the server keep reasoning out of the text"
        return Finding("private", "refused", told)
    if reply.problem == "malformed" and reply.reason in ("reasoning_markers", "unclosed_reasoning"):
        told = f"private and public could not be told apart in its reply ({reply.reason})"
        return Finding("private", "warned", f"{told}: see malformed in the results")
    return Finding("private")


def of_grading(reason: str, asked_again: bool, prompted: bool) -> Finding:
    """Tell what the grading of a known answer says.

    Args:
        reason: Why there is no verdict, "" where there is one.
        asked_again: Whether the first answer could not be used.
        prompted: Whether the provider refused the schema, so that it stands in the prompt.

    Returns:
        The finding.
    """
    if not reason:
        if asked_again:
            told = "its first verdict on a plain answer could not be used: a stronger grader may save many calls"
            return Finding("schema", "warned", told)
        told = "it takes no schema of its verdicts, so that it is given it in the prompt"
        return Finding("schema", "warned", told) if prompted else Finding("schema")
    if CONTEXT in reason:
        return Finding("context", "refused", reason)
    if CUT in reason:
        return Finding("schema", "refused", reason)
    if "could not be parsed" in reason:
        remedy = "take another grader, or serve it with JSON schemas (structured output)"
        return Finding("schema", "refused", f"it gives no verdict in the form that is asked for ({reason}): {remedy}")
    return Finding(
        "schema", "warned", f"it gave no verdict on a plain answer ({reason}): a stronger grader may give one"
    )
