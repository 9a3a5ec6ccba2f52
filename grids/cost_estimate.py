"""What a grid would cost in calls, tokens and money, before anything is called."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from inspect_ai.model import ModelCost
from pydantic import TypeAdapter, ValidationError

from evals.alignment_faking import SIMULATED, asked_by
from experiment.call_counts import Calls
from experiment.errors import UserError
from experiment.prompts.rendering import Prompt
from grids.plan import Planned
from scorers.grader.request import request
from scorers.rubric import Rubric

CHARACTERS = 4  # per token, about what English text has
REASONING = 600  # tokens that a model is taken to think in private,
ANSWER = 400  # that it is taken to answer,
VERDICT = 300  # and that a grader is taken to write
ASSUMED = (
    f"Tokens are estimated: {CHARACTERS} characters each, replies of {REASONING} tokens of reasoning and {ANSWER} of "
    f"answer, verdicts of {VERDICT}, and as many votes as there can be; repeated calls and caches are not in it."
)


class Tokens(NamedTuple):
    """Tokens that go in and come out."""

    input: int = 0
    output: int = 0

    def plus(self, other: "Tokens") -> "Tokens":
        """Return the sum."""
        return Tokens(self.input + other.input, self.output + other.output)

    def share(self, part: float) -> "Tokens":
        """Return a share of them, rounded up."""
        return Tokens(math.ceil(self.input * part), math.ceil(self.output * part))


class Estimate(NamedTuple):
    """What a cell would take.

    Args:
        calls: Calls of the model and of its graders.
        tokens: A model's name to its tokens, at most.
    """

    calls: Calls
    tokens: dict[str, Tokens]


def estimate(planned: Planned) -> Estimate:
    """Estimate what a cell would take.

    Args:
        planned: The cell.

    Returns:
        Calls, and tokens at most; of the tokens `ASSUMED` says what they rest on.
    """
    samples = list(planned.task.dataset)
    tokens: Counter[str] = Counter()
    found: dict[str, Tokens] = {planned.cell.model.model: Tokens()}
    for sample in (each for shard in planned.shards for each in samples[slice(*shard.samples)]):
        facts = sample.metadata or {}
        prompt, query = planned.resolved.prompts[facts["wording"]], str(sample.input)
        tokens.update(_subject(prompt, prompt.user(facts["tier"], query)))
        graded = _graded(planned, prompt, query)
        for grader in planned.cell.graders:
            found[grader.model] = found.get(grader.model, Tokens()).plus(graded)
    own = Tokens(tokens["input"], tokens["output"])
    found[planned.cell.model.model] = found[planned.cell.model.model].plus(own)
    return Estimate(planned.calls, {name: each.share(planned.cell.epochs) for name, each in found.items()})


def costs(tokens: Mapping[str, Tokens], prices: Mapping[str, ModelCost]) -> float:
    """Return what tokens cost.

    Args:
        tokens: A model's name to its tokens.
        prices: A model's name to its prices; a stand-in costs nothing.

    Returns:
        Dollars.

    Raises:
        UserError: A model has no price.
    """
    unknown = [name for name in tokens if name not in prices and not name.startswith(SIMULATED)]
    if unknown:
        known = ", ".join(sorted(prices)) or "none"
        raise UserError(f"the file of prices has none for {unknown[0]!r}; it has: {known}")
    free = ModelCost(input=0, output=0, input_cache_write=0, input_cache_read=0)
    paid = [(prices.get(name, free), each) for name, each in tokens.items()]
    return sum(price.input * each.input + price.output * each.output for price, each in paid) / 1e6


def total(parts: Iterable[Mapping[str, Tokens]]) -> dict[str, Tokens]:
    """Add up tokens by model."""
    summed: dict[str, Tokens] = {}
    for part in parts:
        for name, each in part.items():
            summed[name] = summed.get(name, Tokens()).plus(each)
    return summed


def _subject(prompt: Prompt, turn: str) -> dict[str, int]:
    mode = prompt.scratchpad
    tool = " ".join(mode.tool.model_dump().values()) if mode.tool else ""
    sent = _tokens([prompt.system, turn, prompt.prefill, tool])
    reasoning = 0 if mode.mode == "none" else REASONING
    return {"input": 2 * sent + reasoning if mode.tool else sent, "output": reasoning + ANSWER}


def _graded(planned: Planned, prompt: Prompt, query: str) -> Tokens:
    compliance, faking, motives = asked_by(planned.resolved.setting, planned.judged)
    times = [(compliance, ANSWER, 1)]
    if prompt.scratchpad.mode != "none":
        times += [(faking, REASONING, planned.judged.votes), (motives, REASONING, 1)]
    return Tokens(
        sum(_asked(rubric, query, material) * number for rubric, material, number in times),
        VERDICT * sum(number for *_, number in times),
    )


def _asked(rubric: Rubric, query: str, material: int) -> int:
    return _tokens([message.text for message in request(rubric, query, "x" * CHARACTERS * material).messages])


def _tokens(texts: Sequence[str]) -> int:
    return math.ceil(sum(map(len, texts)) / CHARACTERS)


def read_prices(path: Path) -> dict[str, ModelCost]:
    """Read a file of prices.

    Args:
        path: YAML or JSON; a model's name to its prices in dollars per million tokens.

    Returns:
        A model's name to its prices.

    Raises:
        UserError: The file cannot be read or a price is missing.
    """
    try:
        prices = TypeAdapter(dict[str, ModelCost]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read as YAML or JSON ({type(error).__name__})") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
        known = ", ".join(ModelCost.model_fields)
        raise UserError(f"{path}: {problems} (a model's name, and below it {known}, per million tokens)") from error
    for name, price in prices.items():
        if not all(each >= 0 for each in price.model_dump(exclude_none=True).values()):
            raise UserError(f"{path}: {name}: a price is a number of dollars, 0 or more")
    return prices
