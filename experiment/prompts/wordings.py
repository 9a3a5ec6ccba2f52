"""Wordings: full rewrites of a setting that say the same."""

from pydantic import Field

from experiment.errors import UserError, unknown_name_error
from experiment.front_matter import Record, names, open_named, parse, sections

ORIGINAL = "original"
ENSEMBLE = "ensemble"
ALL = "all"


class Wording(Record):
    """A rewrite of every section of a setting.

    Args:
        name: The file's stem.
        origin: Whose words these are.
        ensemble: Whether it takes part in the ensemble.
        tags: Tier name to the tag in this wording's form; absent: the setting's.
        sections: Section name to template text; the original's names in any order.
    """

    name: str
    origin: str
    ensemble: bool
    tags: dict[str, str] = Field(default_factory=dict)
    sections: dict[str, str]


def load_wording(setting: str, name: str) -> Wording:
    """Load the file `datasets/prompts/<setting>/<name>.md`.

    Raises:
        UserError: The name is unknown or the file is not a valid wording.
    """
    document = open_named(setting, name)
    return parse(Wording, document, name=name, sections=sections(document))


def wordings(setting: str) -> list[str]:
    """Return the names of a setting's wordings, the original first."""
    return sorted(names(setting), key=lambda name: (name != ORIGINAL, name))


def select_wordings(setting: str, asked: str) -> list[str]:
    """Resolve what was asked for to names of wordings.

    Args:
        setting: The setting's name, known to exist.
        asked: "ensemble", "all" (the original and the ensemble), or one wording's name.

    Returns:
        The names, sorted; the ensemble is made of the files that say `ensemble: true`.

    Raises:
        UserError: The name is unknown, or the setting has no ensemble.
    """
    known = wordings(setting)
    if asked in known:
        return [asked]
    if asked not in (ENSEMBLE, ALL):
        raise unknown_name_error(f"wording of {setting}", asked, [ENSEMBLE, ALL, *known])
    members = {name for name in known if load_wording(setting, name).ensemble}
    if not members:
        raise UserError(f"{setting} has no wordings besides the original; use wording={ORIGINAL}")
    return sorted(members | {ORIGINAL} if asked == ALL else members)
