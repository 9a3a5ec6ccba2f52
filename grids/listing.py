"""What a grid is, for the terminal: its cells with their calls, tokens and cost."""

from collections.abc import Mapping, Sequence

from inspect_ai.model import ModelCost
from rich.table import Table

from experiment.call_counts import Calls
from experiment.errors import UserError
from grids.cost_estimate import ASSUMED, Estimate, costs, estimate, total
from grids.plan import Planned

Prices = Mapping[str, ModelCost]


def listed(plan: Sequence[Planned], prices: Prices | None) -> Table:
    """List the cells of a grid, and their sum.

    Args:
        plan: The cells.
        prices: A model's name to its prices, None where there is no file of them.

    Returns:
        A table with a row for each cell.

    Raises:
        UserError: A model has no price.
    """
    table = Table("cell", "samples", "shards", "subject calls", "grader calls", "tokens in", "tokens out", "cost")
    estimates = [estimate(planned) for planned in plan]
    for planned, each in zip(plan, estimates, strict=True):
        table.add_row(planned.cell.name, f"{planned.samples:,}", f"{len(planned.shards)}", *_row(each, prices))
    table.add_section()
    samples, parts = sum(planned.samples for planned in plan), sum(len(planned.shards) for planned in plan)
    table.add_row(f"{len(plan)} cells", f"{samples:,}", f"{parts}", *_row(summed(estimates), prices))
    table.caption, table.caption_justify = ASSUMED, "left"
    return table


def summed(estimates: Sequence[Estimate]) -> Estimate:
    """Add up what cells would take."""
    calls = Calls(*(sum(each) for each in zip(*(each.calls for each in estimates), strict=True)))
    return Estimate(calls, total(each.tokens for each in estimates))


def refuse_beyond(plan: Sequence[Planned], prices: Prices | None, most: float) -> None:
    """Refuse to start what would cost too much.

    Args:
        plan: The cells that are to be run.
        prices: A model's name to its prices.
        most: Dollars.

    Raises:
        UserError: There are no prices, or the cells would cost more.
    """
    if prices is None:
        raise UserError("--max-cost needs --prices FILE, in the format of Inspect's --model-cost-config")
    cost = total_cost(plan, prices)
    if not cost <= most:  # nor where it is no number
        raise UserError(f"the grid would cost up to ${cost:,.2f}, more than --max-cost {most:g}; nothing was called")


def total_cost(plan: Sequence[Planned], prices: Prices) -> float:
    """Return what cells would cost at most, in dollars, or refuse prices that lack a model."""
    return costs(summed([estimate(planned) for planned in plan]).tokens, prices)


def _row(each: Estimate, prices: Prices | None) -> list[str]:
    calls = each.calls
    graded = f"{calls.fewest:,}" if calls.fewest == calls.most else f"{calls.fewest:,} to {calls.most:,}"
    sent, written = (sum(part) for part in zip(*each.tokens.values(), strict=True))
    cost = "no prices" if prices is None else f"${costs(each.tokens, prices):,.2f}"
    return [f"{calls.subject:,}", graded, f"{sent:,}", f"{written:,}", cost]
