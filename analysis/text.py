"""Numbers and names as a reader sees them."""

from math import isnan

from rich.text import Text

from analysis.summary import Summary
from experiment.gap import Gap, Rate


def harmless(text: str) -> Text:
    """Return text that a terminal prints as it is: no markup, and control characters spelt out."""
    return Text("".join(char if char.isprintable() else ascii(char)[1:-1] for char in text))


def percent(value: float) -> str:
    """Write a share as per cent with one decimal, "-" when it is not defined."""
    return "-" if isnan(value) else f"{100 * value:.1f}"


def both(rates: tuple[Rate, Rate]) -> str:
    """Write the rates of the two tiers."""
    return " / ".join(percent(rate.estimate) for rate in rates)


def interval(gap: Gap) -> str:
    """Write a gap with its interval, in points."""
    return f"{percent(gap.estimate)} [{percent(gap.low)}, {percent(gap.high)}]"


def row_name(summary: Summary) -> str:
    """Name a run in a note."""
    again = f", grading {summary.grading}" if summary.grading > 1 else ""
    return f"{summary.model}, {summary.condition}, {summary.scratchpad}{again}"
