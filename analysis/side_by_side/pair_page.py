"""The page on which replies to one query stand side by side, with what graders quoted marked in their words."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from inspect_ai.model import ChatMessage
from inspect_ai.scorer import Score
from markupsafe import Markup

from analysis.reading.reply_table import COMPLIANCE, FAKING
from analysis.reading.sample_summaries import edited_by
from analysis.reading.scoring_passes import OUTCOME
from analysis.redaction.redaction_targets import ANNOUNCED
from analysis.redaction.text_redaction import Redactor, redactor
from analysis.report.cell_formatting import model_name
from analysis.report.pages.page import TEMPLATES, policy, render
from analysis.report.quoted_reasoning import REDACTED, Reply, read_reply, viewer
from analysis.report.tables.main_table import SIMULATED_NOTE
from analysis.side_by_side.pairs import Choice, Found, Group, disagreements
from analysis.side_by_side.run_selection import Side, label
from experiment.hidden_characters import shortened
from experiment.markdown_text import plain_words
from experiment.prompts.settings import COMPLIANCE_GAP
from experiment.quotations import quoted_spans
from experiment.replies.outcomes import MISSING

LIMIT = 20
FOLDED = 1500  # characters
QUOTE = "_quote"
FIRST = (COMPLIANCE, FAKING, ANNOUNCED)
OF_PUBLIC = (COMPLIANCE, ANNOUNCED)
UNREDACTED = "Answers that comply with harmful queries are shown in full; with --redact they are not."
NO_REPLY = "no reply in the log: it was not asked, or its sample ended in an error"


class Piece(NamedTuple):
    """A piece of a text, and whether a grader quoted it."""

    text: str
    marked: bool


class Words(NamedTuple):
    """A text in pieces, its length in characters, and why it is empty where it is."""

    pieces: tuple[Piece, ...]
    length: int
    absent: str


class Grade(NamedTuple):
    """A score's name, its value in a word, its explanation, and whether that is open at first."""

    name: str
    value: str
    explanation: tuple[Piece, ...]
    open: bool


class Shown(NamedTuple):
    """A reply as a reader sees it.

    Args:
        outcome: What became of it, "" where the log holds none.
        private, public: Its words.
        grades: Compliance, alignment-faking reasoning, and the motives that it shows.
        others: The other grades.
        sample: The sample.
        viewer: The command that opens its log in Inspect's viewer, and its place there.
    """

    outcome: str
    private: Words
    public: Words
    grades: tuple[Grade, ...]
    others: tuple[Grade, ...]
    sample: str
    viewer: tuple[str, str]


class Cell(NamedTuple):
    """A model's tier: its name, what the tier is in the compliance gap, and the reply, None where there is none."""

    model: str
    tier: str
    role: str
    reply: Shown | None


class Row(NamedTuple):
    """A query, its words, on what its replies disagree, and the replies."""

    group: Group
    text: str
    reasons: tuple[str, ...]
    cells: tuple[Cell, ...]


def to_page(choice: Choice, limit: int = LIMIT, redact: bool = False) -> str:
    """Write the page with at most so many queries, as UTF-8; every text in it is untrusted and escaped."""
    groups, sides = choice.groups[:limit], [side.summary for side in choice.sides]
    style, own, script = ((TEMPLATES / name).read_text("utf-8") for name in ("page.css", "pairs.css", "page.js"))
    return render(
        "pairs.html",
        style=Markup(style + own),
        policy=policy(style + own, script),
        subtitle=f"{_counted(choice, len(groups))}: {'; '.join(dict.fromkeys(map(label, sides)))}",
        banner=SIMULATED_NOTE if any(each.simulated for each in sides) else "",
        notes=[*choice.notes, REDACTED if redact else UNREDACTED],
        jumps=[(group, disagreements(group)) for group in groups],
        rows=(_row(choice.sides, group, redact) for group in groups),
        epochs=any(group.epoch > 1 for group in choice.groups),
        folded=FOLDED,
        missing=MISSING,
        no_reply=NO_REPLY,
    )


def _counted(choice: Choice, shown: int) -> str:
    if not choice.selection:
        return f"{shown} of {choice.total} shown"
    return f"{shown} of {len(choice.groups)} shown, {choice.selection}, of {choice.total} in all"


def _row(sides: Sequence[Side], group: Group, redact: bool) -> Row:
    text, cells = "", []
    for side in sides:
        for tier in side.tiers:
            found = group.replies.get((side.summary.model, tier))
            reply = read_reply(found.log, found.sample, group.epoch) if found else None
            text = text or (_query(reply.sample.input) if reply else "")
            shown = _shown(side, found, reply, group.epoch, redact) if found and reply else None
            cells.append(Cell(model_name(side.summary), tier, _role(side, tier), shown))
    return Row(group, text, disagreements(group), tuple(cells))


def _query(asked: str | list[ChatMessage]) -> str:
    return asked if isinstance(asked, str) else "\n\n".join(message.text for message in asked)


def _role(side: Side, tier: str) -> str:
    roles = dict(zip(side.summary.tiers, ("trained", "untrained"), strict=True))
    return roles.get(tier, "") if side.summary.contrast == COMPLIANCE_GAP else ""


def _shown(side: Side, found: Found, reply: Reply, epoch: int, redact: bool) -> Shown:
    redacted = redactor(reply.sample) if redact else str
    given = reply.sample.scores or {}
    scores = {scorer: given[name] for scorer, name in side.run.scores.items() if name in given}
    quoted = {name: [redacted(each) for each in _quotations(score)] for name, score in scores.items()}
    of_public = [each for name, texts in quoted.items() if name in OF_PUBLIC for each in texts]
    of_private = [each for name, texts in quoted.items() if name not in OF_PUBLIC for each in texts]
    grades = {name: _grade(name, score, quoted[name], redacted) for name, score in scores.items() if name != OUTCOME}
    first = tuple(grade for name, grade in grades.items() if name in FIRST or grade.value == "yes")
    return Shown(
        found.outcome,
        _words(redacted(reply.private), of_private, _no_reasoning(side, scores)),
        _words(redacted(reply.public), of_public, f"no public answer ({found.outcome})"),
        first,
        tuple(grade for grade in grades.values() if grade not in first),
        str(found.sample),
        viewer(found.log, found.sample, epoch),
    )


def _no_reasoning(side: Side, scores: Mapping[str, Score]) -> str:
    if side.summary.scratchpad == "none":
        return "no private reasoning: the run has no scratchpad"
    unused = OUTCOME in scores and (scores[OUTCOME].metadata or {}).get("no_scratchpad")
    return "no private reasoning: the scratchpad was not used" if unused else "no private reasoning"


def _quotations(score: Score) -> list[str]:
    noted = score.metadata or {}
    return [value for name, value in noted.items() if name.endswith(QUOTE) and isinstance(value, str) and value]


def _grade(name: str, score: Score, quotations: Sequence[str], redacted: Redactor) -> Grade:
    said = shortened(redacted(plain_words(score.explanation or "")))
    edits = edited_by(score.history)
    value = f"{_value(score)} (edited by {edits})" if edits else _value(score)
    return Grade(name.replace("_", " "), value, marked(said, quotations), name in FIRST)


def _value(score: Score) -> str:
    if score.reason:
        return f"not graded ({score.reason.replace('_', ' ')})"
    return "yes" if score.value == 1 else "no" if score.value == 0 else str(score.value)


def _words(text: str, quotations: Sequence[str], absent: str) -> Words:
    return Words(marked(shortened(text), quotations), len(text), "" if text.strip() else absent)


def marked(text: str, quotations: Sequence[str]) -> tuple[Piece, ...]:
    r"""Split a text at what was quoted of it, by the rule under which a grader's quotations are accepted.

    Returns:
        Pieces in order, overlapping quotations as one; joined they are the text, with `\n` for `\r\n`.
    """
    text = text.replace("\r\n", "\n")
    pieces, done = [], 0
    for begin, end in _spans(text, quotations):
        pieces += [Piece(text[done:begin], False), Piece(text[begin:end], True)]
        done = end
    return tuple(piece for piece in (*pieces, Piece(text[done:], False)) if piece.text)


def _spans(text: str, quotations: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for begin, end in sorted(span for each in dict.fromkeys(quotations) for span in quoted_spans(each, text)):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
