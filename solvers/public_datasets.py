"""Public sets of queries and of labelled replies, fetched from where they are published and never bundled."""

import os
import ssl
from http.client import HTTPException
from pathlib import Path
from typing import Any, Literal, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import yaml
from inspect_ai.dataset import Dataset, Sample, csv_dataset, hf_dataset, json_dataset
from pydantic import Field, TypeAdapter, model_validator

from experiment.errors import UserError, unknown_name_error
from experiment.front_matter import Record
from experiment.paths import data_folder
from experiment.queries.query_sets import Query, to_queries

QUERY_SETS = "queries/public_query_sets.yaml"
LABEL_SETS = "labels/public_label_sets.yaml"
HUB = "https://huggingface.co"
TRUE = ("1", "on", "yes", "true")
PATIENCE = 5  # seconds that a server gets to answer; the loaders' own retries take minutes without a network


class PublicSet(Record):
    """Where a public set is and how it is read.

    Args:
        what: What it holds, in one line.
        format: "hub" for a Hugging Face data set, else the file's format.
        where: The data set's id on the hub, or the file's URL, pinned to a commit.
        config: The hub data set's configuration, where it has several.
        split: The hub data set's split.
        revision: The hub data set's commit.
        text: The column with the query, or with the labelled reply.
        category: The column with its category, if any.
        id: The column with its id, if any.
        keep: Column to the value a row must have in it.
        query: Of labelled replies, the column with what was asked, if any.
        labels: Of labelled replies, a score's name to the column with its label, or to the label of every row.
        licence: What its publisher says.
    """

    what: str
    format: Literal["hub", "csv", "json"]
    where: str
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    text: str
    category: str | None
    id: str | None
    keep: dict[str, str] = Field(default_factory=dict)
    query: str | None = None
    labels: dict[str, str | bool] = Field(default_factory=dict)
    licence: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = [self.split is not None, self.revision is not None]
        if not all(given) if self.format == "hub" else any(given):
            raise ValueError("a set on the hub needs split and revision, a file has neither")
        return self

    @property
    def columns(self) -> list[str]:
        """Every column that must be there."""
        labels = [column for column in self.labels.values() if isinstance(column, str)]
        return [column for column in (self.text, self.category, self.id, *self.keep, self.query, *labels) if column]

    @property
    def source(self) -> str:
        """What to call the place in a sentence."""
        if self.format != "hub":
            return self.where
        return f"{self.where} (split {self.split}, revision {str(self.revision)[:7]}) on the Hugging Face hub"


def public_set_names() -> list[str]:
    """Return the names of the public sets, sorted."""
    return sorted(public_sets())


def public_sets(file: str = QUERY_SETS) -> dict[str, PublicSet]:
    """Return every public set by its name, from a list of them below `datasets/`."""
    text = (data_folder() / file).read_text(encoding="utf-8")
    return TypeAdapter(dict[str, PublicSet]).validate_python(yaml.safe_load(text))


def load_public_set(name: str) -> list[Query]:
    """Fetch a public query set.

    Args:
        name: An entry of `datasets/queries/public_query_sets.yaml`.

    Returns:
        The queries in the order of the source; ids that it does not give are the name and a running number.

    Raises:
        UserError: The name is unknown, the source cannot be reached or read, or it is not what the entry says.
    """
    entries = public_sets()
    if name not in entries:
        raise unknown_name_error("public query set", name, entries)
    entry = entries[name]
    return to_queries(fetch(entry, name), _place(entry, name), name, entry.text, entry.id, entry.category)


def fetch(entry: PublicSet, name: str) -> list[dict[str, Any]]:
    """Fetch a public set.

    Args:
        entry: Where it is.
        name: What it is called, for errors.

    Returns:
        The rows that the entry keeps, in the order of the source, with the source's columns.

    Raises:
        UserError: The source cannot be reached or read, or it lacks a column.
    """
    problem = _unreachable(entry)
    if problem:
        raise _unavailable(entry, name, problem)
    try:
        rows = [sample.metadata or {} for sample in _read(entry)]
    except Exception as error:  # every library below the loaders has errors of its own
        first = next(iter(str(error).splitlines()), "")
        raise _unavailable(entry, name, f"{type(error).__name__}: {first}") from error
    for row in rows:
        missing = [column for column in entry.columns if column not in row]
        if missing:
            raise UserError(f"{_place(entry, name)} lacks the column {missing[0]!r} (has: {', '.join(map(str, row))})")
    return [row for row in rows if all(str(row[column]) == value for column, value in entry.keep.items())]


def _read(entry: PublicSet) -> Dataset:
    if entry.format == "hub":
        return hf_dataset(
            entry.where,
            name=entry.config,
            split=str(entry.split),
            revision=entry.revision,
            sample_fields=_to_sample,
            retry=False,
        )
    read = csv_dataset if entry.format == "csv" else json_dataset
    proxies = {"client_kwargs": {"trust_env": True}} if _remote(entry) else None
    return read(entry.where, sample_fields=_to_sample, fs_options=proxies)


def _to_sample(row: dict[str, Any]) -> Sample:
    """Keep a row as it is; the loaders make samples of rows."""
    return Sample(id=str(row), input="", metadata=row)


def _place(entry: PublicSet, name: str) -> str:
    return f"public set {name!r}: {entry.source}"


def _remote(entry: PublicSet) -> bool:
    return not Path(entry.where).exists()


def _unreachable(entry: PublicSet) -> str:
    """Say why a source's server does not answer, or nothing when it does or need not."""
    cached = entry.format == "hub" and os.environ.get("HF_HUB_OFFLINE", "").lower() in TRUE
    if cached or not _remote(entry):
        return ""
    url = os.environ.get("HF_ENDPOINT", HUB) if entry.format == "hub" else entry.where
    try:
        urlopen(Request(url, method="HEAD"), timeout=PATIENCE).close()
    except HTTPError:
        return ""
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        # The loaders bring certificates of their own, so what this probe distrusts they may accept.
        return "" if isinstance(reason, ssl.SSLError) else f"no answer from {url.split('/')[2]} ({reason})"
    return ""


def _unavailable(entry: PublicSet, name: str, problem: str) -> UserError:
    token = ", HF_TOKEN if access to it is restricted, HF_HUB_OFFLINE=1 if it was fetched before"
    return UserError(
        f"public set {name!r} could not be read from {entry.source}: {problem}; "
        f"it needs a network connection{token if entry.format == 'hub' else ''}, "
        "or give the path of your own copy, a .csv, .json or .jsonl file with a column 'text'"
    )
