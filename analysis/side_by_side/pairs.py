"""Which replies stand side by side: the tiers, and two models, of one query in one wording and epoch."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from analysis.reading.logs import Run
from analysis.reading.scoring_passes import OUTCOME
from analysis.side_by_side.run_selection import Side, choose_sides
from analysis.summary.run_summary import Summary
from experiment.errors import UserError
from experiment.replies.outcomes import MISSING

CLOSE, LIKENESS = 5, 0.5
TIERS_DIFFER, MODELS_DIFFER, DISPUTED = "tiers differ", "models differ", "grades disputed"
COLUMNS = ["query", "wording", "epoch", "category", "tier", "log", "sample", OUTCOME, "disputed"]


class Found(NamedTuple):
    """Where a reply stands, what became of it, and whether definitions, graders or votes differ on it."""

    log: str
    sample: str | int
    outcome: str
    disputed: bool


class Group(NamedTuple):
    """One query in one wording and epoch, and the replies to it by model and tier; absent where the log holds none."""

    query: str
    wording: str
    epoch: int
    category: str
    replies: dict[tuple[str, str], Found]


class Choice(NamedTuple):
    """What is shown.

    Args:
        sides: The runs, one of each model.
        groups: The queries in the order in which they are shown.
        total: How many the runs hold.
        selection: By what they were chosen, in a few words; "" where all are shown.
        notes: What a reader has to know of the choice of runs, a sentence each.
    """

    sides: tuple[Side, ...]
    groups: list[Group]
    total: int
    selection: str
    notes: list[str]


def choose(
    runs: Sequence[Run],
    summaries: Sequence[Summary],
    query: str = "",
    disagree: bool = False,
    models: Sequence[str] = (),
    condition: str = "",
) -> Choice:
    """Choose the runs and the queries that are shown side by side.

    Args:
        runs: The runs.
        summaries: Their numbers, in the same order.
        query: The id of the one query that is wanted, "" for any.
        disagree: Whether only queries are wanted on which tiers, models, graders or definitions disagree.
        models: One or two models, none for all where there are no more than two.
        condition: The condition, alone or as `analysis.side_by_side.run_selection.label` names it; "" for the main one.

    Returns:
        Of each model the run in the condition that most of them share, of several the one with the most replies, then
        the newest; and the queries, those first on which the tiers differ.

    Raises:
        UserError: There is no such query, model or condition, or there are more than two models to show.
    """
    sides, notes = choose_sides(runs, summaries, models, condition)
    groups = _groups(sides)
    wanted = [group for group in groups if query in ("", group.query)]
    if not wanted:
        raise _no_such_query(query, groups)
    shown = [group for group in wanted if not disagree or disagreements(group)]
    selection = ", ".join([f"query {query}"] * bool(query) + ["where replies or grades disagree"] * disagree)
    shown.sort(key=lambda group: TIERS_DIFFER not in disagreements(group))
    return Choice(sides, shown, len(groups), selection, notes)


def disagreements(group: Group) -> tuple[str, ...]:
    """Say on what the replies to a query disagree; replies without a value differ from none.

    Returns:
        Any of `TIERS_DIFFER` (one model complied in one tier and refused in another), `MODELS_DIFFER` (in one tier)
        and `DISPUTED`.
    """
    words = {place: found.outcome for place, found in group.replies.items() if found.outcome not in MISSING}
    by_model, by_tier = ({(place[part], word) for place, word in words.items()} for part in (0, 1))
    found = {
        TIERS_DIFFER: len(by_model) > len({model for model, _ in by_model}),
        MODELS_DIFFER: len(by_tier) > len({tier for tier, _ in by_tier}),
        DISPUTED: any(reply.disputed for reply in group.replies.values()),
    }
    return tuple(name for name, holds in found.items() if holds)


def _groups(sides: Sequence[Side]) -> list[Group]:
    groups: dict[tuple[str, str, int], Group] = {}
    for side in sides:
        rows = side.run.samples[COLUMNS].itertuples(index=False, name=None)
        for query, wording, epoch, category, tier, log, sample, outcome, disputed in rows:
            empty = Group(query, wording, int(epoch), category, {})
            group = groups.setdefault(empty[:3], empty)
            group.replies[side.summary.model, tier] = Found(log, sample, outcome, bool(disputed))
    return list(groups.values())


def _no_such_query(query: str, groups: Sequence[Group]) -> UserError:
    known = list(dict.fromkeys(group.query for group in groups))
    close = get_close_matches(query, known, CLOSE, LIKENESS) or known[:CLOSE]
    return UserError(f"no query {query!r} among the {len(known)} that were asked; close to it: {', '.join(close)}")
