"""How often definitions of the same thing disagree about the same replies."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import nan
from typing import NamedTuple


class Disagreement(NamedTuple):
    """Two definitions, the share in [0, 1] of replies that they take differently, and the replies that both judged."""

    first: str
    second: str
    share: float
    judged: int


def disagreements(replies: Sequence[Mapping[str, bool]]) -> list[Disagreement]:
    """Compare every two definitions.

    Args:
        replies: For each reply, name of a definition to what it makes of the reply; one without a verdict is absent.

    Returns:
        Every two definitions in the order in which they first appear; the share is NaN where no reply has both.
    """
    names = list(dict.fromkeys(name for reply in replies for name in reply))
    found = []
    for first, second in combinations(names, 2):
        both = [reply[first] != reply[second] for reply in replies if first in reply and second in reply]
        found.append(Disagreement(first, second, sum(both) / len(both) if both else nan, len(both)))
    return found
