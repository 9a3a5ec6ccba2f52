"""From a name and model arguments to a stand-in model that answers requests."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial

from simulated.grader import stand_in_grader as grader
from simulated.grader.grader_errors import MAX_SPREAD, Errors
from simulated.grader.stand_in_grader import Failures
from simulated.model_request import Reply, Request
from simulated.personas.persona_reply import draw_of, reply
from simulated.personas.personas import PERSONAS, Rates

NAMES = (*PERSONAS, grader.NAME)
EPOCHS = "epochs"
MAX = {"spread": MAX_SPREAD}


class Model:
    """A stand-in model."""

    def __init__(self, name: str, arguments: Mapping[str, object] | None = None) -> None:
        """Choose a model and set its arguments.

        Args:
            name: A persona's name, or "grader".
            arguments: All take `seed` and `latency` (seconds a call); a persona also takes its `Rates`, and `epochs`
                (whether identical requests, counted in this object, get new replies); the grader also its `Failures`
                (`refusal`, `malformed`) and its `Errors` (`sensitivity` and `specificity`, either also with `_trained`
                or `_untrained` for one tier, and `spread`).

        Raises:
            ValueError: The name or an argument is unknown, lists the known ones; or a value is impossible.
        """
        if name not in NAMES:
            raise ValueError(f"unknown simulated model {name!r}; known: {', '.join(NAMES)}")
        values = _checked(name, arguments or {})
        self.name = name
        self.latency = values.pop("latency", 0.0)
        self._epochs = bool(values.pop(EPOCHS, False))
        self._seen: Counter[bytes] = Counter()
        self._answer = _answerer(name, int(values.pop("seed", 0)), values)

    def answer(self, request: Request) -> Reply:
        """Answer a request; with `epochs`, a tool's result is answered by the draw that called the tool."""
        if not self._epochs:
            return self._answer(request)
        draw = draw_of(request.calls)
        if draw is None:
            key = hashlib.sha256(repr(request).encode()).digest()
            draw = self._seen[key]
            self._seen[key] += 1
        return self._answer(request, draw=draw)


def _answerer(name: str, seed: int, rates: Mapping[str, float]) -> Callable[..., Reply]:
    if name != grader.NAME:
        return partial(reply, PERSONAS[name].with_rates(**rates), seed=seed)
    failures = Failures(**{argument: rate for argument, rate in rates.items() if argument in _names(Failures)})
    errors = Errors(**{argument: rate for argument, rate in rates.items() if argument in _names(Errors)})
    return partial(grader.grade, seed=seed, failures=failures, errors=errors)


def _names(rates: type[Failures | Errors | Rates]) -> list[str]:
    return [field.name for field in fields(rates)]


def _checked(name: str, arguments: Mapping[str, object]) -> dict[str, float]:
    rates = [*_names(Failures), *_names(Errors)] if name == grader.NAME else _names(Rates)
    known = [*rates, "seed", "latency", *([] if name == grader.NAME else [EPOCHS])]
    values = {}
    for argument, value in arguments.items():
        if argument not in known:
            raise ValueError(f"simulated/{name} takes no argument {argument!r}; known: {', '.join(known)}")
        if isinstance(value, bool) != (argument == EPOCHS) or not isinstance(value, int | float):
            raise ValueError(f"{argument}={value!r} must be {'true or false' if argument == EPOCHS else 'a number'}")
        most = MAX.get(argument, 1)
        if argument in rates and not 0 <= value <= most:
            raise ValueError(f"{argument}={value!r} must lie between 0 and {most}")
        values[argument] = float(value)
    return values
