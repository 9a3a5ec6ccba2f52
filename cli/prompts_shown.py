"""Printing prompts exactly as they are sent, and how two of them differ."""

import difflib
from itertools import groupby
from typing import NamedTuple

from experiment.call_counts import calls_per_sample
from experiment.errors import UserError
from experiment.front_matter import names
from experiment.prompts.conditions import Condition, resolve_condition
from experiment.prompts.rendering import Prompt
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.settings import load_setting
from experiment.prompts.variants import load_variant
from experiment.prompts.wordings import wordings
from experiment.replies.vote_threshold import VOTES

QUERY = "$query"


class Selection(NamedTuple):
    """What is to be shown; no tier means every tier's user turn."""

    condition: Condition
    tier: str | None = None

    def __str__(self) -> str:
        """Name the selection in one line."""
        _, wording, variant, scratchpad, lab = self.condition
        return " ".join([wording, *variant, scratchpad, *([self.tier] if self.tier else []), lab])


def sent(selection: Selection) -> str:
    """Write out what a model is sent.

    Args:
        selection: Setting, one wording, variants, mode, lab and tier.

    Returns:
        Each message under a line that names it; the query's place is marked `$query`.

    Raises:
        UserError: A name is unknown.
    """
    prompts = resolve_condition(selection.condition).prompts
    if len(prompts) > 1:
        raise UserError(f"{selection.condition.wording} is {len(prompts)} wordings; show one of {', '.join(prompts)}")
    [prompt] = prompts.values()
    tiers = [selection.tier] if selection.tier else list(prompt.turns)
    parts = [("system", prompt.system), *((f"user, tier {name}", prompt.user(name, QUERY)) for name in tiers)]
    return "\n\n".join(f"=== {title} ===\n{text}" for title, text in [*parts, *_extras(prompt)]) + "\n"


def difference(name: str, text: str, other_name: str, other_text: str) -> str:
    """Return how two named texts differ, as a unified diff."""
    if text == other_text:
        return f"no difference between {name} and {other_name}\n"
    lines = difflib.unified_diff(text.splitlines(), other_text.splitlines(), name, other_name, lineterm="", n=1)
    return "\n".join(lines) + "\n"


def listing() -> str:
    """Return everything that can be shown: settings with their wordings, scratchpad modes, variants by group."""
    lines = ["settings"]
    for name in names("settings"):
        lines += [f"  {name}: {load_setting(name).origin}", f"    wordings: {', '.join(wordings(name))}"]
    lines += ["", "scratchpads"]
    for mode in names("scratchpads"):
        lines += [f"  {mode}: {load_scratchpad(mode).why}", f"    calls a pair: {_cost(mode)}"]
    variants = sorted((load_variant(name) for name in names("variants")), key=lambda variant: variant.group)
    for group, members in groupby(variants, key=lambda variant: variant.group):
        lines += ["", f"variants: {group}", *(f"  {variant.name}: {variant.why}" for variant in members)]
    return "\n".join(lines)


def _cost(mode: str) -> str:
    """Say what a query costs in two tiers, with one grader and the votes that a run has unless it asks for others."""
    subject, fewest, most = calls_per_sample(load_scratchpad(mode), 1, VOTES, True).times(2)
    grader = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return f"{subject} of the model, {grader} of the grader"


def _extras(prompt: Prompt) -> list[tuple[str, str]]:
    tool = prompt.scratchpad.tool
    extras = [("assistant, begun for it", prompt.prefill)] if prompt.prefill else []
    if tool:
        parameter = f"{tool.parameter}: {tool.parameter_description}"
        extras.append((f"tool {tool.name}", f"{tool.description}\n{parameter}\nreturns: {tool.result}"))
    if "continue" in prompt.scratchpad.sections:
        extras.append(("user, when a reply stops after its scratchpad", prompt.scratchpad.sections["continue"]))
    return extras
