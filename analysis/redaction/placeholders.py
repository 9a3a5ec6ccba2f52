"""What stands in a text where an answer stood."""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

from analysis.redaction.shingles import letters

PLACEHOLDER = re.compile(r"\[redacted: \d+ characters, (?:part of )?sha256 [0-9a-f]{16}\]")


class Placeholder(NamedTuple):
    """What stands for an answer: its length, the beginning of its sha256, and what stands around its letters."""

    length: int
    sha256: str
    lead: str
    tail: str

    @property
    def whole(self) -> str:
        """What replaces the whole answer."""
        return f"[redacted: {self.length} characters, sha256 {self.sha256}]"

    def part(self, length: int) -> str:
        """Return what replaces a part of the answer."""
        return f"[redacted: {length} characters, part of sha256 {self.sha256}]"


@lru_cache(maxsize=1024)
def placeholder(answer: str) -> Placeholder:
    """Return what stands for an answer; the hash is the one by which the suite's store names graded material."""
    sha256 = hashlib.sha256(answer.encode("utf-8", "replace")).hexdigest()[:16]
    read = letters(answer)
    begin, end = read.place(0, len(read.codes)) if len(read.codes) else (0, len(answer))
    return Placeholder(len(answer), sha256, answer[:begin], answer[end:])
