"""The letters of a text, and the hash of every run of them: what stays the same when a text is escaped or quoted."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

RUN = 24  # letters; judgement: about five English words, of which shorter runs stand in almost any text
WIDE = 3  # letters that a wide character counts for: eight Chinese ones say about as much as five English words
NO_LETTER = re.compile(r"(?<!\\)\\++[nrtbfav0\"'/]")
SPELT = re.compile(
    r"(?<!\\)\\++u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\++u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\)\\++(?:u(?P<four>[0-9a-fA-F]{4})|U(?P<eight>[0-9a-fA-F]{8})|x(?P<two>[0-9a-fA-F]{2}))"
)
PICTURES = range(0x2400, 0x2440)  # signs that a grader is shown for control characters
REPLACEMENT = 0xFFFD
BREAK, MARKED_WIDE, UNSEEN = 0x110000, 0x200000, 0xFFFFFFFF
BASE = 0x9E3779B97F4A7C15  # any large odd number
LIMIT = 1 << 64
TABLE = np.full(BREAK, UNSEEN, dtype=np.uint32)

Hashes: TypeAlias = NDArray[np.uint64]


class Letters(NamedTuple):
    """The letters and digits of a text; a wide one stands there `WIDE` times.

    Args:
        codes: A code for each, the same for both cases, with and without an accent.
        begins: Where each begins in the text.
        escapes: Where an escape ends, by where it begins.
        sums: Running sums, of which the hash of any run is made.
    """

    codes: Hashes
    begins: NDArray[np.int64]
    escapes: dict[int, int]
    sums: Hashes

    @property
    def runs(self) -> Hashes:
        """The hash of every run of `RUN` letters."""
        return self.hashed(slice(0, max(0, len(self.codes) - RUN + 1)), RUN)

    def hashed(self, firsts: slice | NDArray[np.int64], size: int) -> Hashes:
        """Return the hashes of the runs of a size that begin at some letters, none of which goes beyond the end."""
        if isinstance(firsts, slice):
            lasts: slice | NDArray[np.int64] = slice(firsts.start + size, firsts.stop + size)
        else:
            lasts = firsts + size
        return (self.sums[lasts] - self.sums[firsts]) * _powers(len(self.codes).bit_length())[1][firsts]

    def hash(self, first: int, last: int) -> tuple[int, int]:
        """Return how many letters a run has, and the hash of them all."""
        return last - first, int(self.hashed(slice(first, first + 1), last - first)[0])

    @property
    def whole(self) -> tuple[int, int]:
        """The number of letters, and the hash of them all."""
        return self.hash(0, len(self.codes))

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Return where a run stands in the text: from its letter `first` to before its letter `last`."""
        end = int(self.begins[last - 1])
        return int(self.begins[first]), self.escapes.get(end, end + 1)


def letters(text: str, within: Sequence[tuple[int, int]] | None = None) -> Letters:
    """Read the letters of a text.

    Args:
        text: The text; escapes of JSON and of Python, escaped any number of times, count as what they stand for.
        within: The only stretches of it that are read, from begin to before end; no run goes from one to the next.

    Returns:
        The letters; white space, punctuation, control and invisible characters are not among them.
    """
    codes, escapes = _codes(text), dict[int, int]()
    if "\\" in text:
        codes[[found.end() - 1 for found in NO_LETTER.finditer(text)]] = 0
        for found in SPELT.finditer(text):
            begin, end = found.span()
            codes[begin:end] = 0
            codes[begin] = _codes(_meant(found))[0]
            escapes[begin] = end
    if within is not None:
        begins_at, ends_at = np.array(within, dtype=np.int64).reshape(-1, 2).T
        steps = np.bincount(begins_at, minlength=len(codes) + 1) - np.bincount(ends_at, minlength=len(codes) + 1)
        codes = np.where(np.cumsum(steps)[:-1] > 0, codes, 0).astype(np.uint32)
        codes[begins_at] = BREAK
    begins = np.flatnonzero(codes)
    begins = np.repeat(begins, np.where(codes[begins] > BREAK, WIDE, 1))
    kept = codes[begins].astype(np.uint64)
    powers = _powers(len(kept).bit_length())[0]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(kept * powers[: len(kept)])])
    return Letters(kept, begins, escapes, sums)


def _meant(escape: re.Match[str]) -> str:
    """Return the character that an escape stands for."""
    high, low = escape["high"], escape["low"]
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    code = int(escape["four"] or escape["eight"] or escape["two"], 16)
    return chr(code) if code < BREAK else " "


def _codes(text: str) -> NDArray[np.uint32]:
    """Return the code of each character."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes: NDArray[np.uint32] = TABLE[points]
    if UNSEEN in codes:
        unseen = np.unique(points[codes == UNSEEN])
        TABLE[unseen] = [_code(chr(point)) for point in unseen.tolist()]
        codes = TABLE[points]
    return codes


def _code(char: str) -> int:
    """Return the code of a character, 0 if it does not count: symbols such as emoji do, accents do not."""
    folded = unicodedata.normalize("NFKD", char).casefold()
    letter = next((each for each in folded if each.isalnum()), "")
    if not letter and unicodedata.category(char) == "So" and ord(char) not in (*PICTURES, REPLACEMENT):
        letter = char
    wide = unicodedata.east_asian_width(char) == "W" and unicodedata.category(char) == "Lo"
    return ord(letter) + MARKED_WIDE * wide if letter else 0


@lru_cache(maxsize=4)
def _powers(bits: int) -> tuple[Hashes, Hashes]:
    """Return the powers of the base and of its inverse, modulo 2^64, enough for a number of letters of so many bits."""
    bases = (BASE, pow(BASE, -1, LIMIT))
    powers = [np.full(1 << bits, base, dtype=np.uint64) for base in bases]
    for each in powers:
        each[0] = 1
    found = [np.cumprod(each, dtype=np.uint64) for each in powers]
    return found[0], found[1]
