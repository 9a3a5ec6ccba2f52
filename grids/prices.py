"""What models cost, from the file that Inspect's own `--model-cost-config` takes."""

from pathlib import Path

import yaml
from inspect_ai.model import ModelCost
from pydantic import TypeAdapter, ValidationError

from experiment.errors import UserError


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
