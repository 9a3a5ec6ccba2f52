"""The result of grading a text: each vote, what each grader's votes amount to, and what the whole panel's do."""

from collections.abc import Sequence
from typing import NamedTuple

from experiment.replies.vote_threshold import Rule, Tally
from scorers.grader.grade_parsing import Grade
from scorers.rubric import Rubric


class Failure(NamedTuple):
    """Why a vote came to nothing, in at most 300 characters, and whether the grader's provider refused to grade."""

    reason: str
    calls: int = 0
    asked_again: int = 0
    refused: bool = False


class Vote(NamedTuple):
    """A grader's vote.

    Args:
        grade: What it says.
        calls: How many calls it took.
        left_out: How many characters of the material were left out.
        asked_again: How many answers were asked for again.
    """

    grade: Grade
    calls: int
    left_out: int
    asked_again: int = 0


class GraderResult(NamedTuple):
    """What one grader's votes amount to.

    Args:
        grader: The grader's name.
        settings: A short hash of its generation options and model arguments.
        votes: Its votes, in the order of their numbers.
        values: Whether each score of the rubric is met, None where failed votes leave it open.
        tally: The votes on the rubric's headline.
    """

    grader: str
    settings: str
    votes: tuple[Vote | Failure, ...]
    values: dict[str, bool | None]
    tally: Tally


class Grading(NamedTuple):
    """What the grader role makes of a text: the result of one grader, or of a panel.

    Args:
        rubric: What was asked.
        rule: How many votes each grader has.
        by_grader: The result of each grader.
        values: Whether each score of the rubric is met, None where that is open.
    """

    rubric: Rubric
    rule: Rule
    by_grader: tuple[GraderResult, ...]
    values: dict[str, bool | None]

    @property
    def value(self) -> bool | None:
        """Whether the headline is met."""
        return self.values[self.rubric.headline]

    @property
    def tally(self) -> Tally:
        """The votes of all graders on the headline."""
        return Tally(*map(sum, zip(*(each.tally for each in self.by_grader), strict=True)))

    @property
    def calls(self) -> int:
        """How many calls were made for it, by whoever made them."""
        return sum(vote.calls for vote in self.votes)

    @property
    def asked_again(self) -> int:
        """How many answers could not be used, or had no valid quotations, and were asked for again."""
        return sum(vote.asked_again for vote in self.votes)

    @property
    def unsupported(self) -> int:
        """How many criteria, over all votes, were called met with a quotation that does not stand in the material."""
        return sum(len(vote.grade.fabricated_quotes) for vote in self.votes if isinstance(vote, Vote))

    @property
    def failed(self) -> int:
        """How many votes gave no answers, refused ones included."""
        return sum(isinstance(vote, Failure) for vote in self.votes)

    @property
    def refused(self) -> int:
        """How many of them the grader's provider refused."""
        return sum(isinstance(vote, Failure) and vote.refused for vote in self.votes)

    @property
    def left_out(self) -> int:
        """How many characters of the material at least one vote was not shown."""
        return max((vote.left_out for vote in self.votes if isinstance(vote, Vote)), default=0)

    @property
    def votes(self) -> list[Vote | Failure]:
        """Every vote of every grader."""
        return [vote for each in self.by_grader for vote in each.votes]

    def usable(self, name: str) -> list[Vote]:
        """Return the votes that did not fail, those that agree with the value of a score first."""
        cast = [vote for vote in self.votes if isinstance(vote, Vote)]
        return sorted(cast, key=lambda vote: vote.grade.values[name] != self.values[name])

    @property
    def problem(self) -> str:
        """Why there is no grade for the headline."""
        return self.problem_of(self.rubric.headline)

    def problem_of(self, name: str) -> str:
        """Say why there is no grade for a score."""
        failed = [vote.reason for vote in self.votes if isinstance(vote, Failure)]
        if failed:
            return failed[0]
        open_ = [vote.grade.fabricated_quotes for vote in self.usable(name) if vote.grade.values[name] is None]
        needs = self.rubric.front.scores[name].needs
        return without_quotation([each for each in open_[0] if each in needs]) if open_ else "the panel is divided"


def without_quotation(criteria: Sequence[str]) -> str:
    """Say which criteria a grader called met without a quotation that stands in the material."""
    return f"called met without a quotation that stands in the material: {', '.join(criteria)}"
