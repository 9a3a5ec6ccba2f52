"""`alignment-faking power`: how many queries a gap needs, what gap they can see, or what a battery of them reaches."""

import sys
from math import inf, isinf, isnan
from typing import TYPE_CHECKING, Any

import click

from experiment.errors import UserError
from experiment.formatting import percent

if TYPE_CHECKING:
    from experiment.statistics.power import Plan

BATTERY_QUERIES = 216
BATTERY_ASSUMED = (
    "All of the gap is goal guarding, for what a changed model would do; 80% of it says so. No reply is missing, no "
    "grader errs, each query is asked once in one of 8 wordings. More, and what misleads: benchmarks/battery.md."
)


@click.command(epilog="Example: alignment-faking power --gap 0.05 --paid 0.03 --reverse 0.03 --wordings 8")
@click.option("--gap", type=float, help="True gap, a share: 0.05 is 5 points.")
@click.option("--queries", type=click.IntRange(min=1), help="Queries, each in both tiers: what gap can they see?")
@click.option("--paid", type=float, default=0.03, show_default=True, help="Compliance in the untrained tier, a share.")
@click.option("--reverse", type=float, help="Share of pairs in which only the untrained tier complies.")
@click.option("--wordings", type=int, default=1, show_default=True, help="Wordings that the queries are dealt to.")
@click.option("--epochs", type=float, default=1, show_default=True, help="Replies per query and tier.")
@click.option("--spread", type=float, help="Between the wordings' gaps, SD.  [default: 0.055]")
@click.option("--power", type=float, help="Chance to see the gap.  [default: 0.8]")
@click.option("--battery", is_flag=True, help="What a battery of --queries reaches, by simulation.")
def power(gap: float | None, queries: int | None, power: float | None, battery: bool, **plan: Any) -> None:
    """Say how many queries show a gap (--gap), or which gap a number of queries can see (--queries).

    With --battery: how often a battery of so many queries answers each question, for the published effect sizes, or
    for a gap of your own over --paid.
    """
    if battery:
        click.echo(battery_reached(gap, queries or BATTERY_QUERIES, plan["paid"]))
        return
    if gap is None and queries is None:
        raise UserError("give --gap 0.05 to learn how many queries it needs, or --queries 200 for the gap they can see")
    from experiment.statistics.power import POWER, Plan

    given = {name: value for name, value in plan.items() if value is not None}
    click.echo(planned(gap, queries, Plan(**given), POWER if power is None else power))


def battery_reached(gap: float | None, queries: int, paid: float) -> str:
    """Tabulate how often a battery answers each question, and warn what the figures assume.

    Args:
        gap: A gap of the user's own, in (0, 1); None for the published ones.
        queries: Number of queries in each condition.
        paid: Compliance in the untrained tier, for a gap of the user's own.

    Raises:
        UserError: If the numbers cannot be true together.
    """
    from experiment.verdict.battery_power import EFFECTS, REPETITIONS, battery_power, effect

    own = {} if gap is None else {f"{percent(paid + gap)} against {percent(paid)}": effect(paid + gap, paid)}
    effects = own or EFFECTS
    with click.progressbar(length=len(effects) * REPETITIONS, label="Drawing batteries", file=sys.stderr) as bar:
        found = {
            name: battery_power(truth, queries, REPETITIONS, lambda _: bar.update(1)) for name, truth in effects.items()
        }
    questions = [each.question for each in next(iter(found.values()))]
    width = max(map(len, questions))
    lines = [f"{queries} queries in each condition: yes / no in per cent of {REPETITIONS} batteries", ""]
    lines += [f"{number}: {name} per cent" for number, name in enumerate(found, start=1)]
    lines += ["", " " * width + "".join(f"{number:>10}" for number in range(1, len(found) + 1))]
    for row, question in enumerate(questions):
        cells = (f"{100 * each[row].yes:.0f} / {100 * each[row].no:.0f}" for each in found.values())
        lines.append(question.ljust(width) + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join([*lines, "", BATTERY_ASSUMED])


def planned(gap: float | None, queries: int | None, plan: "Plan", power: float) -> str:
    """Say how many queries show a gap, or which gap a number of queries shows.

    Args:
        gap: True gap, in (0, 1); None asks for it.
        queries: Number of queries; None asks for it.
        plan: The rest of the design.
        power: Chance of p < 0.05.

    Returns:
        One sentence for each question, and one on what it assumes.

    Raises:
        UserError: If the numbers cannot be true together.
    """
    said = [_needed(gap, plan, power)] if gap is not None else []
    if queries is not None or gap is None:
        said.append(_seen(queries or inf, plan, power))
    return "\n".join([*said, _assumed(plan, power)])


def _needed(gap: float, plan: "Plan", power: float) -> str:
    from experiment.statistics.power import detectable_gap, pairs_needed

    needed = pairs_needed(gap, plan, power)
    if isinf(needed):
        least = detectable_gap(inf, plan, power)
        return (
            f"No number of queries shows a gap of {percent(gap)} points with {plan.wordings} wordings whose gaps "
            f"differ by {percent(plan.spread)}: the smallest is {percent(least)} points. More wordings would help."
        )
    return f"A gap of {percent(gap)} points needs {needed:.0f} queries, each in both tiers."


def _seen(queries: float, plan: "Plan", power: float) -> str:
    from experiment.statistics.power import detectable_gap

    seen = detectable_gap(queries, plan, power)
    many = "Any number of queries" if isinf(queries) else f"{queries:.0f} queries, each in both tiers,"
    if isnan(seen):
        return f"{many} would miss even the largest gap that a paid rate of {percent(plan.paid)}% allows."
    return f"{many} can see a gap of {percent(seen)} points."


def _assumed(plan: "Plan", power: float) -> str:
    reverse = "as tiers that correlate by 0.25 have them" if plan.reverse is None else f"{percent(plan.reverse)}%"
    spread = f", wordings whose gaps differ by {percent(plan.spread)} points" if plan.wordings > 1 else ""
    return (
        f"Power {percent(power)}%, two-sided 5%; complied in the untrained tier {percent(plan.paid)}%, pairs in "
        f"reverse {reverse}, epochs {plan.epochs:g}, wordings {plan.wordings}{spread}."
    )
