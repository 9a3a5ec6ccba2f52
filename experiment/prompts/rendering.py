"""From a setting and a scratchpad mode to the exact text that is sent."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from experiment.errors import UserError, unknown_name_error
from experiment.prompts.scratchpads import CONTINUE, Scratchpad
from experiment.prompts.settings import USER_TURN, Setting, Tier, placeholders, user_groups

PREFILL = "prefill"


@dataclass(frozen=True)
class Prompt:
    """A setting rendered for one scratchpad mode: one system message, and a user turn per tier.

    Args:
        system: The system message, the same in every tier.
        turns: Tier name to the template of its user turn, in which only `$query` is left.
        prefill: How the model's reply is made to begin, empty where it begins by itself.
        scratchpad: The mode, whose tool texts are part of what is sent.
    """

    system: str
    turns: dict[str, str]
    prefill: str
    scratchpad: Scratchpad

    def user(self, tier: str, query: str) -> str:
        """Return the user turn that puts a query in a tier.

        Args:
            tier: The tier's name.
            query: The query's text, sent unchanged.

        Returns:
            The text of the user message.

        Raises:
            UserError: There is no such tier; lists the known ones.
        """
        if tier not in self.turns:
            raise unknown_name_error("tier", tier, self.turns)
        return Template(self.turns[tier]).substitute(query=query)

    @property
    def tier_tags(self) -> tuple[str, ...]:
        """The lines of the user turns that stand in some tiers only, and so tell the tiers apart."""
        lines = [{line.strip() for line in turn.splitlines()} for turn in self.turns.values()]
        apart = {line for turn in lines for line in turn if not all(line in other for other in lines)}
        return tuple(sorted(Template(line).substitute() for line in apart if not placeholders([line])))

    @property
    def sha256(self) -> str:
        """The hash of everything that is sent besides the query, in hexadecimal."""
        tool = self.scratchpad.tool.model_dump() if self.scratchpad.tool else None
        sent = [self.system, self.turns, self.prefill, tool, self.scratchpad.sections.get(CONTINUE)]
        return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()


def render(setting: Setting, scratchpad: Scratchpad, lab: str) -> Prompt:
    """Render a setting in a scratchpad mode.

    Args:
        setting: The setting, in its wording and with its variants.
        scratchpad: The mode, whose `format` section is put in its place.
        lab: The name of the lab that trains the model.

    Returns:
        The prompt: the sections before `user turn` make the system message, those from it on the user turn, and a
        section `prefill` the beginning of the reply.

    Raises:
        UserError: A placeholder has no value; lists the known ones.
    """
    parts = compose(setting, scratchpad)
    values = {"lab": lab, **{name: join(users) for name, users in user_groups(setting.tiers.values()).items()}}
    values |= {"scratchpad": scratchpad.name} if scratchpad.name else {}
    start = parts.pop(PREFILL, "")
    order = list(parts)
    turn = order.index(USER_TURN)
    system = "\n\n".join(fill(parts[name], values, name) for name in order[:turn])
    template = "\n\n".join(parts[name] for name in order[turn:])
    turns = {name: user_turn(template, tier, values) for name, tier in setting.tiers.items()}
    return Prompt(system, turns, prefill(fill(start, values, PREFILL), scratchpad), scratchpad)


def compose(setting: Setting, scratchpad: Scratchpad) -> dict[str, str]:
    """Put a scratchpad mode's format into a setting's sections.

    Args:
        setting: The setting.
        scratchpad: The mode; its insertion comes before its removals.

    Returns:
        Section name to template text, in the order in which they are sent; where a variant has removed the section
        that the format follows, the format comes just before the user turn.
    """
    anchor = scratchpad.after if scratchpad.after in setting.sections else None
    parts: dict[str, str] = {}
    for name, text in setting.sections.items():
        if name == USER_TURN and anchor is None:
            parts["format"] = scratchpad.sections["format"]
        parts[name] = text
        if name == anchor:
            parts["format"] = scratchpad.sections["format"]
    return {name: text for name, text in parts.items() if name not in scratchpad.remove}


def join(phrases: list[str]) -> str:
    """Join noun phrases as a sentence does.

    Args:
        phrases: One or more phrases.

    Returns:
        "a", "a and b" or "a, b and c".
    """
    return " and ".join([", ".join(phrases[:-1]), phrases[-1]] if len(phrases) > 1 else phrases)


def prefill(text: str, scratchpad: Scratchpad) -> str:
    """Let a reply begin inside its scratchpad.

    Args:
        text: How the private reasoning begins, empty for no prefill.
        scratchpad: The mode.

    Returns:
        The text behind the scratchpad's opening tag, or nothing.

    Raises:
        UserError: The mode has no tags, so that a reply cannot be made to begin with private reasoning.
    """
    if not text:
        return ""
    if scratchpad.tags is None:
        raise UserError(f"a prefill needs scratchpad=tags, not {scratchpad.mode!r}: only there a reply begins with it")
    return f"<{scratchpad.tags.private}>\n{text}"


def user_turn(template: str, tier: Tier, values: Mapping[str, str]) -> str:
    """Render a tier's user turn, leaving only the query open.

    Args:
        template: The template, with `$tag` and `$query`.
        tier: The tier; with an empty tag the line that would carry it is dropped.
        values: The shared placeholders' values.

    Returns:
        A template in which only `$query` is left and every literal dollar is doubled.

    Raises:
        UserError: A placeholder has no value, or the query's is absent.
    """
    lines = [line for line in template.splitlines() if tier.tag or "tag" not in placeholders([line])]
    dollars = {name: value.replace("$", "$$") for name, value in {**values, "tag": tier.tag}.items()}
    text = fill("\n".join(lines).replace("$$", "$$$$"), {**dollars, "query": "$query"}, USER_TURN).strip()
    if "query" not in placeholders([text]):
        raise UserError(f"section {USER_TURN!r} must contain $query")
    return text


def fill(template: str, values: Mapping[str, str], where: str) -> str:
    """Substitute placeholders, all of them or none.

    Args:
        template: Text with `$name` placeholders; a literal dollar is `$$`.
        values: Placeholder to text.
        where: The section's name, for the error.

    Returns:
        The text.

    Raises:
        UserError: A placeholder has no value, or a lone dollar stands in the text.
    """
    pattern = Template(template)
    known = ", ".join(f"${name}" for name in sorted(values))
    if not pattern.is_valid():
        raise UserError(f"section {where!r}: a '$' begins no placeholder; write '$$' for a dollar (known: {known})")
    unknown = [name for name in pattern.get_identifiers() if name not in values]
    if unknown:
        raise UserError(f"section {where!r}: no value for ${unknown[0]}; known here: {known}")
    return pattern.substitute(values)
