"""What the batteries show, and the rules by which it is read, as tables."""

from collections.abc import Sequence
from typing import get_args

from analysis.report.cell_formatting import words
from analysis.report.pages.blocks import Table
from analysis.summary.battery_patterns import Verdict
from experiment.verdict.battery_verdict import CHAIN, FAMILY_ERROR, RULES
from experiment.verdict.verdict_rule import SIDE_ERROR, State

ANSWERS = ("yes", "no", *get_args(State)[2:])
COLUMNS = ("question", "answer", "evidence", "what would settle it")
RULE = {rule.pattern: rule for rule in RULES}


def verdict_table(verdict: Verdict) -> Table:
    """Tabulate what the rules make of one battery."""
    rows = tuple(
        words(each.question, RULE[each.pattern].answer(each.state), each.evidence, each.needed)
        for each in verdict.findings
    )
    conditions = ", ".join(f"{name} (run {number})" for name, number in verdict.conditions.items())
    simulated = " (simulated)" if verdict.simulated else ""
    return Table(f"{verdict.model}{simulated}: {verdict.of}", COLUMNS, rows, (f"It rests on {conditions}.",))


def decided(verdicts: Sequence[Verdict]) -> Table:
    """Tabulate the questions by their answers, a row for each battery; what all have in common stands in the title."""
    alike = len({each.of for each in verdicts}) == 1
    rows = tuple(
        words(each.model, *([] if alike else [each.of]), *(_answered(each, answer) for answer in ANSWERS))
        for each in verdicts
    )
    title = f"Which patterns hold ({verdicts[0].of})" if alike else "Which patterns hold"
    return Table(title, ("model", *([] if alike else ["of"]), *ANSWERS), rows)


def rules_table() -> Table:
    """Tabulate the rules."""
    columns = ("question", "pattern", "meaning", "pattern holds when", "does not hold when", "asked where this holds")
    rows = tuple(
        words(
            *(
                each.question.replace("$margin", "the margin"),
                each.pattern,
                each.meaning,
                each.holds_when,
                each.fails_when,
            ),
            *(each.explains or "-", f"{each.error:.2%}", each.source),
        )
        for each in RULES
    )
    often = f"{100 * FAMILY_ERROR:g} of 100 batteries"
    chain = ", ".join(CHAIN)
    notes = (
        f"Each limit is wrong on its side with the chance given, so that any claim is wrong in about {often} at most, "
        f"where sampling is the only error. {chain} are asked in this order, each at that chance only if those before "
        f"it are settled, else at {SIDE_ERROR:.2%}.",
        "What is said of a gap rests on the grader as the gap does: its line names the difference in specificity "
        "between the tiers that would undo it.",
    )
    return Table("The rules", (*columns, "error", "source"), rows, notes)


def _answered(verdict: Verdict, answer: str) -> str:
    found = [each.question for each in verdict.findings if RULE[each.pattern].answer(each.state) == answer]
    return ", ".join(found) or "-"
