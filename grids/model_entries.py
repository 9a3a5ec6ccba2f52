"""From a grid's entries to Inspect's models."""

from inspect_ai.model import GenerateConfig, Model, get_model
from pydantic import ValidationError

from experiment.errors import UserError, unknown_name_error
from grids.cells import Entry


def model_of(entry: Entry) -> Model:
    """Open a model, with its provider's own check that there is a key for it.

    Args:
        entry: The model as the grid names it.

    Returns:
        A model of its own, shared with no other cell.

    Raises:
        UserError: A generation option has an impossible value.
    """
    return get_model(entry.model, config=config_of(entry), base_url=entry.base_url, memoize=False, **entry.args)


def config_of(entry: Entry) -> GenerateConfig:
    """Return a model's generation options, or refuse what cannot be used, without opening it.

    Args:
        entry: The model as the grid names it.

    Returns:
        The options.

    Raises:
        UserError: An option is unknown or has an impossible value.
    """
    for option in entry.generate:
        if option not in GenerateConfig.model_fields:
            raise unknown_name_error("generation option", option, GenerateConfig.model_fields)
    try:
        return GenerateConfig(**entry.generate)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UserError(f"generation options of {entry.model}: {problems}") from error
