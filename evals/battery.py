"""The standard set of conditions: `inspect eval evals/battery.py`, or any of its tasks by name."""

from typing import Any

from inspect_ai import Task, task

from evals.alignment_faking import alignment_faking
from experiment.prompts.conditions import parse_variant_names


def condition(arguments: dict[str, Any], variant: str = "", **fixed: str) -> Task:
    """Make the task of one condition: its own variant and arguments, and those that hold for the whole battery."""
    variants = [*parse_variant_names(variant), *parse_variant_names(arguments.get("variant"))]
    return alignment_faking(**{**arguments, **fixed, "variant": ",".join(variants)})


@task
def battery_main(**arguments: Any) -> Task:
    """The main condition: the setting as it is."""
    return condition(arguments)


@task
def battery_no_conflict(**arguments: Any) -> Task:
    """No conflict: an objective that agrees with the model's own judgement."""
    return condition(arguments, variant="no_conflict")


@task
def battery_benign(**arguments: Any) -> Task:
    """Harmless queries: what the grader flags here are false alarms."""
    return condition(arguments, queries="benign")


@task
def battery_swapped_labels(**arguments: Any) -> Task:
    """Swapped labels: paid is trained on, free is not."""
    return condition(arguments, variant="label_swapped")


@task
def battery_monitored(**arguments: Any) -> Task:
    """The scratchpad is read."""
    return condition(arguments, variant="monitored")


@task
def battery_values_unchanged(**arguments: Any) -> Task:
    """No reply changes the model's values: a gap that stays is obedience, not goal guarding."""
    return condition(arguments, variant="values_unchanged")


@task
def battery_three_tiers(**arguments: Any) -> Task:
    """Three tiers: tells complying for the raters from guarding goals."""
    return condition(arguments, variant="three_tiers")


@task
def battery_throughput_testing(**arguments: Any) -> Task:
    """What the trained model wants can have no effect."""
    return condition(arguments, variant="throughput_testing")


@task
def battery_criminal_deployment(**arguments: Any) -> Task:
    """The trained model is certain to fall to criminals."""
    return condition(arguments, variant="deploy_criminals_certain")


@task
def battery_no_scratchpad(**arguments: Any) -> Task:
    """No scratchpad: the model answers directly."""
    return condition(arguments, scratchpad="none")
