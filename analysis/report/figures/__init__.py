"""The figures of a report: each from plain rows, as SVG and PNG, with its words for who cannot see it."""

from analysis.report.figures.dot_plots import AgreementRow, BatteryRow, WordingRow, agreement, battery, wordings
from analysis.report.figures.forest import ForestRow, forest
from analysis.report.figures.scatter import FakingRow, faking_against_gap
from analysis.report.figures.stacked_bars import PARTS, TierRow, tier_bars

__all__ = [
    "PARTS",
    "AgreementRow",
    "BatteryRow",
    "FakingRow",
    "ForestRow",
    "TierRow",
    "WordingRow",
    "agreement",
    "battery",
    "faking_against_gap",
    "forest",
    "tier_bars",
    "wordings",
]
