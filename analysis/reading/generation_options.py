"""The generation options with which a log's models were called, as its header has them."""

from collections.abc import Sequence
from typing import NamedTuple

from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig

from experiment.call_counts import TRANSPORT_OPTIONS

SUBJECT, GRADER = "model under test", "grader"

SHOWN = ("temperature", "top_p", "max_tokens", "seed", "reasoning_effort")
UNSET, UNRECORDED = "unset", "not recorded"

Option = float | int | str


class Options(NamedTuple):
    """How a model was called.

    Args:
        role: The model's part in the run.
        model: The model.
        given: The options that bear on what it answers and were given to Inspect; what is absent was not sent, so the
            provider's or the server's own default holds.
    """

    role: str
    model: str
    given: dict[str, Option]


def options(log: EvalLog) -> list[Options]:
    """Return how a log's models were called: the model under test, then the graders that were bound when it ran."""
    spec = log.eval
    bound = (spec.model_roles or {}).get(GRADER, [])
    graders = bound if isinstance(bound, list) else [bound]
    return [
        Options(SUBJECT, spec.model, _given(spec.model_generate_config.merge(log.plan.config))),
        *(Options(GRADER, each.model, _given(each.config)) for each in graders),
    ]


def _given(config: GenerateConfig) -> dict[str, Option]:
    found = config.model_dump(mode="json", exclude_none=True, exclude=TRANSPORT_OPTIONS)
    return {name: value if isinstance(value, float | int | str) else str(value) for name, value in found.items()}


def others(options: Options, shown: Sequence[str] = SHOWN) -> str:
    """Write the options that were given beside those that have a column of their own."""
    return _written(options, shown) or "-"


def in_words(options: Options) -> str:
    """Write all options that were given, "unset" where there are none."""
    return _written(options) or UNSET


def _written(options: Options, without: Sequence[str] = ()) -> str:
    return ", ".join(f"{name}={value}" for name, value in options.given.items() if name not in without)
