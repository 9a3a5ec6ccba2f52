"""What the batteries show, and the rules by which it is read, as tables."""

from collections.abc import Sequence
from typing import get_args

from analysis.report.cell_formatting import words
from analysis.report.pages.blocks import Table
from analysis.summary.patterns import Verdict
from experiment.verdict.battery_verdict import LEVEL
from experiment.verdict.judgement import State
from experiment.verdict.rules import RULES

STATES = get_args(State)
COLUMNS = ("pattern", "verdict", "evidence", "what would settle it")


def verdict_table(verdict: Verdict) -> Table:
    """Tabulate what the rules make of one battery."""
    rows = tuple(words(each.pattern, each.state, each.evidence, each.needed) for each in verdict.findings)
    conditions = ", ".join(f"{name} (run {number})" for name, number in verdict.conditions.items())
    simulated = " (simulated)" if verdict.simulated else ""
    return Table(f"{verdict.model}{simulated}: {verdict.of}", COLUMNS, rows, (f"It rests on {conditions}.",))


def decided(verdicts: Sequence[Verdict]) -> Table:
    """Tabulate which patterns hold, a row for each battery; what all have in common stands in the title."""
    alike = len({each.of for each in verdicts}) == 1
    rows = tuple(
        words(each.model, *([] if alike else [each.of]), *(_in_state(each, state) for state in STATES))
        for each in verdicts
    )
    title = f"Which patterns hold ({verdicts[0].of})" if alike else "Which patterns hold"
    return Table(title, ("model", *([] if alike else ["of"]), *STATES), rows)


def rules_table() -> Table:
    """Tabulate the rules."""
    columns = ("pattern", "meaning", "holds when", "does not hold when", "asked where this holds", "source")
    rows = tuple(
        words(each.pattern, each.meaning, each.holds_when, each.fails_when, each.explains or "-", each.source)
        for each in RULES
    )
    note = f"Limits are those at {100 * LEVEL:.4g}%, so that a battery holds any wrong claim in 1 of 100 cases at most."
    return Table("The rules", columns, rows, (note,))


def _in_state(verdict: Verdict, state: str) -> str:
    return ", ".join(each.pattern for each in verdict.findings if each.state == state) or "-"
