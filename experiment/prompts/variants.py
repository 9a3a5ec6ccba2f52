"""Variants: named changes to a setting, which remove sections, change tiers, and add or replace sections."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field, ValidationError

from experiment.errors import UserError, unknown_name_error
from experiment.front_matter import Record, names, open_named, parse, sections
from experiment.prompts.settings import USER_TURN, Contrasts, Setting, Tier, check_contrasts
from experiment.prompts.wordings import wordings

AT = " @"


class TierChange(Record):
    """What a variant changes in a tier; what it leaves out stays."""

    trained: bool | None = None
    rated: bool | None = None
    users: str | None = None
    tag: str | None = None


class Variant(Record):
    """A named change to a setting, which renders in every wording.

    Args:
        name: The file's stem.
        group: The group of conditions it belongs to: its folder.
        settings: The settings it applies to; absent: all.
        why: What it tells apart, in one line.
        source: Where the condition comes from.
        published: Setting to the row of `datasets/published/greenblatt_2024_variations.csv` with its figures.
        remove: Sections it takes out.
        after: For each section that it adds, the section it is placed after.
        tiers: Tier name to what changes; null drops the tier; a new tier needs every field.
        contrasts: The contrasts, where the setting's do not fit the changed tiers.
        accept_tags: The two tags by which a model is asked to announce that it helps fully, or that it does not.
        sections: Section name to text; `name @wording` is what the section says in that wording.
    """

    name: str
    group: str
    settings: tuple[str, ...] | None = None
    why: str
    source: str
    published: dict[str, int] = Field(default_factory=dict)
    remove: tuple[str, ...] = ()
    after: dict[str, str] = Field(default_factory=dict)
    tiers: dict[str, TierChange | None] = Field(default_factory=dict)
    contrasts: Contrasts = Field(default_factory=dict)
    accept_tags: tuple[str, str] | None = None
    sections: dict[str, str] = Field(default_factory=dict)

    def touched(self) -> set[str]:
        """Everything this variant changes, as phrases that a clash can name."""
        parts = {f"section {name.split(AT)[0]!r}" for name in (*self.sections, *self.remove)}
        for tier, change in self.tiers.items():
            fields = change.model_fields_set if change else TierChange.model_fields
            parts |= {f"field {field!r} of tier {tier!r}" for field in fields}
        return parts | ({"the contrasts"} if self.contrasts else set())

    def moves_only(self, sections: Iterable[str]) -> bool:
        """Tell whether all it changes is some of these sections."""
        return self.touched() <= {f"section {name!r}" for name in sections}

    def text(self, wording: str) -> dict[str, str]:
        """The sections that this variant adds or replaces, as they read in a wording."""
        plain = {name: text for name, text in self.sections.items() if AT not in name}
        own = {name.split(AT)[0]: text for name, text in self.sections.items() if name.endswith(f"{AT}{wording}")}
        return {**plain, **own}


def load_variant(name: str) -> Variant:
    """Load the file `datasets/prompts/variants/<group>/<name>.md`.

    Raises:
        UserError: The name is unknown or the file is not a valid variant.
    """
    document = open_named("variants", name)
    variant = parse(Variant, document, name=name, group=document.path.parent.name, sections=sections(document))
    known = {wording for setting in names("settings") for wording in wordings(setting)}
    meant = [section.split(AT)[1] for section in variant.sections if AT in section]
    for wording in meant:
        if wording not in known:
            raise UserError(f"{document.path}: {unknown_name_error('wording', wording, known)}")
    return variant


def apply_variants(setting: Setting, variants: Sequence[Variant], wording: str) -> Setting:
    """Apply variants to a setting.

    Args:
        setting: The setting in some wording.
        variants: The variants, in any order: their changes may not overlap.
        wording: The wording's name.

    Returns:
        The changed setting.

    Raises:
        UserError: A variant does not apply to the setting, two of them change the same thing, or a section, tier or
            contrast that one names does not exist.
    """
    _refuse_clashes(variants)
    for variant in variants:
        if variant.settings is not None and setting.name not in variant.settings:
            fits = ", ".join(variant.settings)
            raise UserError(f"variant {variant.name!r} does not apply to setting {setting.name!r}, only to: {fits}")
    parts, tiers, contrasts = dict(setting.sections), dict(setting.tiers), setting.contrasts
    for variant in variants:
        parts = _place(parts, variant, wording)
        tiers = _change(tiers, variant)
        contrasts = variant.contrasts or contrasts
    removed = {name for variant in variants for name in variant.remove}
    try:
        check_contrasts(contrasts, tiers)
    except ValueError as error:
        raise UserError(f"{_listed(variants)} on {setting.name}: {error}") from error
    left = {name: text for name, text in parts.items() if name not in removed}
    return setting.model_copy(update={"sections": left, "tiers": tiers, "contrasts": contrasts})


def _refuse_clashes(variants: Sequence[Variant]) -> None:
    counts = Counter(part for variant in variants for part in variant.touched())
    clash = next((part for part, count in sorted(counts.items()) if count > 1), None)
    if clash:
        pair = [variant.name for variant in variants if clash in variant.touched()]
        raise UserError(f"variants {' and '.join(map(repr, pair))} cannot be combined: both change {clash}")


def _place(parts: Mapping[str, str], variant: Variant, wording: str) -> dict[str, str]:
    new = variant.text(wording)
    for name in (*variant.remove, *variant.after.values()):
        _known("section", name, parts, variant)
    if USER_TURN in variant.remove:
        raise UserError(f"variant {variant.name!r} must not remove section {USER_TURN!r}")
    absent = [name for name in variant.after if name not in new]
    if absent:
        raise UserError(f"variant {variant.name!r} places section {absent[0]!r} but has none in wording {wording!r}")
    for name in new:
        if name not in variant.after:
            _known("section", name, parts, variant)
    placed: dict[str, str] = {}
    for name, text in parts.items():
        placed[name] = new.get(name, text)
        placed |= {added: new[added] for added, anchor in variant.after.items() if anchor == name}
    return placed


def _change(tiers: Mapping[str, Tier], variant: Variant) -> dict[str, Tier]:
    changed = dict(tiers)
    for name, change in variant.tiers.items():
        if change is None:
            _known("tier", name, changed, variant)
            del changed[name]
            continue
        facts = changed[name].model_dump() if name in changed else {}
        try:
            changed[name] = Tier.model_validate({**facts, **change.model_dump(exclude_unset=True)})
        except ValidationError as error:
            field = error.errors()[0]["loc"][0]
            raise UserError(f"variant {variant.name!r}: new tier {name!r} lacks {field!r}") from error
    return changed


def _known(what: str, name: str, known: Iterable[str], variant: Variant) -> None:
    if name not in known:
        raise UserError(f"variant {variant.name!r} names {what} {name!r}; known: {', '.join(known)}")


def _listed(variants: Sequence[Variant]) -> str:
    return f"variant {', '.join(repr(variant.name) for variant in variants)}"
