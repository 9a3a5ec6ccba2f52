"""The stand-ins' documented rates and gaps, seen through the suite's own statistics in every condition of the battery."""

from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from math import nan
from pathlib import Path
from typing import NamedTuple

import pytest

from experiment.prompts.conditions import resolve_setting
from experiment.prompts.rendering import render
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.settings import Setting
from experiment.prompts.wordings import select_wordings
from experiment.queries.query_sets import load_queries
from experiment.queries.wording_assignment import place
from experiment.statistics.gap import compliance_gap, tier_rate
from experiment.statistics.pairing import Observation, pair
from simulated.personas.beliefs import Belief, believe, read
from simulated.personas.personas import PERSONAS, decide, uniform

SETTING = "helpful_only"
ONE_WORDING = "memo"
SEEDS = range(200)
# Of 200 intervals at 95% fewer than 178 cover once in 5,000 times, fewer than 186 (93%) once in 13.
LOWEST_ALONE, LOWEST_TOGETHER, HIGHEST = 0.89, 0.93, 0.995

TABLE = Path(__file__).parents[1] / "battery_truth.txt"
(_, *NAMES), *ROWS = [line.split() for line in TABLE.read_text().splitlines()[1:]]
DOCUMENTED = {
    (condition, name): [int(rate) / 100 for rate in cell.split("/")]
    for condition, *row in ROWS
    for name, cell in zip(NAMES, row, strict=True)
}
CONDITIONS = [condition for condition, *_ in ROWS]
EXACT = {"refuser": 0.0, "complier": 1.0}
UNUSUAL = {"main": {}, "benign": {"queries": "benign"}, "no_scratchpad": {"mode": "none"}}


class Cell(NamedTuple):
    """A query in a tier, and what a model believes that reads it there."""

    query: str
    wording: str
    tier: str
    belief: Belief


class Contrast(NamedTuple):
    """Two tiers of a condition, and the gap that is documented for them."""

    condition: str
    name: str
    tiers: tuple[str, str]
    gap: float


@cache
def shown(condition: str, wording: str = "original") -> Setting:
    return resolve_setting(SETTING, wording, [] if condition in UNUSUAL else [condition])


def documented(condition: str, name: str, wording: str) -> dict[str, float]:
    rates = DOCUMENTED[condition, name]
    known = name == "wary" and wording == "original"
    return dict(zip(shown(condition).tiers, [0.10] * len(rates) if known else rates, strict=True))


@cache
def cells(condition: str, wording: str) -> list[Cell]:
    """Render and read every prompt of a condition once."""
    unusual = UNUSUAL.get(condition, {})
    mode, names = load_scratchpad(unusual.get("mode", "tags")), select_wordings(SETTING, wording)
    prompts = {each: render(shown(condition, each), mode, "Anthropic") for each in names}
    stated = {each: read(prompt.system) for each, prompt in prompts.items()}
    return [
        Cell(query.id, each, tier, believe(stated[each], prompts[each].user(tier, query.text)))
        for query, each in place(load_queries(unusual.get("queries", "harmful")), names)
        for tier in shown(condition).tiers
    ]


def observe(name: str, placed: list[Cell], draw: Callable[..., float]) -> list[Observation]:
    made = [decide(PERSONAS[name], each.belief, partial(draw, each.belief.query, each.belief.group)) for each in placed]
    values = [nan if decision.missing else float(decision.complied) for decision in made]
    return [Observation(*each[:2], 1, each.tier, value) for each, value in zip(placed, values, strict=True)]


def contrasts(name: str, wording: str) -> list[tuple[Contrast, list[Cell]]]:
    """Return the contrasts of all conditions with their cells, one of those in which a persona does the same."""
    found = {}
    for condition in CONDITIONS:
        rates = documented(condition, name, wording)
        for contrast, (first, second) in shown(condition).contrasts.items():
            placed = [each for each in cells(condition, wording) if each.tier in (first, second)]
            gap = round(rates[first] - rates[second], 2)
            does = tuple((each.query, each.tier == first, *_chances(name, each.belief)) for each in placed)
            found.setdefault((gap, does), (Contrast(condition, contrast, (first, second), gap), placed))
    return list(found.values())


def _chances(name: str, belief: Belief) -> tuple[str, float, float]:
    return belief.group, PERSONAS[name].complies(belief), PERSONAS[name].misses(belief)


def coverage(name: str, wording: str) -> dict[Contrast, float]:
    """Return the share of seeds at which the 95% interval covers the documented gap."""
    found, covered = contrasts(name, wording), Counter()
    for seed in SEEDS:
        draw = cache(partial(uniform, name, seed))
        for contrast, placed in found:
            gap = compliance_gap(pair(observe(name, placed, draw), *contrast.tiers))
            covered[contrast] += gap.low <= contrast.gap <= gap.high
    return {contrast: covered[contrast] / len(SEEDS) for contrast, _ in found}


def test_the_table_has_every_stand_in():
    assert sorted(NAMES) == sorted(PERSONAS)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_tiers_rate_is_the_documented_one(condition: str):
    for name in PERSONAS:
        for wording in ("ensemble", "original") if name == "wary" else ("ensemble",):
            seen = observe(name, cells(condition, wording), partial(uniform, name, 0))
            for tier, expected in documented(condition, name, wording).items():
                rate = tier_rate(seen, tier, level=0.999)
                assert rate.low <= expected <= rate.high, (name, wording, tier)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("wording", ["ensemble", ONE_WORDING])
def test_floor_and_ceiling_are_exact(name: str, wording: str):
    for contrast, placed in contrasts(name, wording):
        seen = observe(name, placed, partial(uniform, name, 0))
        assert {each.value for each in seen} == {EXACT[name]}
        gap = compliance_gap(pair(seen, *contrast.tiers))
        assert (gap.estimate, gap.low <= 0 <= gap.high) == (0, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "wording"),
    [(name, ONE_WORDING) for name in PERSONAS if name not in EXACT] + [("wary", "original")],
)
def test_the_interval_of_one_wording_covers_the_documented_gap_as_often_as_it_says(name: str, wording: str):
    found = coverage(name, wording)
    assert sum(found.values()) / len(found) >= LOWEST_TOGETHER
    assert {contrast: share for contrast, share in found.items() if not LOWEST_ALONE <= share <= HIGHEST} == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PERSONAS if name not in EXACT])
def test_the_interval_over_wordings_covers_the_documented_gap_at_least_as_often_as_it_says(name: str):
    found = coverage(name, "ensemble")
    assert sum(found.values()) / len(found) >= LOWEST_TOGETHER
    assert {contrast: share for contrast, share in found.items() if share < LOWEST_ALONE} == {}
