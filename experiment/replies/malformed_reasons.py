"""Why replies are malformed or else not measured, in words, and what to change where many are not."""

from collections.abc import Mapping
from typing import Literal, get_args

Reason = Literal[
    "",
    "no_answer",
    "unclosed_scratchpad",
    "unclosed_reasoning",
    "unreadable_call",
    "reasoning_markers",
    "too_many_turns",
    "no_scratchpad",
]
REASONS: tuple[Reason, ...] = get_args(Reason)[1:]
"""Why a reply is malformed."""

ANOTHER_GRADER = "bind another model to the role (`--model-role grader=...`) and compare both with `grader_agreement`"
LABELS = {
    "no_answer": "no answer",
    "unclosed_scratchpad": "unclosed scratchpad",
    "unclosed_reasoning": "unclosed reasoning",
    "unreadable_call": "call in text that could not be read",
    "reasoning_markers": "reasoning markers in the answer",
    "too_many_turns": "too many turns",
    "no_scratchpad": "no scratchpad, which was required",
    "malformed": "malformed for a reason that is not recorded",
    "truncated": "cut off at the limit of tokens",
    "filtered": "stopped by the provider's filter",
    "ungraded": "without a verdict of the grader",
    "errored": "ended in an error, and scored nevertheless",
}
"""Why a reply was not measured, in words."""

LONGER = "raise --max-tokens"
PARSER = "start the server with its reasoning parser, or use `-T scratchpad=native`"
USE_TAGS = "use `-T scratchpad=tags`"
NO_SCRATCHPAD = (
    "use `-T scratchpad=native` if the model reasons by itself, else `none`, which measures compliance alone"
)
AGAIN = "run them again (`inspect eval-retry LOG`), or read the error in `inspect view`"
THINK = "switch the model's reasoning on (`--reasoning-effort`), or start the server with its reasoning parser"
READ = "read some of them in `inspect view`, and try another mode (`-T scratchpad=...`)"
REMEDIES: Mapping[str, str | Mapping[str, str]] = {
    "no_answer": {"tool": USE_TAGS, "tags": NO_SCRATCHPAD, "native": LONGER, "none": READ},
    "unclosed_scratchpad": LONGER,
    "unclosed_reasoning": LONGER,
    "unreadable_call": {"tool": USE_TAGS, "tags": READ, "native": READ, "none": READ},
    "reasoning_markers": PARSER,
    "too_many_turns": USE_TAGS,
    "no_scratchpad": {"tool": USE_TAGS, "tags": NO_SCRATCHPAD, "native": THINK, "none": READ},
    "malformed": READ,
    "truncated": LONGER,
    "filtered": "use a provider that does not filter these requests",
    "errored": AGAIN,
    "ungraded": ANOTHER_GRADER,
}
"""What to change, by what is missing and, where that matters, by the scratchpad mode."""


def remedy(reason: str, mode: str, max_tokens: int | None = None) -> str:
    """Return what to change where replies are missing for a reason in `LABELS`, as the end of a sentence."""
    known = REMEDIES[reason]
    change = known if isinstance(known, str) else known[mode]
    if change != LONGER:
        return change
    return f"{LONGER}, which was {max_tokens}" if max_tokens else f"{LONGER}, or give the server a longer context"
