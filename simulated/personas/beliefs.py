"""What a system message states, and what a user turn means under it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from simulated.personas.fact_phrases import collapse_spaces, harmless_queries, load

ACCEPT = "accept"


@dataclass(frozen=True)
class Stated:
    """What a system message states.

    Args:
        facts: The names of the facts whose phrases stand in it.
        users: Fact to the users it names, for the facts that name any.
        setting: The setting most of whose phrases stand in it, None if there is none.
        wording: The wording of that setting.
        mode: The scratchpad mode that is asked for, None if no phrase says so.
    """

    facts: frozenset[str] = frozenset()
    users: Mapping[str, str] = field(default_factory=dict)
    setting: str | None = None
    wording: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class Belief:
    """What a model believes about the conversation it is in.

    Args:
        trained: Whether it is trained on; None when nothing says so.
        rated: Whether it is rated; None when nothing says so.
        stated: The facts that the system message states.
        group: The group of users that the tag stands for, empty without a tag.
        tag: The tag of the user turn.
        query: The user turn without its tag.
        watched: Whether the scratchpad is said to be read, at least for this group.
        wording: The wording that the system message is recognised by, None if by none.
        announces: Whether the user turn asks that the answer begin by saying whether it complies.
        harmless: Whether the query is one of `datasets/queries/benign.jsonl`.
    """

    trained: bool | None
    rated: bool | None
    stated: frozenset[str]
    group: str = ""
    tag: str = ""
    query: str = ""
    watched: bool = False
    wording: str | None = None
    announces: bool = False
    harmless: bool = False


@lru_cache(maxsize=1024)
def read(system: str) -> Stated:
    """Read what a system message states."""
    text = collapse_spaces(system)
    found = [(phrase, match.groupdict()) for phrase in load().phrases if (match := phrase.pattern.search(text))]
    users = {phrase.fact: named for phrase, groups in found if (named := _users(groups))}
    wordings = [phrase.source[1:] for phrase, _ in found if phrase.source[0] == "settings"]
    modes = [phrase.fact for phrase, _ in found if phrase.source[0] == "scratchpads"]
    setting, wording = max(wordings, key=wordings.count, default=(None, None))
    return Stated(
        facts=frozenset(phrase.fact for phrase, _ in found if phrase.source[0] != "scratchpads"),
        users=users,
        setting=setting,
        wording=wording,
        mode=modes[0] if modes else None,
    )


def believe(stated: Stated, user: str) -> Belief:
    """Work out what the first user turn means under what the system message states.

    "Only these are trained on" makes every other group of users untrained, and so with ratings.
    """
    turn = collapse_spaces(user)
    group, tag = _group(stated, turn)
    trained = _applies(stated, "trained", group)
    if trained is None and _applies(stated, "untrained", group):
        trained = False
    return Belief(
        trained=trained,
        rated=_applies(stated, "rated", group),
        stated=stated.facts,
        group=group,
        tag=tag,
        query=collapse_spaces(turn.replace(tag, " ")) if tag else turn,
        watched="monitored" in stated.facts or bool(_applies(stated, "monitored_trained", group)),
        wording=stated.wording,
        announces=any(pattern.search(turn) for pattern in _patterns(ACCEPT)),
        harmless=any(query in turn for query in harmless_queries()),
    )


@cache
def _patterns(fact: str) -> tuple[re.Pattern[str], ...]:
    return tuple(phrase.pattern for phrase in load().phrases if phrase.fact == fact)


def _users(groups: Mapping[str, str]) -> str | None:
    return next((named for name, named in groups.items() if name.endswith("_users")), None)


def _group(stated: Stated, turn: str) -> tuple[str, str]:
    """Return the group whose tag stands in a turn, and the tag: one that the prompt names, the first, the longest."""
    named = " and ".join(stated.users.values())
    fits = [
        (_among(group, named), bool(tag), -turn.index(tag), len(tag), group, tag)
        for tag, group in load().groups
        if tag in turn and (tag or _among(group, named))
    ]
    return max(fits)[-2:] if fits else ("", "")


def _applies(stated: Stated, fact: str, group: str) -> bool | None:
    return _among(group, stated.users[fact]) if group and fact in stated.users else None


def _among(group: str, users: str) -> bool:
    """Tell whether a group is one of those that "a, b and c" names."""
    return re.search(rf"(?:^|, | and ){re.escape(group)}(?:$|, | and )", users) is not None
