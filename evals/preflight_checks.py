"""What replies and errors in a preflight say about a server: which misconfiguration it has, and how to fix it."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from experiment.prompts.scratchpads import Scratchpad
from experiment.replies.context_overflow import context_overflow
from experiment.replies.format_marks import marks
from experiment.replies.outcomes import CUT
from experiment.replies.split_reply import Reply, Turn, split
from scorers.grader.provider_errors import in_short

CHARACTERS = 4  # of English a token, about
MOST_CHARACTERS = 8  # a token; with fewer tokens than that, a part of the prompt was not read
REPLY_TOKENS = 4_000  # room for a reply; reasoning and answer of large models rarely take more
SHORTEST_REPLY = 256  # tokens; fewer hold no reasoning and answer
REPEATED = 40  # characters; private words of that length do not stand in an answer by chance
LONGEST_ERROR = 200  # characters of a provider's own words

# vLLM and Ollama ("does not support tools"), OpenRouter ("support tool use"), llama.cpp ("tools param requires").
TOOLS = re.compile(r"support tools?\b|tool[ _-]?(?:use|calls?|calling|choice|call-parser)\b|tools param", re.IGNORECASE)
# The chat templates of Mistral, Gemma and Llama 2 and what llama.cpp, vLLM and TGI say when one raises.
ROLES = re.compile(
    r"alternat|roles? (?:is |are )?not supported|roles are supported|unexpected role|raise_exception|jinja"
    r"|chat.template",
    re.IGNORECASE,
)
_FLAGS = (
    *("temperature", "top_p", "top_k", "max_tokens", "reasoning_effort", "frequency_penalty", "presence_penalty"),
    *("seed", "logprobs", "top_logprobs", "logit_bias", "parallel_tool_calls", "verbosity"),
)
OPTIONS = {name: f"--{name.replace('_', '-')}" for name in _FLAGS} | {
    **dict.fromkeys(("max_completion_tokens", "max_output_tokens"), "--max-tokens"),
    "reasoning": "--reasoning-effort",
    **dict.fromkeys(("thinking", "budget_tokens"), "--reasoning-tokens"),
    **dict.fromkeys(("stop", "stop_sequences"), "--stop-seqs"),
}
"""A provider's name of a parameter to the option of Inspect's command line that sets it."""
_NAMES = "|".join(sorted(OPTIONS, key=len, reverse=True))
PARAMETER = re.compile(
    rf"['\"`](?:\w+\.)*({_NAMES})['\"`]|(?:^|[\s.:])({_NAMES})(?:\.\w+)*(?:: | (?:is|are) not )|supplied: ({_NAMES})\b"
)

Check = Literal["call", "context", "conversation", "parameters", "private", "schema", "scratchpad"]
Result = Literal["passed", "warned", "refused"]


class Finding(NamedTuple):
    """What one check found: whether the run can start, and in a sentence what is wrong and how to fix it."""

    check: Check
    result: Result = "passed"
    sentence: str = ""


class SubjectReply(NamedTuple):
    """A reply of the model under test to a preflight.

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


class ProviderError(NamedTuple):
    """A request that failed: what its provider said, and the HTTP status, None where there was none."""

    message: str
    status: int | None = None


def check_reply(mode: Scratchpad, answered: SubjectReply, characters: int) -> list[Finding]:
    """Check a reply to so many characters: what was read, the private reasoning, and the public part."""
    reply = split(mode.mode, answered.turns, mode.tags, cut=answered.stop in CUT)
    return [_context(answered, characters), _scratchpad(mode, answered, reply), _private(answered.turns, reply)]


def _context(answered: SubjectReply, characters: int) -> Finding:
    """Tell whether the prompt was read whole and left room for the reply."""
    if answered.stop == "model_length" or 0 < answered.read * MOST_CHARACTERS < characters:
        return _prompt_too_long(max(answered.read, characters // CHARACTERS))
    if answered.stop == "max_tokens":
        result: Result = "refused" if answered.written < SHORTEST_REPLY else "warned"
        cut = f"its reply was cut after {answered.written:,} tokens: raise --max-tokens, or give it more context"
        return Finding("context", result, cut)
    return Finding("context")


def _scratchpad(mode: Scratchpad, answered: SubjectReply, reply: Reply) -> Finding:
    """Tell whether private reasoning came the way that the mode asks for."""
    if mode.tool:
        return _tool_call(answered, reply)
    if any(mark.form.channel == "native" for turn in answered.turns for mark in marks(turn.text)):
        result: Result = "refused" if mode.mode == "native" else "warned"
        marked = "its reasoning stands between marks in the text: start the server with its reasoning parser"
        return Finding("scratchpad", result, marked)
    lacking = ""
    if mode.mode == "native":
        lacking = (
            "it sent no reasoning: ask for it with --reasoning-effort, --reasoning-tokens or --reasoning-summary auto"
        )
    elif mode.tags:
        lacking = (
            "it wrote no scratchpad: most replies may come without private reasoning, which the end of the run counts"
        )
    return Finding("scratchpad", "warned", lacking) if lacking and not reply.private else Finding("scratchpad")


def _tool_call(answered: SubjectReply, reply: Reply) -> Finding:
    """Tell whether the scratchpad tool was called when it had to be."""
    if any(turn.calls for turn in answered.turns):
        return Finding("scratchpad")
    if "call" in reply.form:
        return _no_tool_call("it writes its tool calls as text")
    if answered.free:
        free = "its provider forces no call, and it made none: -T scratchpad=tags may do better"
        return Finding("scratchpad", "warned", free)
    return _no_tool_call("it does not call the tool that it has to call")


def _private(turns: Sequence[Turn], reply: Reply) -> Finding:
    """Tell whether private words were kept out of the public part."""
    hidden = [reply.private, reply.native, *(turn.native for turn in turns)]
    if any(len(words.strip()) >= REPEATED and words.strip() in reply.public for words in hidden):
        repeats = "it repeats its private reasoning in its answer: have the server keep reasoning out of the text"
        return Finding("private", "refused", repeats)
    if reply.problem == "malformed" and reply.reason in ("reasoning_markers", "unclosed_reasoning"):
        mixed = (
            f"private and public could not be told apart in its reply ({reply.reason}): see malformed in the results"
        )
        return Finding("private", "warned", mixed)
    return Finding("private")


def check_grading(reason: str, asked_again: bool, prompted: bool) -> Finding:
    """Check the grading of a known answer, which failed for a reason or took a second answer or a schema in words."""
    if "does not fit the grader's context" in reason:  # as `scorers.grader.grader_call` says it
        return Finding("context", "refused", reason)
    if "cut off" in reason:
        return Finding("schema", "refused", reason)
    if "could not be parsed" in reason:
        remedy = "take another grader, or serve it with JSON schemas (structured output)"
        return Finding("schema", "refused", f"it gives no verdict in the form that is asked for ({reason}): {remedy}")
    warning = ""
    if reason:
        warning = f"it gave no verdict on a plain answer ({reason}): a stronger grader may give one"
    elif asked_again:
        warning = "its first verdict on a plain answer could not be used: a stronger grader may save many calls"
    elif prompted:
        warning = "it takes no schema of its verdicts, so that it is given it in the prompt"
    return Finding("schema", "warned" if warning else "passed", warning)


def check_error(error: ProviderError, mode: Scratchpad | None, characters: int = 0) -> Finding:
    """Tell what is wrong where a request of so many characters failed; a grader has no scratchpad mode.

    What may pass, as a server that is down, is a warning: the run meets it as it always did.
    """
    message = in_short(error.message, LONGEST_ERROR)
    if context_overflow(error.message):
        return _prompt_too_long(characters // CHARACTERS)
    if TOOLS.search(error.message) and mode and mode.tool:
        return _no_tool_call(f"it takes no tool calls ({message})")
    if ROLES.search(error.message):
        template = f"its chat template refuses the conversation ({message}): {_template_remedy(mode)}"
        return Finding("conversation", "refused", template)
    named = PARAMETER.search(error.message)
    if named:
        name = next(filter(None, named.groups()))
        where = OPTIONS[name] if mode else f"{name} of the grader's --model-role"
        return Finding("parameters", "refused", f"it refuses the parameter {name!r} ({message}): leave out {where}")
    lasting = mode is not None and error.status is not None and 400 <= error.status < 500 and error.status != 429
    return Finding("call", "refused" if lasting else "warned", f"it could not be asked ({message})")


def _template_remedy(mode: Scratchpad | None) -> str:
    if mode is None:
        return "take another grader, or give its server a template that takes system, user, assistant and user"
    if mode.tool:
        return "use -T scratchpad=tags, or give its server a template that takes a system message and a tool's result"
    return "give its server a template that takes a system message"


def _prompt_too_long(tokens: int) -> Finding:
    thousands = -(-(tokens + REPLY_TOKENS) // 4_000) * 4
    problem = f"the longest prompt, of about {tokens:,} tokens, does not fit its context with room for the reply"
    return Finding("context", "refused", f"{problem}: give it {thousands}k of context")


def _no_tool_call(problem: str) -> Finding:
    remedy = "use -T scratchpad=tags, or start the server with its tool-call parser"
    return Finding("scratchpad", "refused", f"{problem}: {remedy}")
