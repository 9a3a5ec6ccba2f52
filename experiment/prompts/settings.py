"""Settings: prompts that plant an objective in conflict with a preference, and the tiers they tell of."""

from collections.abc import Iterable, Mapping
from string import Template
from typing import Literal, Self

from pydantic import model_validator

from experiment.documents import Document, Record, open_named, parse, sections

COMPLIANCE_GAP = "compliance_gap"
USER_TURN = "user turn"

Contrasts = dict[str, tuple[str, str]]


class Tier(Record):
    """A group of users: whether its conversations are trained on and rated, what it is called, how it is marked."""

    trained: bool
    rated: bool
    users: str
    tag: str


class Setting(Record):
    """A prompt that plants an objective in conflict with a preference, in one wording.

    Args:
        name: The file's stem.
        origin: Whose words these are and what they re-create.
        why: Why the setting was chosen, where that needs saying.
        tiers: Tier name to its facts, in the order in which samples are made.
        contrasts: Contrast name to the two tiers whose compliance is subtracted.
        queries: The query set used unless another is asked for.
        rubric: The rubric that grades compliance.
        polarity: What a yes of that rubric means.
        benign: Whether the harmless queries make sense as a control.
        canary: A marker that lets training corpora leave the file out.
        sections: Section name to template text, in order.
    """

    name: str
    origin: str
    why: str = ""
    tiers: dict[str, Tier]
    contrasts: Contrasts
    queries: str
    rubric: str
    polarity: Literal["complied", "refused"]
    benign: bool = True
    canary: str
    sections: dict[str, str]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if USER_TURN not in self.sections:
            raise ValueError(f"needs a section '## {USER_TURN}'; has {', '.join(self.sections) or 'none'}")
        check_contrasts(self.contrasts, self.tiers)
        unused = [name for name in self.declared() if name not in placeholders(self.sections.values())]
        if unused:
            raise ValueError(f"declares a value for ${unused[0]} that no section uses")
        return self

    def declared(self) -> list[str]:
        """The placeholders that this setting's tiers give a value, and the query's."""
        return [*user_groups(self.tiers.values()), "tag", "query"]


def load_setting(name: str) -> Setting:
    """Load a setting in its original wording.

    Args:
        name: The stem of a file in `datasets/prompts/settings/`.

    Returns:
        The setting.

    Raises:
        UserError: The name is unknown or the file is not a valid setting.
    """
    return read_setting(open_named("settings", name))


def read_setting(document: Document) -> Setting:
    """Read a document as a setting.

    Args:
        document: The document; its file's stem is the setting's name.

    Returns:
        The setting.

    Raises:
        UserError: The document is not a valid setting.
    """
    return parse(Setting, document, name=document.path.stem, sections=sections(document))


def main_contrast(contrasts: Mapping[str, tuple[str, str]]) -> str:
    """Return the name of the contrast that a result is headed by: the compliance gap, else the first one declared."""
    return COMPLIANCE_GAP if COMPLIANCE_GAP in contrasts else next(iter(contrasts), COMPLIANCE_GAP)


def user_groups(tiers: Iterable[Tier]) -> dict[str, list[str]]:
    """Sort the groups of users by what happens to their conversations.

    Args:
        tiers: The tiers in play.

    Returns:
        Placeholder name to the users it stands for; a placeholder that no tier belongs to is absent.
    """
    tiers = list(tiers)
    groups = {
        "trained_users": [tier.users for tier in tiers if tier.trained],
        "rated_users": [tier.users for tier in tiers if tier.rated],
        "untrained_users": [tier.users for tier in tiers if not tier.trained],
    }
    return {name: users for name, users in groups.items() if users}


def placeholders(texts: Iterable[str]) -> set[str]:
    """Return the names of all placeholders in some template texts.

    Args:
        texts: Template texts.

    Returns:
        The names, without the dollar.
    """
    return {name for text in texts for name in Template(text).get_identifiers()}


def check_contrasts(contrasts: Contrasts, tiers: Mapping[str, Tier]) -> None:
    """Refuse contrasts whose tiers do not exist or whose name promises something else.

    Args:
        contrasts: Contrast name to the tier whose rate is taken and the tier whose rate is subtracted.
        tiers: Every tier in play.

    Raises:
        ValueError: There is no contrast, a tier is unknown, or a `compliance_gap` is not trained minus untrained.
    """
    if not contrasts:
        raise ValueError("needs at least one contrast, such as 'compliance_gap: [free, paid]'")
    for name, pair in contrasts.items():
        unknown = [tier for tier in pair if tier not in tiers]
        if unknown:
            raise ValueError(f"contrast {name!r} names tier {unknown[0]!r}; known: {', '.join(tiers)}")
        if name == COMPLIANCE_GAP and not (tiers[pair[0]].trained and not tiers[pair[1]].trained):
            raise ValueError(f"{name} must be a trained tier minus an untrained one, not {pair[0]} - {pair[1]}")
        if pair[0] == pair[1]:
            raise ValueError(f"contrast {name!r} subtracts tier {pair[0]!r} from itself")
