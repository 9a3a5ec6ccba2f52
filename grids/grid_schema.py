"""A grid file: which models, graders and conditions are run, every combination once."""

import itertools
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BeforeValidator, Field, model_validator

from experiment.errors import UserError
from experiment.front_matter import Document, Record, load_yaml, parse
from experiment.prompts.conditions import parse_variant_names
from experiment.secrets import reject_secrets
from grids.cells import Cell, Entry, Run, folder_name

AXES = {
    "setting": "settings",
    "variant": "variants",
    "scratchpad": "modes",
    "queries": "queries",
    "wording": "wordings",
}
LONGEST = 200  # characters that a folder's name may have on every file system and object store


def _entry(given: object) -> object:
    return {"model": given} if isinstance(given, str) else given


ModelEntry = Annotated[Entry, BeforeValidator(_entry)]


def _members(given: object) -> object:
    return {"panel": [given]} if not isinstance(given, dict) or "panel" not in given else given


class Grader(Record):
    """One grader, or a panel of several.

    Args:
        name: What to call it in names of cells; by default the members' names.
        panel: The members.
    """

    name: str | None = None
    panel: tuple[ModelEntry, ...] = Field(min_length=1)

    @property
    def label(self) -> str:
        """What to call it."""
        return self.name or "+".join(member.label for member in self.panel)

    @model_validator(mode="after")
    def _check(self) -> Self:
        asked = [member.model_copy(update={"name": None}) for member in self.panel]
        for member in asked:
            if asked.count(member) > 1:
                raise ValueError(
                    f"{member.model!r} is in the panel twice; use task.votes to ask a grader several times"
                )
        return self


class Grid(Record):
    """What a grid file says; every list is an axis, and every combination of their members is a cell.

    Args:
        models: The models under test, each a name or `{model, name, args, base_url, generate}`.
        graders: The graders, each a model, or `{name, panel: [models]}`.
        settings: Settings, as `-T setting`.
        variants: Variants, each "" for none or several separated by commas.
        modes: Scratchpad modes, as `-T scratchpad`.
        queries: Query sets, as `-T queries`; null for the setting's own.
        wordings: Wordings, as `-T wording`.
        seeds: Seeds of the provider's sampling; null for none. Providers that take none ignore it.
        epochs: How often each sample is put.
        limit: How many queries of each cell are asked, always in every tier; all of them by default.
        shards: Into how many parts each cell is cut, so that several processes can share it.
        generate: Generation options of every model under test, such as `max_connections`.
        task: Further arguments of the task for every cell, such as `votes`.
        run: How Inspect runs each cell.
    """

    models: tuple[ModelEntry, ...] = Field(min_length=1)
    graders: tuple[Annotated[Grader, BeforeValidator(_members)], ...] = Field(min_length=1)
    settings: tuple[str, ...] = Field(default=("helpful_only",), min_length=1)
    variants: tuple[str, ...] = Field(default=("",), min_length=1)
    modes: tuple[str, ...] = Field(default=("tool",), min_length=1)
    queries: tuple[str | None, ...] = Field(default=(None,), min_length=1)
    wordings: tuple[str, ...] = Field(default=("ensemble",), min_length=1)
    seeds: tuple[int | None, ...] = Field(default=(None,), min_length=1)
    epochs: int = Field(default=1, ge=1, strict=True)
    limit: int | None = Field(default=None, ge=1, strict=True)
    shards: int = Field(default=1, ge=1, strict=True)
    generate: dict[str, Any] = Field(default_factory=dict)
    task: dict[str, Any] = Field(default_factory=dict)
    run: Run = Run()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in self.task:
            if name in AXES:
                raise ValueError(f"task.{name} is an axis of the grid; write it as `{AXES[name]}: [...]`")
        if self.shards > 1 and self.task.get("stop"):
            raise ValueError("task.stop cannot be combined with shards: a shard does not see the replies of the others")
        if self.epochs > 1 and self.task.get("stop"):
            raise ValueError("task.stop cannot be combined with several epochs: it counts each query once")
        return self


def load_grid(path: Path) -> Grid:
    """Read a grid's YAML file.

    Raises:
        UserError: The file cannot be read, holds what looks like a key, or a field is unknown, missing or wrong.
    """
    try:
        given = load_yaml(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8 text'})") from error
    except yaml.MarkedYAMLError as error:  # its own text quotes the line, which may hold a key
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UserError(f"{path}: not valid YAML ({error.problem}{line})") from None
    except (yaml.YAMLError, ValueError) as error:  # a character that YAML does not know, a date that is none
        raise UserError(f"{path}: not valid YAML ({error})") from None
    if not isinstance(given, dict):
        raise UserError(f"{path}: must be a mapping (known keys: {', '.join(Grid.model_fields)})")
    reject_secrets(given, str(path))
    return parse(Grid, Document(path, {str(name): value for name, value in given.items()}, ""))


def cells(grid: Grid) -> list[Cell]:
    """Return one cell for each combination of a grid, in the order of the file.

    Models change last, so that a condition is complete for all models before the next one begins.

    Raises:
        UserError: Two cells would have the same name, or one's name is too long.
    """
    conditions = (grid.seeds, grid.settings, grid.variants, grid.modes, grid.queries, grid.wordings, grid.graders)
    found = [_cell(grid, *each) for each in itertools.product(*conditions, grid.models)]
    names = [cell.name for cell in found]
    for name in names:
        if names.count(name) > 1:
            raise UserError(
                f"two cells of the grid are called {name!r}; remove the duplicate, or give models or graders a "
                "`name` of their own"
            )
        if len(name) > LONGEST:
            raise UserError(f"the name {name!r} is longer than {LONGEST} characters; give models a shorter `name`")
    return found


def _cell(
    grid: Grid,
    seed: int | None,
    setting: str,
    variant: str,
    mode: str,
    queries: str | None,
    wording: str,
    grader: Grader,
    model: Entry,
) -> Cell:
    variants = ",".join(parse_variant_names(variant))
    arguments: dict[str, Any] = {"setting": setting, "scratchpad": mode, "wording": wording}
    arguments |= {"variant": variants} if variants else {}
    arguments |= {"queries": queries} if queries else {}
    seeded = {} if seed is None else {"seed": seed}
    parts = [setting, variants or "main", mode, *([queries] if queries else [])]
    parts += [wording] if wording != "ensemble" else []
    parts += [f"seed {seed}"] if seeded else []
    return Cell(
        name=folder_name([model.label, *parts, f"by {grader.label}"]),
        model=model.model_copy(update={"generate": {**grid.generate, **seeded, **model.generate}}),
        graders=grader.panel,
        task={**arguments, **grid.task},
        epochs=grid.epochs,
        limit=grid.limit,
        shards=grid.shards,
        run=grid.run,
    )
