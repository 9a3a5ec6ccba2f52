"""What every run of ours does before its task is built: set up the process, and check the models."""

import gc
from collections.abc import Sequence

from inspect_ai.model import CachePolicy, GenerateConfig, Model

from evals.closing_messages import register_closing_messages
from experiment.errors import UserError
from experiment.secrets import reject_secrets
from scorers.grader.grader_config import grader_config_hash

NEW_OBJECTS = 10_000
"""Objects that come to be before Python's garbage collection looks at the youngest, which takes about an eighth of the
processor time of a run. Python's 700 suits programs that drop what they make; a run keeps its samples' scores and
events, and every full collection goes through all of them and all imported modules."""


def prepare_run() -> None:
    """Set up this process: what is printed after a run, and how often memory is collected."""
    register_closing_messages()
    raise_gc_threshold()


def raise_gc_threshold() -> None:
    """Have Python collect garbage less often."""
    if 0 < gc.get_threshold()[0] < NEW_OBJECTS:  # 0: somebody switched it off
        gc.set_threshold(NEW_OBJECTS)


def check_models(graders: Sequence[Model], model: Model | None = None) -> None:
    """Reject models that a run cannot use as they are configured.

    Args:
        graders: The graders.
        model: The model under test, where there is one.

    Raises:
        UserError: A panel names the same grader twice in the same configuration; the model's epochs would be copies; or
            a base URL, a model argument or a generation option looks like a key. Inspect itself keeps `api_key` out of
            logs, but not headers, other arguments, or a password in an address.
    """
    configured = [(str(grader), grader_config_hash(grader)) for grader in graders]
    for name, config in configured:
        if configured.count((name, config)) > 1:
            raise UserError(
                f"the panel of graders contains {name!r} twice; use votes=N to ask one grader several times"
            )
    models = [model, *graders] if model else graders
    for each in models:
        options = each.config.model_dump(exclude_none=True)
        given = {"base_url": each.api.base_url, "model_args": dict(each.model_args), "options": options}
        reject_secrets(given, str(each))
    if model:
        reject_epoch_copies(model.config)


def reject_epoch_copies(config: GenerateConfig) -> None:
    """Reject a cache of the model under test that spans epochs, which would count copies as replies."""
    if isinstance(config.cache, CachePolicy) and not config.cache.per_epoch:
        raise UserError("cache.per_epoch is false for the model under test: its epochs would be copies of the first")
