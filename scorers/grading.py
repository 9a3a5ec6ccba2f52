"""What graders said of a text: votes, opinions, and the grading they add up to."""

from typing import NamedTuple

from experiment.votes import Rule, Tally
from scorers.rubric import Rubric
from scorers.verdict import Verdict


class Failure(NamedTuple):
    """Why a grader gave no verdict, and how many calls that took."""

    reason: str
    calls: int = 0


class Vote(NamedTuple):
    """A grader's verdict, how many calls it took, and how many characters of the material were left out."""

    verdict: Verdict
    calls: int
    left_out: int


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
        """Why there is no verdict."""
        failed = [vote.reason for vote in self.votes if isinstance(vote, Failure)]
        return failed[0] if failed else "the panel is divided"
