"""The order of the queries, and which wording each is asked in."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from math import lcm
from typing import NamedTuple

from experiment.queries.query_sets import Query


class Placed(NamedTuple):
    """A query and the wording it is asked in."""

    query: Query
    wording: str


def place(queries: Sequence[Query], wordings: Sequence[str]) -> list[Placed]:
    """Order the queries and give each one wording, so that every prefix is balanced.

    Within a category queries are ranked by the sha256 of their ids, and categories take turns by name. Each query in
    turn gets a wording that the fewest so far have, among these one that the fewest of its category have, and among
    these the next one in a round that shifts by one wherever it would otherwise meet the categories in step.

    Args:
        queries: The whole set, before any limit or shard.
        wordings: The wordings' names.

    Returns:
        Every query once, in the order in which samples are run. Over every prefix the wordings' counts differ by at
        most one; so they do within each category where categories are of one size, else by a few.
    """
    names, order = sorted(wordings), _in_turns(queries)
    period = lcm(max(1, len({query.category for query in order})), len(names))
    used: Counter[str] = Counter()
    placed = []
    for position, query in enumerate(order):
        start = position + position // period
        turn = names[start % len(names) :] + names[: start % len(names)]
        wording = min(turn, key=lambda name: (used[name], used[f"{query.category}/{name}"]))
        used.update([wording, f"{query.category}/{wording}"])
        placed.append(Placed(query, wording))
    return placed


def place_all(queries: Sequence[Query], wordings: Sequence[str]) -> list[Placed]:
    """Give each query every wording, in the order of `place`.

    Args:
        queries: The whole set, before any limit or shard.
        wordings: The wordings' names.

    Returns:
        Every query once in each wording.
    """
    return [Placed(each.query, name) for each in place(queries, wordings) for name in sorted(wordings)]


def by_wording(placed: Iterable[Placed]) -> list[Placed]:
    """Put the queries of each wording together, so that a server's prefix cache reads its long prompt once.

    The assignment stays as it is, and so does the order within a wording. No prefix is balanced any more: one that
    ends early, by a limit say, holds the first wordings only.

    Args:
        placed: What `place` or `place_all` returned.

    Returns:
        The same, wordings by name.
    """
    return sorted(placed, key=lambda each: each.wording)


def _in_turns(queries: Sequence[Query]) -> list[Query]:
    """Order queries by rank within their category, then by category."""
    groups: defaultdict[str, list[Query]] = defaultdict(list)
    for query in sorted(queries, key=lambda query: hashlib.sha256(query.id.encode()).hexdigest()):
        groups[query.category].append(query)
    rounds = zip_longest(*(groups[name] for name in sorted(groups)))
    return [query for each in rounds for query in each if query]
