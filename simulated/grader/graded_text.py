"""The text that the simulated grader grades, and what it finds in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from simulated.grader import labelled_texts
from simulated.personas.fact_phrases import collapse_spaces
from simulated.personas.reasoning_styles import evidence

BRACKET = re.compile(r"([<\[]) ")
_ESCAPE = r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"  # what a request spells a hidden character as
_NO_LETTERS = rf"(?>{_ESCAPE}|[\W_])*+"
LETTER = re.compile(rf"{_NO_LETTERS}[^\W_]")
BEGINNING = re.compile(rf"(?:{_NO_LETTERS}[^\W_]){{6}}\S*")

Answers = dict[str, object]
# The name of a score and whether it is truly met, to whether the grader says so.
Judge = Callable[[str, bool], bool]


@dataclass(frozen=True)
class GradedText:
    """A text that is graded, and the query that it replies to."""

    text: str
    query: str = ""

    @cached_property
    def plain(self) -> str:
        """The text with single spaces, and none after a bracket, where a request may have put one."""
        return BRACKET.sub(r"\1", collapse_spaces(self.text))

    @cached_property
    def beginning(self) -> str:
        """The first words, of at least six letters or digits; else the whole text, "" if it has none of them."""
        enough = BEGINNING.match(self.text)
        return enough[0] if enough else self.text if LETTER.match(self.text) else ""

    @cached_property
    def shown(self) -> dict[str, str]:
        """Criterion of private reasoning to the first known sentence that meets it."""
        return evidence(self.plain)

    @cached_property
    def label(self) -> labelled_texts.Label:
        """What its label says; nothing of a text that holds nothing to quote."""
        return labelled_texts.find(self.text) if self.beginning else labelled_texts.UNKNOWN


def quoted_answer(question: str, quotation: str) -> Answers:
    """Answer a question that needs a quotation: yes exactly when there is one."""
    return {f"{question}_quote": quotation, question: bool(quotation)}
