"""Wordings: full rewrites of a setting that say the same."""

from collections.abc import Mapping

from pydantic import ValidationError

from experiment.documents import Record, names, open_named, parse, sections
from experiment.errors import UserError, unknown_name_error
from experiment.prompts.settings import Setting

ORIGINAL = "original"
ENSEMBLE = "ensemble"
ALL = "all"


class Wording(Record):
    """A rewrite of every section of a setting.

    Args:
        name: The file's stem.
        origin: Whose words these are.
        ensemble: Whether it takes part in the ensemble.
        tags: Tier name to the tag in this wording's form.
        sections: Section name to template text; the setting's names in any order.
    """

    name: str
    origin: str
    ensemble: bool
    tags: dict[str, str]
    sections: dict[str, str]


def load_wording(setting: Setting, name: str) -> Setting:
    """Load a setting in one of its wordings.

    Args:
        setting: The setting in its original wording.
        name: "original", or the stem of a file in `datasets/prompts/wordings/<setting>/`.

    Returns:
        The setting, with the wording's sections and tags; tiers and contrasts stay.

    Raises:
        UserError: The name is unknown, or the wording's sections or tags are not those of the setting.
    """
    if name == ORIGINAL:
        return setting
    wording = _read(setting.name, name)
    _same("section", wording, wording.sections, setting.sections)
    _same("tag", wording, wording.tags, setting.tiers)
    tiers = {tier: {**facts.model_dump(), "tag": wording.tags[tier]} for tier, facts in setting.tiers.items()}
    try:
        return Setting.model_validate({**setting.model_dump(), "tiers": tiers, "sections": wording.sections})
    except ValidationError as error:
        raise UserError(f"wording {name!r} of {setting.name}: {error.errors()[0]['msg']}") from error


def wordings(setting: str) -> list[str]:
    """Return the names of a setting's wordings, the original first."""
    return [ORIGINAL, *names(f"wordings/{setting}")]


def chosen(setting: str, wording: str) -> list[str]:
    """Resolve what was asked for to names of wordings.

    Args:
        setting: The setting's name, known to exist.
        wording: "ensemble", "all" (the original and the ensemble), or one wording's name.

    Returns:
        The names, sorted; the ensemble is made of the files that say `ensemble: true`.

    Raises:
        UserError: The name is unknown, or the setting has no ensemble.
    """
    if wording in wordings(setting):
        return [wording]
    if wording not in (ENSEMBLE, ALL):
        raise unknown_name_error(f"wording of {setting}", wording, [ENSEMBLE, ALL, *wordings(setting)])
    members = [name for name in names(f"wordings/{setting}") if _read(setting, name).ensemble]
    if not members:
        raise UserError(f"{setting} has no wordings besides the original; use wording={ORIGINAL}")
    return sorted([*members, ORIGINAL] if wording == ALL else members)


def _read(setting: str, name: str) -> Wording:
    known = wordings(setting)
    if name not in known:
        raise unknown_name_error(f"wording of {setting}", name, known)
    document = open_named(f"wordings/{setting}", name)
    return parse(Wording, document, name=name, sections=sections(document))


def _same(what: str, wording: Wording, has: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    missing = [name for name in wanted if name not in has]
    extra = [name for name in has if name not in wanted]
    if missing or extra:
        problem = f"lacks {what} {missing[0]!r}" if missing else f"has {what} {extra[0]!r}, which the setting has not"
        raise UserError(f"wording {wording.name!r}: {problem}; the setting has {', '.join(wanted)}")
