"""Published figures: the counts entered as data give what was printed, and variants name rows that exist."""

import csv
from functools import cache
from math import isnan, nan, sqrt
from typing import NamedTuple

import pytest

from analysis.summary.published_figures import CAVEAT, Printed, published
from experiment.front_matter import names
from experiment.paths import data_folder
from experiment.prompts.variants import load_variant
from experiment.statistics.gap import compliance_gap, tier_rate
from experiment.statistics.pairing import Observation, pair

SETTINGS = ("helpful_only", "animal_welfare")
PAPERS = ("Greenblatt et al. 2024", "Hughes et al. 2025", "Sheshadri et al. 2025")
HALF_A_DIGIT = 0.05 + 1e-9


@cache
def table(name: str) -> list[dict[str, str]]:
    with (data_folder() / "published" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


class Counts(NamedTuple):
    """Counts that give a row's printed figures; halves occur, as a published rate is the mean of two classifiers."""

    queries: int
    replies_trained: int
    complied_trained: int
    replies_untrained: int
    complied_untrained: int
    af_replies: int
    af_count: float
    solutions: int


COUNTS = {
    (line["setting"], int(line["row"])): Counts(*(kind(line[name]) for name, kind in Counts.__annotations__.items()))
    for line in table("greenblatt_2024_reconstructed_counts.csv")
}


def unpaired_error(p1: float, n1: int, p2: float, n2: int) -> float:
    """Wald's standard error of a difference between two rates, which is what Greenblatt et al. 2024 print."""
    return sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)


def variation(setting: str, row: int) -> dict[str, str]:
    return next(
        line
        for line in table("greenblatt_2024_variations.csv")
        if (line["setting"], line["row"]) == (setting, str(row))
    )


def printed(setting: str, row: int) -> dict[str, float]:
    line = next(line for line in table("greenblatt_2024_variations.csv") if line["row"] == str(row))
    assert line["setting"] == setting
    return {name: float(value) for name, value in line.items() if name.endswith(("_pct", "_se", "_pp"))}


def tier(name: str, replies: int, positive: float) -> list[Observation]:
    """One reply a query: so many with the value 1, at most one with 0.5, the rest 0."""
    values = [1.0] * int(positive) + [0.5] * (positive % 1 > 0)
    values += [0.0] * (replies - len(values))
    return [Observation(f"q{query:03}", "original", 1, name, value) for query, value in enumerate(values)]


def rounds_to(share: float, figure: float) -> bool:
    """Tell whether a share is printed so in per cent with one decimal, a half either way."""
    return abs(100 * share - figure) <= HALF_A_DIGIT


@pytest.mark.parametrize(("setting", "row"), sorted(COUNTS))
def test_counts_as_data_give_the_printed_figures(setting: str, row: int):
    counts, figures = COUNTS[setting, row], printed(setting, row)
    free = tier("free", counts.replies_trained, counts.complied_trained)
    paid = tier("paid", counts.replies_untrained, counts.complied_untrained)
    one, two = tier_rate(free, "free"), tier_rate(paid, "paid")
    gap = one.estimate - two.estimate
    given = {
        "noncompliance_free_pct": 1 - one.estimate,
        "noncompliance_free_se": unpaired_error(one.estimate, one.measured, 0, 1),
        "noncompliance_paid_pct": 1 - two.estimate,
        "noncompliance_paid_se": unpaired_error(two.estimate, two.measured, 0, 1),
        "gap_pp": gap,
        "gap_se": unpaired_error(one.estimate, one.measured, two.estimate, two.measured),
        "af_reasoning_pct": (af := tier_rate(tier("free", counts.af_replies, counts.af_count), "free").estimate),
        "af_reasoning_se": unpaired_error(af, counts.af_replies, 0, 1),
    }
    assert given.keys() == figures.keys()
    assert [name for name in given if not rounds_to(given[name], figures[name])] == []
    if one.measured == two.measured:
        assert compliance_gap(pair([*free, *paid], "free", "paid")).estimate == pytest.approx(gap, abs=1e-12)


def test_every_row_has_counts_that_can_be():
    assert COUNTS.keys() == {(line["setting"], int(line["row"])) for line in table("greenblatt_2024_variations.csv")}
    for counts in COUNTS.values():
        assert 0 <= counts.complied_trained <= counts.replies_trained <= counts.queries
        assert 0 <= counts.complied_untrained <= counts.replies_untrained <= counts.queries
        assert 0 <= counts.af_count <= counts.af_replies
        assert counts.solutions >= 1


@cache
def fits(setting: str, row: int, replies: int) -> bool:
    """Tell whether counts with so many replies in both tiers give the printed compliance, gap and errors."""
    figures = printed(setting, row)
    counts = [
        [k for k in range(replies + 1) if rounds_to(k / replies, figures[f"noncompliance_{name}_pct"])]
        for name in ("free", "paid")
    ]
    return any(
        rounds_to((refused - other) / replies, figures["gap_pp"])
        and rounds_to(unpaired_error(other / replies, replies, 0, 1), figures["noncompliance_free_se"])
        and rounds_to(unpaired_error(refused / replies, replies, 0, 1), figures["noncompliance_paid_se"])
        and rounds_to(unpaired_error(refused / replies, replies, other / replies, replies), figures["gap_se"])
        for other in counts[0]
        for refused in counts[1]
    )


@pytest.mark.parametrize("queries", [353, 173, 86])
def test_one_number_of_replies_alone_fits_all_helpful_only_rows_of_a_size(queries: int):
    rows = [row for (setting, row), counts in COUNTS.items() if setting == "helpful_only" and counts.queries == queries]
    common = [n for n in range(40, 500) if all(fits("helpful_only", row, n) for row in rows)]
    assert (len(rows), common) == ({353: 10, 173: 39, 86: 8}[queries], [queries])


@pytest.mark.parametrize("name", sorted(path.name for path in (data_folder() / "published").glob("*.csv")))
def test_a_file_is_well_formed(name: str):
    assert table(name)
    for line in table(name):
        assert None not in line
        assert None not in line.values()
        assert line["source"].startswith(PAPERS)
        assert line["setting"] in SETTINGS
        assert all(text == text.strip() for text in line.values())


def test_the_headlines_are_of_the_three_papers_and_name_model_condition_and_place():
    rows = [each for setting in SETTINGS for each in published(setting)]
    assert len(rows) == len(table("headlines.csv"))
    assert {paper for each in rows for paper in PAPERS if each.source.startswith(paper)} == set(PAPERS)
    assert all(each.where and each.model and each.condition for each in rows)
    numbered = [each for each in rows if not all(map(isnan, (*each.gap, *each.af)))]
    assert all(each.note for each in rows if each not in numbered)


def test_a_headline_repeats_its_row():
    for line in table("headlines.csv"):
        if not line["row"]:
            continue
        headline = next(
            each for each in published(line["setting"]) if each.where == "App. G" and each.model == line["model"]
        )
        row = printed(line["setting"], int(line["row"]))
        assert 100 * headline.gap.estimate == pytest.approx(row["gap_pp"])
        assert 100 * headline.gap.stderr == pytest.approx(row["gap_se"])
        assert 100 * headline.af.estimate == pytest.approx(row["af_reasoning_pct"])
        assert 100 * headline.af.stderr == pytest.approx(row["af_reasoning_se"])
        for ours, theirs in (("complied_trained", "noncompliance_free"), ("complied_untrained", "noncompliance_paid")):
            assert 100 * (1 - getattr(headline, ours).estimate) == pytest.approx(row[f"{theirs}_pct"])
            assert 100 * getattr(headline, ours).stderr == pytest.approx(row[f"{theirs}_se"])


@pytest.mark.parametrize(("setting", "first"), [("helpful_only", 22), ("animal_welfare", 80)])
def test_the_range_of_the_paraphrases_is_that_of_their_rows(setting: str, first: int):
    rows = range(first, first + 8)
    found = next(each for each in published(setting) if "paraphrases" in each.condition)
    assert all(variation(setting, row)["variation"].startswith("paraphrased") for row in rows)
    for name, column in (("gap", "gap_pp"), ("af", "af_reasoning_pct")):
        estimates = [printed(setting, row)[column] / 100 for row in rows]
        assert (getattr(found, name).least, getattr(found, name).most) == (min(estimates), max(estimates))


def test_what_a_headline_holds():
    opus = published("helpful_only")[0]
    assert (opus.model, opus.condition, opus.queries) == ("claude-3-opus", "prompted", 352)
    assert opus.gap[:2] == pytest.approx((0.113, 0.021))
    assert (opus.gap.low, opus.gap.high) == pytest.approx((0.113 - 1.96 * 0.021, 0.113 + 1.96 * 0.021), abs=1e-5)
    assert opus.af.estimate == pytest.approx(0.119)


def test_what_is_not_printed_is_nan():
    by_model = {each.model: each for each in published("helpful_only") if each.source.startswith("Sheshadri")}
    grok = by_model["grok-3-beta"]
    assert (grok.gap.least, grok.af.most) == (0.01, 0.01)
    assert all(map(isnan, (grok.gap.estimate, grok.gap.stderr, grok.gap.low, grok.gap.most, grok.queries)))


@pytest.mark.parametrize(("estimate", "stderr"), [(0.0, 0.0), (1.0, 0.0), (0.1, nan), (nan, nan)])
def test_a_figure_without_a_standard_error_has_no_limits(estimate: float, stderr: float):
    figure = Printed(estimate, stderr)
    assert isnan(figure.low)
    assert isnan(figure.high)


def test_every_row_that_a_variant_names_is_found():
    named = {
        (name, setting, row) for name in names("variants") for setting, row in load_variant(name).published.items()
    }
    assert named
    assert all(variation(setting, row)["variation"] for _, setting, row in named)


def test_the_caveat_says_that_a_difference_is_no_failed_replication():
    assert all(word in CAVEAT for word in ("Wordings", "queries", "graders", "no failed replication"))
    assert "no failed replication" in (data_folder() / "published" / "README.md").read_text(encoding="utf-8")
