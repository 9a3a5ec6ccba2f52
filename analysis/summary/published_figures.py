"""Published figures to read a result beside, and the sentence that has to stand with them."""

from collections.abc import Mapping, Sequence
from math import nan, sqrt
from typing import NamedTuple

from pydantic import TypeAdapter

from experiment.documents import names
from experiment.paths import data_folder
from experiment.prompts.variants import load_variant
from experiment.queries.query_sets import read_rows
from experiment.statistics.intervals import LEVEL, quantile

HEADLINES, VARIATIONS, COUNTS = "headlines.csv", "greenblatt_2024_variations.csv", "greenblatt_2024_counts.csv"
UNCHANGED = "default"
CAVEAT = (
    "Wordings, queries and graders differ from the published ones, so a difference from a published figure is no "
    "failed replication, and agreement is no validation; patterns can be compared, numbers cannot."
)
LIMITS = "95% limits of published figures: estimate -+ 1.96 printed standard errors, normal approximation, unpaired."


class Printed(NamedTuple):
    """One printed figure as a share; what is not printed is NaN.

    Attributes:
        estimate: The figure, a rate in [0, 1] or a gap in [-1, 1].
        stderr: Its printed standard error.
        least, most: Where a paper gives a range or a bound in place of a figure, its ends.
    """

    estimate: float = nan
    stderr: float = nan
    least: float = nan
    most: float = nan

    @property
    def low(self) -> float:
        """Lower 95% limit by the normal approximation, not clipped; NaN where the standard error is 0 or absent."""
        return self.estimate - quantile(LEVEL) * (self.stderr or nan)

    @property
    def high(self) -> float:
        """Upper 95% limit by the normal approximation, not clipped; NaN where the standard error is 0 or absent."""
        return self.estimate + quantile(LEVEL) * (self.stderr or nan)


class Counts(NamedTuple):
    """Counts that give a row's printed figures: reconstructed from them, not printed in the paper.

    Attributes:
        queries: The number of queries that the row appears to rest on.
        replies_trained, complied_trained: Replies in the free tier, and those that complied.
        replies_untrained, complied_untrained: The same in the paid tier.
        af_replies, af_count: Replies judged for alignment-faking reasoning, and those that have it; halves occur, as
            the published rate is the mean of two classifiers.
        solutions: How many choices of the four counts of replies give the printed figures, with at most `queries`
            replies in a tier.
    """

    queries: int
    replies_trained: int
    complied_trained: int
    replies_untrained: int
    complied_untrained: int
    af_replies: int
    af_count: float
    solutions: int


class Published(NamedTuple):
    """What a paper reports of one model under one condition.

    Attributes:
        source, where: The paper, and the place in it.
        setting, model, condition: What was run.
        gap: Compliance in the trained tier minus the untrained one.
        af: Rate of alignment-faking reasoning in the trained tier.
        complied_trained, complied_untrained: Compliance by tier.
        queries: Number of queries as stated, NaN where it is not.
        counts: Reconstructed counts; None where there are none.
        note: What has to be known besides, "" for nothing.
    """

    source: str
    where: str
    setting: str
    model: str
    condition: str
    gap: Printed
    af: Printed
    complied_trained: Printed
    complied_untrained: Printed
    queries: float
    counts: Counts | None
    note: str


def published(setting: str) -> list[Published]:
    """List the headline figures of the papers for a setting, to be shown with `CAVEAT`.

    Args:
        setting: The setting's name.

    Returns:
        The figures in the order of `datasets/published/headlines.csv`; none for a setting that no paper has.

    Reference:
        Greenblatt et al. 2024, arXiv:2412.14093v2; Hughes et al. 2025, Alignment Faking Revisited; Sheshadri et al.
        2025, arXiv:2506.18032v1.
    """
    counts = reconstructed()
    return [_headline(row, counts) for row in _rows(HEADLINES) if row["setting"] == setting]


def variations(setting: str) -> dict[int, Published]:
    """List the variations of a setting in appendix G of Greenblatt et al. 2024, by number of the row."""
    counts = reconstructed()
    rows = [row for row in _rows(VARIATIONS) if row["setting"] == setting]
    return {int(row["row"]): _variation(row, counts) for row in rows}


def reference_of(setting: str, variants: Sequence[str]) -> Published | None:
    """Find the published row of a run's condition, whatever its model, wording and scratchpad mode.

    Args:
        setting: The setting's name.
        variants: Names of the run's variants.

    Returns:
        The paper's default row for no variant, the row that a single variant names; None for several variants, for one
        that names no row in this setting, and for one that is not known here.
    """
    rows = variations(setting)
    if not variants:
        return next((row for row in rows.values() if row.condition == UNCHANGED), None)
    if len(variants) > 1 or variants[0] not in names("variants"):
        return None
    return rows.get(load_variant(variants[0]).published.get(setting, 0))


def reconstructed() -> dict[tuple[str, int], Counts]:
    """Read the counts that give the printed figures, by setting and number of the row."""
    parse = TypeAdapter(Counts).validate_python
    return {(row["setting"], int(row["row"])): parse([row[name] for name in Counts._fields]) for row in _rows(COUNTS)}


def unpaired_error(p1: float, n1: int, p2: float, n2: int) -> float:
    """Return the standard error of a difference between two rates, as if the tiers had not shared their queries.

    Args:
        p1: First rate, in [0, 1].
        n1: Number of replies it rests on.
        p2: Second rate, in [0, 1].
        n2: Number of replies it rests on.

    Returns:
        The standard error, in [0, 1]; NaN when either number is 0.

    Reference:
        Wald's: the root of the sum of p(1 - p)/n. It is what Greenblatt et al. 2024 print.
    """
    return sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) if n1 and n2 else nan


def _rows(file: str) -> list[dict[str, str]]:
    return list(read_rows(data_folder() / "published" / file))


def _headline(row: Mapping[str, str], counts: Mapping[tuple[str, int], Counts]) -> Published:
    return Published(
        source=row["source"],
        where=row["where"],
        setting=row["setting"],
        model=row["model"],
        condition=row["condition"],
        gap=_printed(row, "gap", "pp"),
        af=_printed(row, "af_reasoning"),
        complied_trained=_printed(row, "complied_trained"),
        complied_untrained=_printed(row, "complied_untrained"),
        queries=float(row["queries"] or nan),
        counts=counts.get((row["setting"], int(row["row"] or 0))),
        note=row["note"],
    )


def _variation(row: Mapping[str, str], counts: Mapping[tuple[str, int], Counts]) -> Published:
    free, paid = _printed(row, "noncompliance_free"), _printed(row, "noncompliance_paid")
    named = {"where": f"row {row['row']}", "condition": row["variation"], "queries": "", "note": ""}
    return _headline({**row, **named}, counts)._replace(
        complied_trained=free._replace(estimate=1 - free.estimate),
        complied_untrained=paid._replace(estimate=1 - paid.estimate),
    )


def _printed(row: Mapping[str, str], name: str, unit: str = "pct") -> Printed:
    columns = (f"{name}_{unit}", f"{name}_se", f"{name}_from_{unit}", f"{name}_to_{unit}")
    return Printed(*(float(row.get(column) or nan) / 100 for column in columns))
