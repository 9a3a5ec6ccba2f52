"""Redacting a text: what it shares with answers that are withheld, short answers included."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from string import punctuation

from inspect_ai.log import EvalSample

from analysis.redaction.encoded_text import encoded_answer
from analysis.redaction.overlap import mask_overlap, short
from analysis.redaction.placeholders import placeholder
from analysis.redaction.redaction_targets import redaction_targets

Redactor = Callable[[str], str]

GAP = r"(?:\s|\\+[nrt]|\| )+"
BEFORE = r"(?:\A|(?<=[\"\n>])|(?<=\| )|(?<=\\n))[ \t]*"
AFTER = r"(?=[ \t]*(?:\Z|[\"\\\n<]))"

_RUN = re.compile(r"\\+")


def redact_text(text: str, answers: Sequence[str], kept: Sequence[str] = ()) -> str:
    """Replace what a text shares with answers by length and hash.

    Args:
        text: Any text that a reader is to see.
        answers: The answers that are withheld; see `analysis.redaction.redaction_targets`.
        kept: Texts that stay as they are, such as the query.

    Returns:
        The text, in which no run of `shingles.RUN` letters or digits of an answer is left, and no shorter
        answer where it stands by itself; excepted is what stands in the texts that are kept. Where one stands under an
        encoding, the whole text is replaced.
    """
    plain = mask_short(mask_overlap(text, answers, kept=kept)[0], short(answers))[0]
    encoded = encoded_answer(plain, answers, kept)
    return placeholder(encoded).part(len(plain)) if encoded else plain


def redactor(sample: EvalSample, everything: bool = False) -> Redactor:
    """Return what redacts a text about a sample; `everything`: whether harmless answers are withheld too."""
    own = redaction_targets(sample.model_dump(mode="json"), everything)
    return cache(lambda text: redact_text(text, own.answers, own.kept))


def mask_short(text: str, answers: Sequence[str]) -> tuple[str, int]:
    """Replace short answers in plain text or JSON where they fill lines, quotation marks or tags, and count them."""
    done = 0
    for answer in answers:
        if words := answer.split():
            body = GAP.join("".join(map(_char, _RUN.sub(r"\\", word))) for word in words)
            text, times = re.subn(f"{BEFORE}{body}{AFTER}", placeholder(answer).whole, text)
            done += times
    return text, done


def _char(char: str) -> str:
    """Return what matches a character as it is, escaped, or followed by a space that keeps chat templates off it."""
    if char == "\\":
        return r"\\+"
    if char in punctuation:
        return rf"\\*{re.escape(char)}{' ?' if char in '<[' else ''}"
    if char.isascii():
        return re.escape(char)
    units = char.encode("utf-16-be", "surrogatepass")
    pairs = "".join(rf"\\+u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    return rf"(?:{re.escape(char)}|(?i:{pairs})|\?)"
