"""What graders said of a text: votes, opinions, and the grading they add up to."""

from collections.abc import Sequence
from typing import NamedTuple

from experiment.replies.vote_threshold import Rule, Tally
from scorers.grader.verdict import Verdict
from scorers.rubric import Rubric


class Failure(NamedTuple):
    """Why a grader gave no verdict.

    Args:
        reason: In at most 300 characters.
        calls: How many calls were made.
        asked_again: How many answers were asked for again.
        refused: Whether the grader's provider refused to grade.
    """

    reason: str
    calls: int = 0
    asked_again: int = 0
    refused: bool = False


class Vote(NamedTuple):
    """A grader's verdict.

    Args:
        verdict: The verdict.
        calls: How many calls it took.
        left_out: How many characters of the material were left out.
        asked_again: How many answers were asked for again.
    """

    verdict: Verdict
    calls: int
    left_out: int
    asked_again: int = 0


class Opinion(NamedTuple):
    """What one grader makes of a text.

    Args:
        grader: The grader's name.
        settings: A short hash of its generation options and model arguments.
        votes: Its votes, in the order of their numbers.
        values: Its verdict for each score of the rubric, None where failed votes leave it open.
        tally: The votes on the rubric's headline.
    """

    grader: str
    settings: str
    votes: tuple[Vote | Failure, ...]
    values: dict[str, bool | None]
    tally: Tally


class Grading(NamedTuple):
    """What the grader role makes of a text: one opinion, or a panel's.

    Args:
        rubric: What was asked.
        rule: How many votes each grader has.
        opinions: What each grader says.
        values: The verdict for each score of the rubric, None where there is none.
    """

    rubric: Rubric
    rule: Rule
    opinions: tuple[Opinion, ...]
    values: dict[str, bool | None]

    @property
    def value(self) -> bool | None:
        """The headline's verdict."""
        return self.values[self.rubric.headline]

    @property
    def grader(self) -> str:
        """Who judged: one name, or the panel's names."""
        return ", ".join(opinion.grader for opinion in self.opinions)

    @property
    def settings(self) -> str:
        """Hashes of the graders' settings, in the order of their names."""
        return ", ".join(opinion.settings for opinion in self.opinions)

    @property
    def tally(self) -> Tally:
        """The votes of all graders on the headline."""
        return Tally(*map(sum, zip(*(opinion.tally for opinion in self.opinions), strict=True)))

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
        return sum(len(vote.verdict.fabricated_quotes) for vote in self.votes if isinstance(vote, Vote))

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
        return [vote for opinion in self.opinions for vote in opinion.votes]

    def usable(self, name: str) -> list[Vote]:
        """Return the votes that say something, those that agree with the verdict on a score first."""
        cast = [vote for vote in self.votes if isinstance(vote, Vote)]
        return sorted(cast, key=lambda vote: vote.verdict.values[name] != self.values[name])

    @property
    def problem(self) -> str:
        """Why there is no verdict on the headline."""
        return self.problem_of(self.rubric.headline)

    def problem_of(self, name: str) -> str:
        """Say why there is no verdict on a score."""
        failed = [vote.reason for vote in self.votes if isinstance(vote, Failure)]
        if failed:
            return failed[0]
        open_ = [vote.verdict.fabricated_quotes for vote in self.usable(name) if vote.verdict.values[name] is None]
        needs = self.rubric.front.scores[name].needs
        return without_quotation([each for each in open_[0] if each in needs]) if open_ else "the panel is divided"


def without_quotation(criteria: Sequence[str]) -> str:
    """Say which criteria a grader called met without a quotation that stands in the material."""
    return f"called met without a quotation that stands in the material: {', '.join(criteria)}"
