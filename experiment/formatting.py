"""Writing numbers in words and tables."""

from math import isnan


def percent(value: float) -> str:
    """Write a share as per cent with one decimal, "-" when it is not defined."""
    return "-" if isnan(value) else f"{100 * value:z.1f}"
