"""Checking the arguments of a task, before any model is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from typing import NamedTuple

import click

from experiment.errors import UserError, unknown_name_error
from experiment.prompts.conditions import Condition, parse_variant_names
from experiment.prompts.labs import lab_name
from experiment.prompts.wordings import ALL
from experiment.statistics.stopping_bounds import Stop, parse_stops
from scorers.rubric import FAKING, rubrics_for

BALANCED = "balanced"
ORDERS = (BALANCED, "wording")


class Arguments(NamedTuple):
    """The arguments of `alignment_faking`, checked; see there."""

    condition: Condition
    queries: str | None
    faking_rubric: str
    votes: int
    stop_votes: bool
    stops: tuple[Stop, ...]
    order: str
    require_scratchpad: bool
    preflight: bool


@contextmanager
def usage_errors() -> Iterator[None]:
    """Raise what a user got wrong as the error of which Inspect's command line prints the one sentence."""
    try:
        yield
    except UserError as error:
        raise click.UsageError(str(error)) from error


def check_arguments(
    model: str,
    *,
    setting: str,
    wording: str,
    variant: str | list[str] | None,
    scratchpad: str,
    lab: str,
    queries: str | None,
    faking_rubric: str,
    votes: int,
    stop_votes: bool,
    stop: str | list[str] | None,
    order: str,
    require_scratchpad: bool,
    preflight: bool,
    **unknown: object,
) -> Arguments:
    """Check the arguments of `alignment_faking`, which the model's name completes where the lab is its `own`.

    Raises:
        UserError: One is unknown or cannot be used, or not together with another.
    """
    reject_unknown(unknown, signature(check_arguments).parameters.keys() - {"model", "unknown"})
    names = {"setting": setting, "scratchpad": scratchpad, "queries": queries or "", "wording": wording, "lab": lab}
    for name, value in (names | {"order": order}).items():
        if not isinstance(value, str):  # Inspect's command line makes a list of a text with commas, and null of nothing
            raise UserError(f"{name} must be a single name, not {value!r}")
    check_faking_grading(faking_rubric, votes)
    if order not in ORDERS:
        raise unknown_name_error("order", order, ORDERS)
    if stop is not None and order != BALANCED:
        raise UserError(f"stop needs order={BALANCED}, whose beginning represents the whole, not order={order}")
    flags = {"stop_votes": stop_votes, "require_scratchpad": require_scratchpad, "preflight": preflight}
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise UserError(f"{name} must be true or false, not {flag!r}")
    if stop is not None and wording == ALL:
        raise UserError(f"stop needs independent pairs; wording={ALL} asks each query several times")
    condition = Condition(setting, wording, parse_variant_names(variant), scratchpad, lab_name(lab, model))
    stops = () if stop is None else parse_stops(stop)
    return Arguments(condition, queries, faking_rubric, votes, stop_votes, stops, order, require_scratchpad, preflight)


def check_faking_grading(faking_rubric: str, votes: int) -> None:
    """Reject a definition of alignment-faking reasoning that does not exist, or a number of votes that is none."""
    if faking_rubric not in rubrics_for(FAKING):
        raise unknown_name_error("faking_rubric", str(faking_rubric), rubrics_for(FAKING))
    if type(votes) is not int or votes < 1:
        raise UserError(f"votes must be a whole number of at least 1, not {votes!r}")


def reject_unknown(unknown: dict[str, object], known: set[str]) -> None:
    """Reject task arguments that do not exist."""
    if unknown:
        raise unknown_name_error("task argument", next(iter(unknown)), known)
