"""One cell of a grid: a model and its graders in one condition, cut into shards."""

import re
from collections.abc import Sequence
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model
from pydantic import Field, ValidationError

from experiment.errors import UserError, unknown_name_error
from experiment.front_matter import Record


class Entry(Record):
    """A model as a grid file names it.

    Args:
        model: Inspect's name, provider first.
        name: What to call it in names of cells; by default the model.
        args: Arguments of its provider, as `-M`.
        base_url: Where its provider answers.
        generate: Its generation options.
    """

    model: str = Field(min_length=1)
    name: str | None = None
    args: dict[str, Any] = Field(default_factory=dict)
    base_url: str | None = None
    generate: dict[str, Any] = Field(default_factory=dict)

    @property
    def label(self) -> str:
        """What to call it."""
        return self.name or self.model

    @property
    def config(self) -> GenerateConfig:
        """Its generation options for Inspect; an option that is unknown or has an impossible value is an error."""
        for option in self.generate:
            if option not in GenerateConfig.model_fields:
                raise unknown_name_error("generation option", option, GenerateConfig.model_fields)
        try:
            return GenerateConfig(**self.generate)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise UserError(f"generation options of {self.model}: {problems}") from error

    def open(self) -> Model:
        """Return a model of its own, shared with no other cell; its provider checks that there is a key for it."""
        return get_model(self.model, config=self.config, base_url=self.base_url, memoize=False, **self.args)


class Run(Record):
    """How Inspect runs each cell; none of this bears on a result.

    Args:
        retry_attempts: How often a cell that fails is tried again, its finished samples kept.
        retry_on_error: How often a sample that ends in an error is run again.
        max_samples: How many samples of a cell are run at once; by default as many as there are connections.
        log_buffer: How many finished samples are held back before they are written.
        log_realtime: Whether running samples can be watched in `inspect view`.
    """

    retry_attempts: int = Field(default=2, ge=0)
    retry_on_error: int = Field(default=0, ge=0)
    max_samples: int | None = Field(default=None, ge=1)
    log_buffer: int | None = Field(default=None, ge=1)
    log_realtime: bool = True


class Cell(Record):
    """What one run of the evaluation is made of.

    Args:
        name: What it is called: the name of its folder, made of what a reader would call it.
        model: The model under test, with all its options.
        graders: The grader, or the members of a panel.
        task: Arguments of the task.
        epochs: How often each sample is put.
        limit: How many queries are asked, all where None.
        shards: Into how many parts it is cut.
        run: How Inspect runs it.
    """

    name: str
    model: Entry
    graders: tuple[Entry, ...]
    task: dict[str, Any]
    epochs: int
    limit: int | None
    shards: int
    run: Run = Run()


class Shard(Record):
    """Some of a cell's queries, in all tiers: what one process runs.

    Args:
        cell: The cell.
        number: Which of its shards, from 1.
        samples: The first sample, and the one after the last, as Inspect's `limit` counts them.
    """

    cell: Cell
    number: int
    samples: tuple[int, int]

    @property
    def name(self) -> str:
        """The name of its folder, below that of the log folder."""
        whole = self.cell.shards == 1
        return self.cell.name if whole else f"{self.cell.name}/shard-{self.number}-of-{self.cell.shards}"

    @property
    def limit(self) -> int | tuple[int, int]:
        """The same as Inspect's `--limit` takes it: a number where it begins at the first sample."""
        first, last = self.samples
        return (first, last) if first else last

    @property
    def planned(self) -> int:
        """How many samples it is to have, counting epochs."""
        return (self.samples[1] - self.samples[0]) * self.cell.epochs


def shards(cell: Cell, samples: int, tiers: int) -> list[Shard]:
    """Cut a cell into shards of whole queries, as equal as can be, in the order of the run.

    There are fewer than asked for where there are fewer queries. The samples are those of one epoch, those of a query,
    one in each tier, next to each other.
    """
    queries = min(samples // tiers, cell.limit or samples)
    parts = min(cell.shards, max(queries, 1))
    cuts = [queries * number // parts * tiers for number in range(parts + 1)]
    return [Shard(cell=cell, number=n, samples=(cuts[n - 1], cuts[n])) for n in range(1, parts + 1)]


def folder_name(parts: Sequence[str]) -> str:
    """Return the name of a folder: the parts, each in letters, digits, dots, pluses, hyphens and underscores."""
    plain = [re.sub(r"[^\w.+]+", "-", part.replace(",", "+"), flags=re.ASCII).strip("-.") for part in parts]
    return "--".join(part or "x" for part in plain)
