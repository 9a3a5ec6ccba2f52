"""Marking what graders quoted in the words that they quoted from."""

from collections.abc import Sequence
from typing import NamedTuple

from experiment.quotations import quoted_spans


class Piece(NamedTuple):
    """A piece of a text, and whether a grader quoted it."""

    text: str
    marked: bool


def marked(text: str, quotations: Sequence[str]) -> tuple[Piece, ...]:
    r"""Split a text at the quotations that stand in it, by the rule under which a grader's quotations are accepted.

    Args:
        text: Any text; `\r\n` counts as `\n`.
        quotations: What was quoted of it.

    Returns:
        Pieces in order, overlapping quotations as one; joined they are the text.
    """
    text = text.replace("\r\n", "\n")
    pieces, done = [], 0
    for begin, end in _spans(text, quotations):
        pieces += [Piece(text[done:begin], False), Piece(text[begin:end], True)]
        done = end
    return tuple(piece for piece in (*pieces, Piece(text[done:], False)) if piece.text)


def _spans(text: str, quotations: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for begin, end in sorted(span for each in dict.fromkeys(quotations) for span in quoted_spans(each, text)):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
