"""What providers say when they refuse a request: which misconfiguration it is, and what mends it."""

import re
from typing import NamedTuple

from evals.findings import CHARACTERS, Finding, no_calls, too_long
from experiment.prompts.scratchpads import Scratchpad
from experiment.replies.context_overflow import context_overflow
from scorers.grader.reasons import in_short

LONGEST = 200  # characters of a provider's own words

# vLLM and Ollama ("does not support tools"), OpenRouter ("support tool use"), llama.cpp ("tools param requires").
TOOLS = re.compile(r"support tools?\b|tool[ _-]?(?:use|calls?|calling|choice|call-parser)\b|tools param", re.IGNORECASE)
# The chat templates of Mistral, Gemma and Llama 2 and what llama.cpp, vLLM and TGI say when one raises.
ROLES = re.compile(
    r"alternat|roles? (?:is |are )?not supported|roles are supported|unexpected role|raise_exception|jinja"
    r"|chat.template",
    re.IGNORECASE,
)
OPTIONS = {
    "temperature": "--temperature",
    "top_p": "--top-p",
    "top_k": "--top-k",
    "max_tokens": "--max-tokens",
    "max_completion_tokens": "--max-tokens",
    "max_output_tokens": "--max-tokens",
    "reasoning_effort": "--reasoning-effort",
    "reasoning": "--reasoning-effort",
    "thinking": "--reasoning-tokens",
    "budget_tokens": "--reasoning-tokens",
    "frequency_penalty": "--frequency-penalty",
    "presence_penalty": "--presence-penalty",
    "seed": "--seed",
    "stop": "--stop-seqs",
    "stop_sequences": "--stop-seqs",
    "logprobs": "--logprobs",
    "top_logprobs": "--top-logprobs",
    "logit_bias": "--logit-bias",
    "parallel_tool_calls": "--parallel-tool-calls",
    "verbosity": "--verbosity",
}
_NAMES = "|".join(sorted(OPTIONS, key=len, reverse=True))
PARAMETER = re.compile(
    rf"['\"`](?:\w+\.)*({_NAMES})['\"`]|(?:^|[\s.:])({_NAMES})(?:\.\w+)*(?:: | (?:is|are) not )|supplied: ({_NAMES})\b"
)


class Refusal(NamedTuple):
    """A request that failed: what its provider said, and the HTTP status, None where there was none."""

    words: str
    status: int | None = None


def of_refusal(refusal: Refusal, mode: Scratchpad | None, characters: int = 0) -> Finding:
    """Tell what a request that failed says.

    Args:
        refusal: What the provider said.
        mode: The scratchpad mode of the model under test, None for a grader.
        characters: Length of what was sent.

    Returns:
        The finding. What may pass, as a server that is down, is a warning: the run meets it as it always did.
    """
    words = in_short(refusal.words, LONGEST)
    if context_overflow(refusal.words):
        return too_long(characters // CHARACTERS)
    if TOOLS.search(refusal.words) and mode and mode.tool:
        return no_calls(f"it takes no tool calls ({words})")
    if ROLES.search(refusal.words):
        return Finding(
            "conversation", "refused", f"its chat template refuses the conversation ({words}): {turns(mode)}"
        )
    named = PARAMETER.search(refusal.words)
    if named:
        name = next(filter(None, named.groups()))
        where = OPTIONS[name] if mode else f"{name} of the grader's --model-role"
        return Finding("parameters", "refused", f"it refuses the parameter {name!r} ({words}): leave out {where}")
    lasts = mode is not None and refusal.status is not None and 400 <= refusal.status < 500 and refusal.status != 429
    return Finding("call", "refused" if lasts else "warned", f"it could not be asked ({words})")


def turns(mode: Scratchpad | None) -> str:
    """Return what mends a chat template that refuses the conversation of a mode, or the grader's."""
    if mode is None:
        return "take another grader, or give its server a template that takes system, user, assistant and user"
    if mode.tool:
        return "use -T scratchpad=tags, or give its server a template that takes a system message and a tool's result"
    return "give its server a template that takes a system message"
