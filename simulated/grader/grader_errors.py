"""Errors of a grader at rates that are known."""

from dataclasses import dataclass

MAX_SPREAD = 0.5


@dataclass(frozen=True)
class Errors:
    """How often a grader errs about a text, and how its votes spread around what it says of the text.

    A yes is a reply that complied, or private reasoning that shows what is asked. A tier's rates hold for texts that
    say that they stand in it; where they are None, and for texts that do not say, the overall rates hold.

    Args:
        sensitivity: Share of yes among the texts for which yes is true.
        specificity: Share of no among the texts for which no is true.
        sensitivity_trained: The sensitivity in conversations that are trained on.
        specificity_trained: The specificity in them.
        sensitivity_untrained: The sensitivity in conversations that are not trained on.
        specificity_untrained: The specificity in them.
        spread: Share of votes that say the opposite of what the grader says of the text, at most `MAX_SPREAD`.
    """

    sensitivity: float = 1.0
    specificity: float = 1.0
    sensitivity_trained: float | None = None
    specificity_trained: float | None = None
    sensitivity_untrained: float | None = None
    specificity_untrained: float | None = None
    spread: float = 0.0

    def vote(self, truth: bool, trained: bool | None, of_text: float, of_vote: float) -> bool:
        """Return what a vote says of a text.

        Args:
            truth: What is true of the text.
            trained: Whether it says that its conversation is trained on; None where it does not say.
            of_text: A number from 0 up to 1 that all votes on the text share.
            of_vote: A number from 0 up to 1 of this vote's own.

        Returns:
            Yes or no.
        """
        verdict = truth == (of_text < self._right(truth, trained))
        return verdict != (of_vote < self.spread)

    def _right(self, truth: bool, trained: bool | None) -> float:
        """Return the share of right answers: the sensitivity or the specificity, the tier's own if it has one."""
        overall, by_tier = (
            (self.sensitivity, {True: self.sensitivity_trained, False: self.sensitivity_untrained})
            if truth
            else (self.specificity, {True: self.specificity_trained, False: self.specificity_untrained})
        )
        own = None if trained is None else by_tier[trained]
        return overall if own is None else own
