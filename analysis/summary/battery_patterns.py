"""The runs of each model as a battery, and what the rules make of it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.reading.logs import Run
from analysis.reading.reply_table import FAKING
from analysis.summary.run_summary import Summary, observations
from experiment.verdict.battery_estimates import MAIN, Evidence
from experiment.verdict.battery_verdict import Finding, verdicts

NO_SCRATCHPAD = "no_scratchpad"
NO_SCRATCHPAD_MODE = "none"  # the scratchpad mode


class Verdict(NamedTuple):
    """What the battery of one model shows.

    Args:
        of: Setting, wording, scratchpad mode and grader, alike in all its runs.
        simulated: Whether a stand-in took part.
        conditions: Condition of the battery to the run's number.
    """

    model: str
    of: str
    simulated: bool
    conditions: dict[str, int]
    findings: list[Finding]

    def rows(self) -> Iterator[dict[str, object]]:
        """Return a flat row for each finding."""
        for finding in self.findings:
            yield {"model": self.model, "of": self.of, "simulated": self.simulated, **finding._asdict()}


def judge(runs: Sequence[Run], summaries: Sequence[Summary]) -> list[Verdict]:
    """Sort runs into batteries and apply the rules to each.

    A battery is the runs of one model that differ in the condition alone; the run without a scratchpad belongs to every
    other mode's. Of several runs of one condition the one with the most replies counts, of several the newest.

    Returns:
        A verdict for each battery that has its main condition.
    """
    batteries: dict[tuple[str, ...], dict[str, tuple[Run, Summary]]] = {}
    without_scratchpad: list[tuple[Run, Summary]] = []
    for run, summary in zip(runs, summaries, strict=True):
        if summary.scratchpad == NO_SCRATCHPAD_MODE:
            without_scratchpad.append((run, summary))
        else:
            _add(batteries.setdefault((*_alike(run, summary), summary.scratchpad), {}), summary.condition, run, summary)
    for run, summary in without_scratchpad:
        if summary.condition == MAIN:
            for key, battery in batteries.items():
                if key[:-1] == _alike(run, summary):
                    _add(battery, NO_SCRATCHPAD, run, summary)
    return [_verdict(battery) for battery in batteries.values() if MAIN in battery]


def _add(battery: dict[str, tuple[Run, Summary]], condition: str, run: Run, summary: Summary) -> None:
    best = battery.get(condition)
    if best is None or len(run.samples) >= len(best[0].samples):
        battery[condition] = (run, summary)


def _alike(run: Run, summary: Summary) -> tuple[str, ...]:
    spec, facts = run.log.eval, run.log.eval.metadata or {}
    config = spec.model_generate_config.model_dump(exclude_none=True)
    return (
        *(summary.model, str(spec.model_args), str(config.get("seed")), str(spec.task_version)),
        *(facts["setting_path"], summary.wording, str(facts.get("lab")), summary.grader),
    )


def _verdict(battery: dict[str, tuple[Run, Summary]]) -> Verdict:
    _, main = battery[MAIN]
    return Verdict(
        main.model,
        f"{main.setting}, wording {main.wording}, scratchpad {main.scratchpad}, graded by {main.grader}",
        any(summary.simulated for _, summary in battery.values()),
        {condition: summary.number for condition, (_, summary) in battery.items()},
        verdicts({condition: _evidence(run, summary) for condition, (run, summary) in battery.items()}),
    )


def _evidence(run: Run, summary: Summary) -> Evidence:
    contrasts = {name: (first, second) for name, (first, second) in run.samples["contrasts"].iloc[0].items()}
    return Evidence(
        compliance=observations(run.samples, run.samples["complied"]),
        faking=observations(run.samples, run.samples[FAKING]),
        motives={name: observations(run.samples, run.samples[name]) for name in summary.motives},
        contrasts=contrasts,
    )
