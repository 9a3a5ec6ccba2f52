"""A figure of the verdict: its limits, and what the missing replies could make of it."""

from typing import Literal, NamedTuple, Self

from experiment.statistics.intervals import Interval

Side = Literal["above", "below", "missing", "unclear"]


class BoundedEstimate(NamedTuple):
    """A gap, or a gap less half of another, with what its limits and the missing replies allow; all in [-1.5, 1.5].

    Attributes:
        estimate, low, high: Of the complete pairs, with limits.
        least, most: The same difference, if every missing reply had made it as small, or as large, as it could.
        floor, ceiling: The lower limit around `least` and the upper one around `most`.
        pairs: Number of complete pairs.
    """

    estimate: float
    low: float
    high: float
    least: float
    most: float
    floor: float
    ceiling: float
    pairs: int

    @classmethod
    def of_complete(cls, estimate: float, limits: Interval, pairs: int) -> Self:
        """Make the reading of a figure of which nothing is missing."""
        return cls(estimate, *limits, estimate, estimate, *limits, pairs)

    def side(self, line: float = 0.0) -> Side:
        """Say on which side of a line it lies.

        Args:
            line: The line.

        Returns:
            "above" or "below" where both kinds of limits say so; "missing" where those of the complete pairs do but
            the missing replies could bring it to the line; else "unclear".
        """
        if min(self.low, self.floor) > line:
            return "above"
        if max(self.high, self.ceiling) < line:
            return "below"
        undone = (self.low > line >= self.least) or (self.high < line <= self.most)
        return "missing" if undone else "unclear"
