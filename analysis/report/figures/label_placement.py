"""Where labels of points go, so that they cover neither each other nor the points where that can be had."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

DIRECTIONS = ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1))
CLEAR, HEAVY = 0.16, 10**6
DISTANCES = (0.1, 0.22, 0.36, 0.52, 0.7, 0.9)


class Box(NamedTuple):
    """A rectangle, in inches."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.top <= other.bottom or other.top <= self.bottom)

    def within(self, other: "Box") -> bool:
        """Whether it lies in another."""
        wide = other.left <= self.left and self.right <= other.right
        return wide and other.bottom <= self.bottom and self.top <= other.top


def places(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], room: Box, thin: Sequence[Box]
) -> list[Box]:
    """Find a place for each label, the nearest that is free.

    Ours: points from left to right try eight directions at growing distances. They take the first place that covers
    nothing, else one that covers the fewest lines; worse is one that covers a point or leads to it across a label, and
    worst one that covers a label.

    Args:
        points: Centres of the points.
        sizes: Width and height of their labels.
        room: Where labels may lie.
        thin: Lines that are better not covered.

    Returns:
        The label's rectangle for each point.
    """
    marks = [Box(x - CLEAR, y - CLEAR, x + CLEAR, y + CLEAR) for x, y in points]
    found: dict[int, Box] = {}
    for index in sorted(range(len(points)), key=points.__getitem__):
        around = list(_around(points[index], sizes[index]))
        tried = [box for box in around if box.within(room)] or around[:1]
        lines = [*thin, *(_leader(points[each], box) for each, box in found.items())]
        others = marks[:index] + marks[index + 1 :]
        found[index] = _best(points[index], tried, list(found.values()), others, lines)
    return [found[index] for index in range(len(points))]


def nearest(point: tuple[float, float], label: Box) -> tuple[float, float]:
    """Return the place of a label that is nearest to its point."""
    return min(max(point[0], label.left), label.right), min(max(point[1], label.bottom), label.top)


def _leader(point: tuple[float, float], label: Box) -> Box:
    """Return the rectangle whose diagonal leads from a point to its label."""
    (x, y), (left, bottom) = point, nearest(point, label)
    return Box(min(x, left), min(y, bottom), max(x, left), max(y, bottom))


def _best(
    point: tuple[float, float], tried: Sequence[Box], labels: Sequence[Box], marks: Sequence[Box], lines: Sequence[Box]
) -> Box:
    """Return the first place that is free, else the first of those that cover least."""
    costs: list[int] = []
    for box in tried:
        crossed = sum(map(box.meets, marks)) + sum(map(_leader(point, box).meets, labels))
        light = (len(lines) + 1) * crossed + sum(map(box.meets, lines))
        costs.append(HEAVY * sum(map(box.meets, labels)) + light)
        if not costs[-1]:
            break
    return tried[costs.index(min(costs))]


def _around(point: tuple[float, float], size: tuple[float, float]) -> Iterator[Box]:
    (x, y), (width, height) = point, size
    for distance in DISTANCES:
        for right, up in DIRECTIONS:
            reach = distance if not (right and up) else 0.7 * distance
            left = x + right * reach + (right - 1) / 2 * width
            bottom = y + up * reach + (up - 1) / 2 * height
            yield Box(left, bottom, left + width, bottom + height)
