"""Whether, and where, a quotation stands in a text, by its letters and digits alone."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter

from experiment.hidden_characters import folded, hidden, without_escapes

# A character with the marks after it; Korean vowels and final consonants, and the Japanese voicing marks of half width,
# are joined to what stands before them as marks are, and signs of the blocks that hold no marks are not.
_SIGNS = r"\u2000-\u20cf\u2100-\u2bff\u3000-\u3029\u3200-\u33ff\U0001f000-\U0001faff"
_JOINED = r"\u1160-\u11ff\u3131-\u318e\ud7b0-\ud7fb\uff9e-\uffdc"
_SEGMENT = re.compile(rf"(?s:.)(?:(?![{_SIGNS}])[^\w\x00-\x7f]|[{_JOINED}])*")
MIN_QUOTATION = 6  # letters and digits; judgement: shorter ones stand in almost any text


def quoted(quotation: str, material: str) -> bool:
    """Tell whether a quotation stands in a text, by its letters and digits alone.

    White space, punctuation, markup, invisible characters, letter case and the form of a letter (full width, combined
    accents) do not count, so that neither a grader's tidying nor a model's tricks make a true quotation untrue.

    Args:
        quotation: What the grader quoted; one of fewer than six letters stands nowhere but in a shorter text.
        material: The text that was graded.

    Returns:
        True when it does.
    """
    return _long_enough(quotation, material) and letters(quotation) in letters(material)


def quoted_spans(quotation: str, material: str) -> Iterator[tuple[int, int]]:
    """Find where a quotation stands in a text, under the rule of `quoted`.

    Args:
        quotation: What the grader quoted.
        material: The text that was graded.

    Yields:
        Begin and end of each place, from the first letter to the last; the punctuation around them where both have it.
    """
    if not _long_enough(quotation, material):
        return
    bare = quotation.strip()
    lead, tail = _beside(bare), _beside(bare[::-1])[::-1]
    for found in re.finditer(re.escape(letters(quotation)), letters(material)):
        begin, end = _place(material, found.start()), _place(material, found.end() - 1) + 1
        begin -= len(lead) * material.endswith(lead, 0, begin)
        yield begin, end + len(tail) * material.startswith(tail, end)


@lru_cache(maxsize=64)  # a text is searched for every quotation of every vote
def letters(text: str) -> str:
    """Return a text's letters and digits, in one case and one form."""
    return _kept(without_escapes(text))


def _beside(text: str) -> str:
    """Return the punctuation with which a text begins."""
    begin = re.match(r"[\W_]*", text)
    return begin[0] if begin else ""


def _kept(text: str) -> str:
    return "".join(char for char in folded(text) if char.isalnum() and not hidden(char))


def _place(text: str, letter: int) -> int:
    """Return where a letter of `letters` stands in the text."""
    segments = _segments(text)
    before, begin, segment = segments[bisect_right(segments, letter, key=itemgetter(0)) - 1]
    ends = range(len(segment) + 1)
    return begin + bisect_right(ends, letter - before, key=lambda end: len(_kept(segment[:end]))) - 1


@lru_cache(maxsize=64)
def _segments(text: str) -> list[tuple[int, int, str]]:
    """Split a text before its ASCII characters and letters, which normalisation joins to nothing before them.

    Returns:
        For each segment the number of letters before it, where it begins, and its text.
    """
    segments, before, begin = [], 0, 0
    for segment in _SEGMENT.findall(without_escapes(text)):
        segments.append((before, begin, segment))
        before, begin = before + len(_kept(segment)), begin + len(segment)
    return segments


def _long_enough(quotation: str, material: str) -> bool:
    return len(letters(quotation)) >= min(MIN_QUOTATION, max(1, len(letters(material))))
