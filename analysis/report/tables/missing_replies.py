"""Tables of the replies that were not measured, by reason and tier, and of the forms in which reasoning came."""

from collections.abc import Sequence

from analysis.reading.generation_options import UNRECORDED
from analysis.report.cell_formatting import count, counted, run_cells
from analysis.report.pages.blocks import Cell, Table
from analysis.summary.run_summary import Summary
from experiment.replies.malformed_reasons import LABELS

REASONING = (
    *("run", "model", "tier", "replies", "no private reasoning", "not in the form asked for"),
    *("hidden by the provider", "tier's tag in the answer", "forms"),
)
EXPLAINED = (
    "No private reasoning: of all replies of the tier, those that were cut off included.",
    "Hidden by the provider: reasoning that is redacted or encrypted without a summary, or of which only tokens are "
    "counted; it is not graded.",
    "Tier's tag in the answer: it was masked before a grader read the answer.",
    "Forms: all that reasoning was recognised by, whether or not the mode asks for it.",
)


def reasons_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate why replies were not measured, in tiers where some were not."""
    lost = [(each, tier, found) for each in summaries for tier in _tiers(each) if (found := each.health.lost(tier))]
    reasons = [reason for reason in LABELS if any(reason in found for _, _, found in lost)]
    rows = tuple(
        (
            *_of(each, tier),
            count(sum(found.values())),
            *(count(found.get(reason, 0)) for reason in reasons),
        )
        for each, tier, found in lost
    )
    heads = ("run", "model", "tier", "replies", "not measured", *(LABELS[reason] for reason in reasons))
    return Table("Replies that were not measured, by reason", heads, rows)


def reasoning_table(summaries: Sequence[Summary]) -> Table:
    """Tabulate in which forms the reasoning came, in every tier."""
    rows = tuple(
        (
            *_of(each, tier),
            *(
                counted(each.health.number_of(name, tier), each.health.replies[tier])
                for name in ("no_scratchpad", "native_reasoning", "hidden_reasoning", "echoed_tags")
            ),
            Cell(_forms(each.health.forms.get(tier))),
        )
        for each in summaries
        for tier in _tiers(each)
    )
    return Table("How the reasoning came (replies, and per cent of the tier's)", REASONING, rows, EXPLAINED)


def _tiers(summary: Summary) -> list[str]:
    """Return the tiers of which there are replies, those of the main contrast first."""
    replies = summary.health.replies
    return [tier for tier in dict.fromkeys([*summary.tiers, *replies]) if tier in replies]


def _of(summary: Summary, tier: str) -> tuple[Cell, ...]:
    return *run_cells(summary, tier), count(summary.health.replies[tier])


def _forms(forms: dict[str, int] | None) -> str:
    return UNRECORDED if forms is None else "; ".join(f"{form} {number}" for form, number in forms.items())
