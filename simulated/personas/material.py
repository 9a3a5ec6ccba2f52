"""What the simulated grader grades, and the form of an answer about it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from simulated.personas import labels, thoughts
from simulated.personas.phrases import squeeze

BRACKET = re.compile(r"([<\[]) ")
LETTER = re.compile(r"[^\W_]")
BEGINNING = re.compile(r"(?:[\W_]*[^\W_]){6}\S*")

Answers = dict[str, object]
# The name of a score and whether it is truly met, to whether the grader says so.
Judge = Callable[[str, bool], bool]


@dataclass(frozen=True)
class Material:
    """What is graded.

    Args:
        text: The text.
        query: What it replies to.
    """

    text: str
    query: str = ""

    @cached_property
    def plain(self) -> str:
        """The text with single spaces, and none after a bracket, where a request may have put one."""
        return BRACKET.sub(r"\1", squeeze(self.text))

    @cached_property
    def beginning(self) -> str:
        """The first words, of at least six letters or digits; else the whole text, "" if it has none of them."""
        enough = BEGINNING.match(self.text)
        return enough[0] if enough else self.text if LETTER.search(self.text) else ""

    @cached_property
    def shown(self) -> dict[str, str]:
        """Criterion of private reasoning to the first known sentence that meets it."""
        return thoughts.evidence(self.plain)

    @cached_property
    def label(self) -> labels.Label:
        """What its label says; nothing of a text that holds nothing to quote."""
        return labels.find(self.text) if self.beginning else labels.UNKNOWN


def answer(question: str, quotation: str) -> Answers:
    """Answer a question that needs a quotation.

    Args:
        question: The question's name.
        quotation: The quotation, "" for none.

    Returns:
        The quotation and the answer, which is yes exactly when there is one.
    """
    return {f"{question}_quote": quotation, question: bool(quotation)}
