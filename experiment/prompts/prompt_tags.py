"""The tags around private reasoning and public answer, read from the prompt that asks for them."""

import re
from collections.abc import Collection, Iterable, Sequence

from experiment.errors import UserError
from experiment.prompts.scratchpads import Tags

USUAL = Tags(private="SCRATCHPAD_REASONING", public="OUTPUT")
_NAME = r"([A-Za-z][\w.:-]{0,60})"
_TAG = re.compile(rf"<\s*/?\s*{_NAME}\s*>")
_SIBLINGS = re.compile(rf"</\s*{_NAME}\s*>\s*<\s*{_NAME}\s*>")
_PRIVATE = re.compile(r"scratch_?pad|reasoning|think|thought|monologue", re.IGNORECASE)
_PUBLIC = re.compile(r"(?:final_?|public_?)?(?:output|answer|response|reply|result)", re.IGNORECASE)


def tags_of(system: str, turns: Iterable[str], reasons: bool = True) -> Tags | None:
    """Read from a prompt in which tags it asks for reasoning and answer.

    A tag is known by its name, or else by its place: in worked examples the reasoning's tag is closed just before the
    answer's is opened. The papers' usual tags stand in where the prompt names no tag that it could be.

    Args:
        system: The system message.
        turns: The user turns, in which `$query` is left open; what stands before it is about the query.
        reasons: Whether the prompt asks for reasoning in tags.

    Returns:
        The tags; without reasoning those that the prompt names, None where it names none around the answer.

    Raises:
        UserError: They cannot be told for certain, so private text could be graded as the answer.
    """
    turns = list(turns)
    sent = "\n".join((system, *turns))
    inputs = {name.lower() for turn in turns for name in _TAG.findall(turn.partition("${query}")[0])}
    names = [name for name in _distinct(_TAG.findall(sent)) if name.lower() not in inputs]
    pairs = [(one.lower(), other.lower()) for one, other in _SIBLINGS.findall(sent)]
    private = [name for name in names if _PRIVATE.search(name)]
    public = [name for name in names if _PUBLIC.fullmatch(name)]
    if reasons:
        private, public = (
            _by_place(private, names, {one for one, other in pairs if other in _lower(public)} - _lower(public)),
            _by_place(public, names, {other for one, other in pairs if one in _lower(private)} - _lower(private)),
        )
    others = [name for name in names if name not in (*private, *public)]
    for what, found in (("reasoning", private), ("the answer", public)):
        if len(found) > 1 or (reasons and not found and others):
            raise UserError(_unclear(what, found, names))
    if not reasons:
        return Tags(private="".join(private), public=public[0]) if public else None
    return Tags(private=(private or [USUAL.private])[0], public=(public or [USUAL.public])[0])


def _distinct(names: Iterable[str]) -> list[str]:
    """Return names as they are first written, each once in whatever case."""
    return list({name.lower(): name for name in reversed(list(names))}.values())[::-1]


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _by_place(named: Sequence[str], names: Sequence[str], places: Collection[str]) -> list[str]:
    """Return the tags that stand at the right place where the names of none or of several say what they are for."""
    if len(named) == 1:
        return list(named)
    return [name for name in named or names if name.lower() in places] or list(named)


def _unclear(what: str, found: Sequence[str], names: Sequence[str]) -> str:
    written = " and ".join(f"<{name}>" for name in found)
    known = ", ".join(f"<{name}>" for name in names)
    return (
        (
            f"names {written} for {what}"
            if found
            else f"names no tag for {what} that could be told from others ({known})"
        )
        + "; a prompt that can be graded names one, such as "
        + (f"<{USUAL.private}>" if what == "reasoning" else f"<{USUAL.public}>")
    )
