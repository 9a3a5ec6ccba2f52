"""Finding and replacing what a text shares with an answer, however the text escapes, quotes or cuts it."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.redaction.placeholders import Placeholder, placeholder
from analysis.redaction.shingles import RUN, Hashes, Letters, letters

NEW = RUN // 2  # letters; judgement: fewer beside a quotation of the query may be the same by chance
LINE = r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+"
CUTS = (re.compile(LINE), re.compile(rf"{LINE}|(?<=[.!?])\s+"))  # between lines; between sentences
STRUCTURAL = '"\\'  # what may belong to the JSON around an answer rather than to it


class Passages(NamedTuple):
    """Whole answers, their sentences and their lines, of at least `RUN` letters each.

    Args:
        firsts: Hashes of their first `RUN` letters, sorted.
        known: By such a hash, the number of letters, the hash of them all, and the answer.
        wholes: The answers by number and hash of their letters.
    """

    firsts: Hashes
    known: dict[int, dict[tuple[int, int], str]]
    wholes: dict[tuple[int, int], str]


def passages(answers: Iterable[str]) -> Passages:
    """Collect what counts of answers in samples that are not their own."""
    known: dict[int, dict[tuple[int, int], str]] = {}
    wholes: dict[tuple[int, int], str] = {}
    for answer in dict.fromkeys(answers):
        read = letters(answer)
        wholes.setdefault(read.whole, answer)
        for first, last in _stretches(read, answer):
            beginning = read.hash(first, first + RUN)[1]
            known.setdefault(beginning, {}).setdefault(read.hash(first, last), answer)
    return Passages(np.array(sorted(known), dtype=np.uint64), known, wholes)


def _stretches(read: Letters, answer: str) -> set[tuple[int, int]]:
    """Return where the answer, its lines and its sentences stand among its letters, if they are long enough."""
    found = {(0, len(read.codes))}
    for pattern in CUTS:
        cuts = [0, *(cut.end() for cut in pattern.finditer(answer)), len(answer)]
        found |= set(pairwise(np.searchsorted(read.begins, cuts).tolist()))
    return {(first, last) for first, last in found if last - first >= RUN}


NO_PASSAGES = passages(())


class Found(NamedTuple):
    """A run of letters, from `first` to before `last`, the answer that has it, and whether it is the whole answer."""

    first: int
    last: int
    answer: str
    whole: bool


def mask_overlap(
    text: str,
    answers: Sequence[str],
    others: Passages = NO_PASSAGES,
    kept: Sequence[str] = (),
    within: Sequence[tuple[int, int]] | None = None,
) -> tuple[str, int]:
    """Replace what a text shares with answers by length and hash.

    Args:
        text: The text.
        answers: Every run of `RUN` of their letters is replaced.
        others: Of these whole sentences and lines are replaced.
        kept: Texts that stay as they are: what stands in one of them is replaced only within a longer run.
        within: The only stretches of the text in which anything is replaced, each by itself; everywhere by default.

    Returns:
        The text, and how many times something was replaced.
    """
    read = letters(text, within)
    found, pieces, done = _shared(read, tuple(answers), others, tuple(kept)), [""], 0
    for run in found:
        begin, end = read.place(run.first, run.last)
        its = placeholder(run.answer)
        if run.whole:
            begin, end = _widened(text, begin, end, its)
        pieces += [text[done:begin], its.whole if run.whole else its.part(end - begin)]
        done = end
    return "".join([*pieces, text[done:]]), len(found)


def shared_places(
    text: str, answers: Sequence[str], others: Passages = NO_PASSAGES, kept: Sequence[str] = ()
) -> list[tuple[int, int, str]]:
    """Return where a text shares letters with answers, under the rule of `mask_overlap`, and the answer each time."""
    read = letters(text)
    found = _shared(read, tuple(answers), others, tuple(kept))
    return [(*read.place(run.first, run.last), run.answer) for run in found]


def short(answers: Sequence[str]) -> list[str]:
    """Return the answers that `mask_overlap` does not see, because they have fewer than `RUN` letters."""
    return [answer for answer in answers if len(letters(answer).codes) < RUN]


def _widened(text: str, begin: int, end: int, its: Placeholder) -> tuple[int, int]:
    """Take in what stands around an answer's letters, as far as it stands here too."""
    for char in reversed(its.lead):
        if char in STRUCTURAL or text[max(0, begin - 1) : begin] != char:
            break
        begin -= 1
    for char in its.tail:
        if char in STRUCTURAL or text[end : end + 1] != char:
            break
        end += 1
    return begin, end


class _Runs(NamedTuple):
    """Every run of `RUN` letters of some answers: the hashes, sorted, the answer of each, and the whole answers."""

    hashes: Hashes
    owners: NDArray[np.int64]
    wholes: dict[tuple[int, int], str]


def _shared(read: Letters, answers: tuple[str, ...], others: Passages, kept: tuple[str, ...]) -> list[Found]:
    """Find the runs that a text shares with answers, in order, each as long as it goes.

    A run counts if `NEW` letters of it stand in none of the texts that are kept.
    """
    own, hashes, count = _runs(answers), read.runs, len(read.codes)
    first = np.flatnonzero(_among(hashes, own.hashes))
    elsewhere = _passages_in(read, hashes, others)
    if not len(first) and not elsewhere:
        return []
    passage = np.array([(run.first, run.last) for run in elsewhere], dtype=np.int64).reshape(-1, 2)
    covered = _covered(count, np.append(first, passage[:, 0]), np.append(first + RUN, passage[:, 1]))
    stays = np.flatnonzero(_among(hashes, _all_runs(kept)))
    new = np.append(0, np.cumsum(covered & ~_covered(count, stays, stays + RUN)))
    sources = {run.first: run.answer for run in elsewhere}
    found = []
    for begin, end in np.flatnonzero(np.diff(covered, prepend=False, append=False)).reshape(-1, 2).tolist():
        if new[end] - new[begin] >= NEW:
            answer = own.wholes.get(read.hash(begin, end)) or others.wholes.get(read.hash(begin, end))
            source = sources.get(begin) or answers[own.owners[np.searchsorted(own.hashes, hashes[begin])]]
            found.append(Found(begin, end, answer or source, answer is not None))
    return found


def _covered(count: int, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which of a number of letters stand in a stretch."""
    steps = np.bincount(begins, minlength=count + 1) - np.bincount(ends, minlength=count + 1)
    covered: NDArray[np.bool_] = np.cumsum(steps)[:count] > 0
    return covered


def _passages_in(read: Letters, hashes: Hashes, others: Passages) -> list[Found]:
    places, found = np.flatnonzero(_among(hashes, others.firsts)), []
    for beginning in np.unique(hashes[places]).tolist():
        begins = places[hashes[places] == beginning]
        for (size, whole), answer in others.known[beginning].items():
            fitting = begins[begins + size <= len(read.codes)]
            same = fitting[read.hashed(fitting, size) == whole]
            found += [Found(first, first + size, answer, False) for first in same.tolist()]
    return found


@lru_cache(maxsize=4)
def _runs(answers: tuple[str, ...]) -> _Runs:
    read = [letters(answer) for answer in answers]
    hashes = np.concatenate([np.zeros(0, np.uint64), *(each.runs for each in read)])
    owners = np.repeat(np.arange(len(read)), [max(0, len(each.codes) - RUN + 1) for each in read])
    sorted_hashes, firsts = np.unique(hashes, return_index=True)
    wholes = {each.whole: answer for each, answer in reversed(list(zip(read, answers, strict=True)))}
    return _Runs(sorted_hashes, owners[firsts], wholes)


@lru_cache(maxsize=64)
def _all_runs(texts: tuple[str, ...]) -> Hashes:
    return np.sort(np.concatenate([np.zeros(0, np.uint64), *map(_runs_of, texts)]))


@lru_cache(maxsize=256)
def _runs_of(text: str) -> Hashes:
    return letters(text).runs


def _among(hashes: Hashes, known: Hashes) -> NDArray[np.bool_]:
    """Tell which hashes are among known ones, which are sorted."""
    if not len(known):
        return np.zeros(len(hashes), dtype=bool)
    found: NDArray[np.bool_] = known[np.searchsorted(known, hashes).clip(max=len(known) - 1)] == hashes
    return found
