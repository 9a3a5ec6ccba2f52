"""Runs of one model at several training steps, told by their names, as figures by step."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.report.figures.training_steps import StepRow, checkpoints
from analysis.report.pages.blocks import Figure
from analysis.summary.run_summary import Summary
from experiment.statistics.gap import Rate

FEWEST = 3  # steps that make a series
REVISION = re.compile(r"(?P<trained>.+)@(?P<revision>[^@/]*\d[^@/]*)")
FOLDER = re.compile(r"(?P<trained>.+)/(?P<revision>(?:[\w-]*[-_])?(?:step|checkpoint|ckpt|iter|epoch)s?[-_]?\d+)")
COMMIT = re.compile(r"(?=.*[a-f])[0-9a-f]{7,40}")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Step(NamedTuple):
    """What was trained, as the name says without its revision, and the step at which it stands."""

    trained: str
    step: float


class Series(NamedTuple):
    """Runs of one trained model in one condition: its label, and the step of each run with its numbers."""

    label: str
    runs: list[tuple[float, Summary]]


def step_of(model: str) -> Step | None:
    """Read a model's training step from its name.

    Args:
        model: A name, as `vllm/BASE:ADAPTER@step-50`, `openai-api/local/NAME@50` or `vllm/BASE:/runs/af/checkpoint-50`.

    Returns:
        The last number of the revision, or of a folder that is called a step, checkpoint or epoch; None for any other
        name, and where the revision is a commit.
    """
    found = REVISION.fullmatch(model) or FOLDER.fullmatch(model)
    if not found or COMMIT.fullmatch(found["revision"]):
        return None
    return Step(found["trained"], float(NUMBER.findall(found["revision"])[-1]))


def series(summaries: Sequence[Summary]) -> list[Series]:
    """Find the series of checkpoints among runs.

    Args:
        summaries: Runs of any models.

    Returns:
        One series for each trained model and condition with three steps or more. The base of an adapter counts as its
        step 0 where it was run in the same condition and no checkpoint has that step.
    """
    found: dict[tuple[str, tuple[str, ...]], list[tuple[float, Summary]]] = {}
    for each in summaries:
        if at := step_of(each.model):
            found.setdefault((at.trained, _condition(each)), []).append((at.step, each))
    for (trained, condition), runs in found.items():
        base = trained.partition(":")[0] if ":" in trained else ""
        bases = [(0.0, each) for each in summaries if each.model == base and _condition(each) == condition]
        runs += [] if any(step == 0 for step, _ in runs) else bases
    return [
        Series(f"{trained} ({', '.join(condition[:4])})", sorted(runs, key=lambda run: run[0]))
        for (trained, condition), runs in found.items()
        if len({step for step, _ in runs}) >= FEWEST
    ]


def figures(summaries: Sequence[Summary]) -> list[Figure]:
    """Draw every series of checkpoints: compliance, alignment-faking reasoning and the motives, by step and tier."""
    named = enumerate(series(summaries), start=1)
    drawn = [checkpoints(list(_rows(each)), each.label, f"checkpoints-{number}") for number, each in named]
    return [figure for figure in drawn if figure]


def _condition(summary: Summary) -> tuple[str, ...]:
    """Return all that has to be the same in the runs of a series."""
    asked = (summary.setting, summary.condition, summary.scratchpad, summary.wording)
    return (*asked, summary.grader, summary.faking_by, *summary.tiers, str(summary.grading))


def _rows(found: Series) -> Iterator[StepRow]:
    """Return what is drawn: compliance in both tiers, and what was graded of the reasoning."""
    rates = [(step, run, _measures(run)) for step, run in found.runs]
    graded = {name for _, _, each in rates for name, both in each.items() if any(rate.measured for rate in both)}
    for step, run, each in rates:
        for name, both in each.items():
            if name in graded:
                for tier, rate in zip(run.tiers, both, strict=True):
                    yield StepRow(step, name.replace("_", " "), tier, *rate[:3], name in run.motives, run.simulated)


def _measures(run: Summary) -> dict[str, tuple[Rate, Rate]]:
    return {"complied": run.rates, "AF reasoning": run.faking, **run.motives}
