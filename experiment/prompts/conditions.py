"""From the names on a command line to the settings and prompts that they stand for."""

from collections.abc import Sequence
from typing import NamedTuple

from experiment.errors import UserError
from experiment.prompts.paper_prompts import Checkout, is_path, open_path
from experiment.prompts.rendering import Prompt, render
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.settings import Setting, load_setting
from experiment.prompts.variants import Variant, apply_variants, load_variant
from experiment.prompts.wordings import ENSEMBLE, ORIGINAL, select_wordings


class Condition(NamedTuple):
    """What a prompt is made of, by name; the wording may be one name, "ensemble" or "all"."""

    setting: str
    wording: str
    variant: Sequence[str]
    scratchpad: str
    lab: str


class ResolvedCondition(NamedTuple):
    """A setting in each of the wordings asked for, rendered; the setting is that of the first wording."""

    setting: Setting
    prompts: dict[str, Prompt]


def resolve_setting(setting: str, wording: str = ORIGINAL, variants: Sequence[str] = ()) -> Setting:
    """Load a setting in one wording and apply variants to it, all given by name.

    Raises:
        UserError: A name is unknown, a file is not valid, or the variants cannot be applied.
    """
    return apply_variants(load_setting(setting, wording), _load_variants(variants), wording)


def resolve_condition(condition: Condition) -> ResolvedCondition:
    """Load and render a setting in every wording asked for.

    Raises:
        UserError: A name is unknown, a file is not valid, or something does not fit together.
    """
    if is_path(condition.setting):
        return _resolve_user_prompt(condition)
    name, wording, variants, scratchpad, lab = condition
    mode = load_scratchpad(scratchpad)
    load_setting(name)  # an unknown setting is reported before anything else that is wrong
    for variant in _load_variants(variants):
        if variant.moves_only(mode.remove):
            removed = ", ".join(mode.remove)
            raise UserError(f"variant {variant.name!r} changes only what scratchpad={mode.mode} leaves out: {removed}")
    settings = {each: resolve_setting(name, each, variants) for each in select_wordings(name, wording)}
    prompts = {each: render(setting, mode, lab) for each, setting in settings.items()}
    return ResolvedCondition(next(iter(settings.values())), prompts)


def _resolve_user_prompt(condition: Condition) -> ResolvedCondition:
    if condition.wording not in (ORIGINAL, ENSEMBLE):
        raise UserError(f"{condition.setting} has one wording, its own; wording={condition.wording} is not available")
    opened = open_path(condition.setting, condition.lab)
    if isinstance(opened, Checkout):
        if condition.variant:
            raise UserError(f"{condition.setting} is sent as it is; it takes no variant ({condition.variant[0]})")
        return ResolvedCondition(opened.setting, {ORIGINAL: opened.prompt})
    setting = apply_variants(opened, _load_variants(condition.variant), ORIGINAL)
    return ResolvedCondition(setting, {ORIGINAL: render(setting, load_scratchpad(condition.scratchpad), condition.lab)})


def _load_variants(variants: Sequence[str]) -> list[Variant]:
    return [load_variant(name) for name in variants]


def parse_variant_names(variant: str | Sequence[str] | None) -> list[str]:
    """Read the variants' names as a command line gives them.

    Args:
        variant: Names in a list, or in one text separated by commas; None or empty for none.

    Returns:
        The names, without repeats, in the order given.
    """
    texts = [variant] if isinstance(variant, str) else list(variant or ())
    return list(dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip()))
