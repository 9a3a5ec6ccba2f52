"""The name of the lab that is said to train the model."""

import re
from functools import cache
from typing import NamedTuple

import yaml

from experiment.errors import UserError
from experiment.paths import data_folder

OWN = "own"
FICTIONAL = "fictional"
ADAPTED = frozenset({"vllm", "vllm-completions"})  # Inspect's providers that read BASE:ADAPTER[@REVISION]


class Makers(NamedTuple):
    """What `datasets/prompts/labs.yaml` says.

    Args:
        models: The labs with the patterns of their models' own names; the first that fits decides.
        organisations: The lab behind a part of the name that stands before the model's own.
        providers: The lab behind a provider that serves only its own models.
        fictional: The lab that does not exist.
    """

    models: list[tuple[str, re.Pattern[str]]]
    organisations: dict[str, str]
    providers: dict[str, str]
    fictional: str

    def of(self, model: str) -> str | None:
        """Return the lab that made a model, None where no table knows it."""
        provider, slash, rest = model.lower().rstrip("/").partition("/")
        name = rest if slash else provider
        name = name.partition(":")[0] if provider in ADAPTED else name
        *before, _ = re.split(r"[/.]", name)
        own = name.rpartition("/")[2]
        found = [lab for lab, pattern in self.models if pattern.search(own)]
        found += [self.organisations[part] for part in before if part in self.organisations]
        return found[0] if found else self.providers.get(provider)


def lab_name(lab: str, model: str) -> str:
    """Resolve what `$lab` stands for.

    Args:
        lab: A name used as it is, "own" for the lab behind the evaluated model, or "fictional".
        model: The evaluated model, provider included.

    Raises:
        UserError: The name is empty.

    Returns:
        The lab's name; for "own" with a model of unknown make, the fictional lab's.
    """
    if not lab.strip():
        raise UserError(f"lab is empty; give a name, {OWN!r} or {FICTIONAL!r}")
    if lab not in (OWN, FICTIONAL):
        return lab
    known = _makers()
    return (known.of(model) if lab == OWN else None) or known.fictional


@cache
def _makers() -> Makers:
    table = yaml.safe_load((data_folder() / "prompts" / "labs.yaml").read_text(encoding="utf-8"))
    words = [(entry["lab"], re.compile(f"(?<![a-z])(?:{entry['pattern']})(?![a-z])")) for entry in table["models"]]
    return Makers(words, _by_name(table["organisations"]), _by_name(table["providers"]), table["fictional"])


def _by_name(labs: dict[str, list[str]]) -> dict[str, str]:
    return {name: lab for lab, names in labs.items() for name in names}
