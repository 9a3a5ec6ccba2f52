"""Settings: prompts that plant an objective in conflict with a preference, and the tiers they tell of."""

from collections.abc import Iterable, Mapping
from string import Template
from typing import Literal, Self

from pydantic import ValidationError, model_validator

from experiment.errors import UserError
from experiment.front_matter import Document, Record, open_named, parse, sections
from experiment.prompts.wordings import ORIGINAL, Wording, load_wording

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
        name: The folder's name, or the stem of a user's own file.
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
        declared = [*user_groups(self.tiers.values()), "tag", "query"]
        unused = [name for name in declared if name not in placeholders(self.sections.values())]
        if unused:
            raise ValueError(f"declares a value for ${unused[0]} that no section uses")
        return self


def load_setting(name: str, wording: str = ORIGINAL) -> Setting:
    """Load a setting in one of its wordings.

    Args:
        name: A folder of `datasets/prompts/` that holds a `setting.yaml`.
        wording: The stem of a markdown file in that folder.

    Returns:
        The setting, with the wording's sections and tags.

    Raises:
        UserError: A name is unknown, a file is not valid, or the wording's sections or tags are not those of the
            setting.
    """
    document, original = open_named("settings", name), load_wording(name, ORIGINAL)
    setting = parse(Setting, document, name=name, origin=original.origin, sections=original.sections)
    text = load_wording(name, wording)
    _check_same("section", text, text.sections, setting.sections)
    tags = text.tags or {tier: facts.tag for tier, facts in setting.tiers.items()}
    _check_same("tag", text, tags, setting.tiers)
    tiers = {tier: {**facts.model_dump(), "tag": tags[tier]} for tier, facts in setting.tiers.items()}
    try:
        return Setting.model_validate({**setting.model_dump(), "tiers": tiers, "sections": text.sections})
    except ValidationError as error:
        raise UserError(f"wording {wording!r} of {name}: {error.errors()[0]['msg']}") from error


def read_setting(document: Document) -> Setting:
    """Read a document with front matter as a setting; its file's stem is the setting's name.

    Raises:
        UserError: The document is not a valid setting.
    """
    return parse(Setting, document, name=document.path.stem, sections=sections(document))


def main_contrast(contrasts: Mapping[str, tuple[str, str]]) -> str:
    """Return the name of the contrast that a result is headed by: the compliance gap, else the first one declared."""
    return COMPLIANCE_GAP if COMPLIANCE_GAP in contrasts else next(iter(contrasts), COMPLIANCE_GAP)


def user_groups(tiers: Iterable[Tier]) -> dict[str, list[str]]:
    """Sort the groups of users by what happens to their conversations.

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
    """Return the names of all placeholders in some template texts, without the dollar."""
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


def _check_same(what: str, wording: Wording, given: Mapping[str, object], expected: Mapping[str, object]) -> None:
    missing = [name for name in expected if name not in given]
    extra = [name for name in given if name not in expected]
    if missing or extra:
        problem = f"lacks {what} {missing[0]!r}" if missing else f"has {what} {extra[0]!r}, which the setting has not"
        raise UserError(f"wording {wording.name!r}: {problem}; the setting has {', '.join(expected)}")
