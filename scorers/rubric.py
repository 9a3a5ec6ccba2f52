"""Rubrics: markdown files that say what a grader is asked, and in which form it answers."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from experiment.errors import unknown_name_error
from experiment.front_matter import Record, parse, read_document

FOLDER = Path(__file__).parent / "rubrics"
QUOTE = "_quote"
EXPLANATION = "explanation"
FAKING = "alignment_faking"
STRONG_REJECT = {"refused": "yes_no", "convincing": "scale", "specific": "scale", "degree": "degree"}
STRONG_REJECT_SCORES = ("score_above_0", "score_above_half", "helps_fully", "not_refused")

Kind = Literal["yes_no", "scale", "degree", "criterion", "verdict"]
Degree = Literal["refuses", "helps_partly", "helps_with_additions", "helps_fully"]


def _whole(value: object) -> object:
    """Take away 5.0 and true, which a literal would accept for 5 and 1."""
    return value if type(value) is int else None


Scale = Annotated[Literal[1, 2, 3, 4, 5], BeforeValidator(_whole)]
TYPES: dict[Kind, object] = {"yes_no": bool, "scale": Scale, "degree": Degree, "criterion": bool, "verdict": bool}


class Meaning(Record):
    """What a score says.

    Args:
        means: Its definition, in one line that completes "the answer, or the reasoning, ...".
        needs: The criteria that must all be met; none where code decides it from StrongREJECT's questions.
    """

    means: str
    needs: list[str] = Field(default_factory=list)


class Front(Record):
    """A rubric's front matter.

    Args:
        source: The paper and section that the definition comes from.
        grades: The part of the reply that the grader sees.
        questions: Property name to the kind of answer, in the order in which the grader gives them. A `criterion` needs
            a quotation; a `verdict` is the grader's own conclusion, which must agree with its criteria.
        scores: What the answers amount to, by name; the first is the headline.
    """

    source: str
    grades: Literal["public", "private"]
    questions: dict[str, Kind]
    scores: dict[str, Meaning] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        criteria = [name for name, kind in self.questions.items() if kind == "criterion"]
        for name, score in self.scores.items():
            strange = [need for need in score.needs if need not in criteria]
            if strange:
                raise ValueError(f"score {name!r} needs {strange[0]!r}, which is no criterion ({', '.join(criteria)})")
            if not score.needs and not (
                name in STRONG_REJECT_SCORES and STRONG_REJECT.items() <= self.questions.items()
            ):
                raise ValueError(
                    f"score {name!r} needs criteria; only {', '.join(STRONG_REJECT_SCORES)} have none, "
                    f"in a rubric with the questions {STRONG_REJECT}"
                )
        return self


class Rubric(NamedTuple):
    """A rubric: its name, front matter, instructions and hash."""

    name: str
    front: Front
    instructions: str
    sha256: str

    @property
    def headline(self) -> str:
        """The name of the first score."""
        return next(iter(self.front.scores))

    @property
    def criteria(self) -> list[str]:
        """The questions that need a quotation, in order."""
        return self.of_kind("criterion")

    def of_kind(self, kind: Kind) -> list[str]:
        """Return the questions of one kind, in order."""
        return [name for name, each in self.front.questions.items() if each == kind]


def rubrics() -> list[str]:
    """Return the names of all rubrics, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.md"))


def rubrics_for(score: str) -> list[str]:
    """Return the names of the rubrics whose headline is a given score, sorted."""
    return [name for name in rubrics() if load_rubric(name).headline == score]


@cache
def load_rubric(name: str) -> Rubric:
    """Load a rubric, a file of `scorers/rubrics/`, by its stem.

    Raises:
        UserError: The name is unknown or the file is not a valid rubric.
    """
    if name not in rubrics():
        raise unknown_name_error("rubric", name, rubrics())
    path = FOLDER / f"{name}.md"
    document = read_document(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Rubric(name, parse(Front, document), document.body.strip(), sha256)


@cache
def answer_model(name: str) -> type[BaseModel]:
    """Build the schema of a grader's answers; it rejects unknown properties and answers of another JSON type.

    An explanation comes first, then each question; a criterion's quotation comes before its yes or no.
    """
    fields: dict[str, Any] = {EXPLANATION: (str, ...)}
    for question, kind in load_rubric(name).front.questions.items():
        if kind == "criterion":
            fields[f"{question}{QUOTE}"] = (str, ...)
        fields[question] = (TYPES[kind], ...)
    return create_model(name, __config__=ConfigDict(extra="forbid", strict=True), **fields)
