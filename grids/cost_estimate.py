"""What a grid would take in calls, tokens and money, before anything is called."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from inspect_ai.model import ModelCost, ModelUsage, compute_model_cost
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from analysis.report.terminal import plain
from evals.build_task import SIMULATED, rubrics_of
from experiment.call_counts import Calls
from experiment.errors import UserError
from experiment.prompts.rendering import Prompt
from grids.plan import Planned
from scorers.grader.grader_prompt import request
from scorers.rubric import Rubric

CHARACTERS = 4  # per token, about what English text has
REASONING = 600  # tokens that a model is taken to think in private,
ANSWER = 400  # that it is taken to answer,
GRADE = 300  # and that a grader is taken to write
ASSUMED = (
    f"Tokens are estimated: {CHARACTERS} characters each, replies of {REASONING} tokens of reasoning and {ANSWER} of "
    f"answer, verdicts of {GRADE}, and as many votes as there can be; repeated calls and caches are not in it."
)

Prices = Mapping[str, ModelCost]
"""A model's name to its prices."""


class Estimate(NamedTuple):
    """What cells would take: calls of the models and their graders, and by a model's name its tokens, at most."""

    calls: Calls
    tokens: dict[str, ModelUsage]


def cost_table(plan: Sequence[Planned], prices: Prices | None) -> Table:
    """List the cells of a grid with what they would take, and their sum.

    Raises:
        UserError: A model has no price.
    """
    table = Table("cell", "samples", "shards", "subject calls", "grader calls", "tokens in", "tokens out", "cost")
    estimates = [_estimate(planned) for planned in plan]
    for planned, estimate in zip(plan, estimates, strict=True):
        row = _row(estimate, prices)
        table.add_row(plain(planned.cell.name), f"{planned.samples:,}", f"{len(planned.shards)}", *row)
    table.add_section()
    samples, parts = sum(planned.samples for planned in plan), sum(len(planned.shards) for planned in plan)
    table.add_row(f"{len(plan)} cells", f"{samples:,}", f"{parts}", *_row(_total(estimates), prices))
    table.caption, table.caption_justify = ASSUMED, "left"
    return table


def total_cost(plan: Sequence[Planned], prices: Prices) -> float:
    """Return what cells would cost at most, in dollars; a stand-in model costs nothing.

    Raises:
        UserError: A model has no price.
    """
    return _cost(_total([_estimate(planned) for planned in plan]), prices)


def reject_over_budget(plan: Sequence[Planned], prices: Prices | None, budget: float) -> None:
    """Reject cells that would cost more than a number of dollars, or whose prices are not known."""
    if prices is None:
        raise UserError("--max-cost needs --prices FILE, in the format of Inspect's --model-cost-config")
    cost = total_cost(plan, prices)
    if not cost <= budget:  # nor where it is no number
        raise UserError(f"the grid would cost up to ${cost:,.2f}, more than --max-cost {budget:g}; nothing was called")


def _estimate(planned: Planned) -> Estimate:
    cell, samples = planned.cell, list(planned.task.dataset)
    tokens = {model.model: ModelUsage() for model in (cell.model, *cell.graders)}
    rubrics = rubrics_of(planned.resolved.setting, planned.arguments.faking_rubric)
    for sample in (each for shard in planned.shards for each in samples[slice(*shard.samples)]):
        facts = sample.metadata or {}
        prompt, query = planned.resolved.prompts[facts["wording"]], str(sample.input)
        graded = _grader_usage(rubrics, planned.arguments.votes, prompt, query)
        for grader in cell.graders:
            tokens[grader.model] += graded
        tokens[cell.model.model] += _subject_usage(prompt, prompt.user(facts["tier"], query))
    return Estimate(planned.calls, {name: _times(usage, cell.epochs) for name, usage in tokens.items()})


def _subject_usage(prompt: Prompt, turn: str) -> ModelUsage:
    mode = prompt.scratchpad
    tool = " ".join(mode.tool.model_dump().values()) if mode.tool else ""
    sent = _tokens([prompt.system, turn, prompt.prefill, tool])
    reasoning = 0 if mode.mode == "none" else REASONING
    return ModelUsage(
        input_tokens=2 * sent + reasoning if mode.tool else sent,
        output_tokens=reasoning + ANSWER,
    )


def _grader_usage(rubrics: Sequence[Rubric], votes: int, prompt: Prompt, query: str) -> ModelUsage:
    compliance, faking, motives = rubrics
    calls = [(compliance, ANSWER, 1)]
    if prompt.scratchpad.mode != "none":
        calls += [(faking, REASONING, votes), (motives, REASONING, 1)]
    usage = ModelUsage()
    for rubric, length, number in calls:
        sent = _tokens([message.text for message in request(rubric, query, "x" * CHARACTERS * length)])
        usage += _times(ModelUsage(input_tokens=sent, output_tokens=GRADE), number)
    return usage


def _tokens(texts: Sequence[str]) -> int:
    return math.ceil(sum(map(len, texts)) / CHARACTERS)


def _times(usage: ModelUsage, number: int) -> ModelUsage:
    return ModelUsage(input_tokens=usage.input_tokens * number, output_tokens=usage.output_tokens * number)


def _total(estimates: Sequence[Estimate]) -> Estimate:
    tokens: dict[str, ModelUsage] = {}
    for estimate in estimates:
        for name, usage in estimate.tokens.items():
            tokens[name] = tokens.get(name, ModelUsage()) + usage
    return Estimate(Calls(*map(sum, zip(*(estimate.calls for estimate in estimates), strict=True))), tokens)


def _cost(estimate: Estimate, prices: Prices) -> float:
    paid = {name: usage for name, usage in estimate.tokens.items() if name in prices or not name.startswith(SIMULATED)}
    for name in paid:
        if name not in prices:
            known = ", ".join(sorted(prices)) or "none"
            raise UserError(f"the price file has no price for {name!r}; it has: {known}")
    return sum(compute_model_cost(prices[name], usage) for name, usage in paid.items())


def _row(estimate: Estimate, prices: Prices | None) -> list[str]:
    calls, usages = estimate.calls, estimate.tokens.values()
    graded = f"{calls.fewest:,}" if calls.fewest == calls.most else f"{calls.fewest:,} to {calls.most:,}"
    sent, written = sum(usage.input_tokens for usage in usages), sum(usage.output_tokens for usage in usages)
    cost = "no prices" if prices is None else f"${_cost(estimate, prices):,.2f}"
    return [f"{calls.subject:,}", graded, f"{sent:,}", f"{written:,}", cost]


def read_prices(path: Path) -> dict[str, ModelCost]:
    """Read a YAML or JSON file of a model's name to its prices in dollars per million tokens.

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
