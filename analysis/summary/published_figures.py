"""Published figures to read a result beside, and the sentence that has to stand with them."""

from collections.abc import Mapping, Sequence
from math import nan
from typing import NamedTuple

from experiment.front_matter import names
from experiment.paths import data_folder
from experiment.prompts.variants import load_variant
from experiment.queries.query_sets import read_rows
from experiment.statistics.intervals import CONFIDENCE, quantile

HEADLINES, VARIATIONS = "headlines.csv", "greenblatt_2024_variations.csv"
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
        return self.estimate - quantile(CONFIDENCE) * (self.stderr or nan)

    @property
    def high(self) -> float:
        """Upper 95% limit by the normal approximation, not clipped; NaN where the standard error is 0 or absent."""
        return self.estimate + quantile(CONFIDENCE) * (self.stderr or nan)


class Published(NamedTuple):
    """What a paper reports of one model under one condition.

    Attributes:
        source, where: The paper, and the place in it.
        setting, model, condition: What was run.
        gap: Compliance in the trained tier minus the untrained one.
        af: Rate of alignment-faking reasoning in the trained tier.
        complied_trained, complied_untrained: Compliance by tier.
        queries: Number of queries as stated, NaN where it is not.
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
    note: str


def published(setting: str) -> list[Published]:
    """List the headline figures of the papers for a setting, to be shown with `CAVEAT`.

    Returns:
        The figures in the order of `datasets/published/headlines.csv`; none for a setting that no paper has.

    Reference:
        Greenblatt et al. 2024, arXiv:2412.14093v2; Hughes et al. 2025, Alignment Faking Revisited; Sheshadri et al.
        2025, arXiv:2506.18032v1.
    """
    return [_published(row) for row in _rows(HEADLINES, setting)]


def reference_of(setting: str, variants: Sequence[str]) -> Published | None:
    """Find the published row of a run's condition, whatever its model, wording and scratchpad mode.

    Returns:
        The paper's default row for no variant, the row that a single variant names; None for several variants, for one
        that names no row in this setting, and for one that is not known here.

    Reference:
        Greenblatt et al. 2024, appendix G.
    """
    rows = _rows(VARIATIONS, setting)
    if not variants:
        return next((_variation(row) for row in rows if row["variation"] == UNCHANGED), None)
    if len(variants) > 1 or variants[0] not in names("variants"):
        return None
    number = str(load_variant(variants[0]).published.get(setting))
    return next((_variation(row) for row in rows if row["row"] == number), None)


def _rows(file: str, setting: str) -> list[dict[str, str]]:
    return [row for row in read_rows(data_folder() / "published" / file) if row["setting"] == setting]


def _published(row: Mapping[str, str]) -> Published:
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
        note=row["note"],
    )


def _variation(row: Mapping[str, str]) -> Published:
    free, paid = _printed(row, "noncompliance_free"), _printed(row, "noncompliance_paid")
    named = {"where": f"row {row['row']}", "condition": row["variation"], "queries": "", "note": ""}
    return _published({**row, **named})._replace(
        complied_trained=free._replace(estimate=1 - free.estimate),
        complied_untrained=paid._replace(estimate=1 - paid.estimate),
    )


def _printed(row: Mapping[str, str], name: str, unit: str = "pct") -> Printed:
    columns = (f"{name}_{unit}", f"{name}_se", f"{name}_from_{unit}", f"{name}_to_{unit}")
    return Printed(*(float(row.get(column) or nan) / 100 for column in columns))
