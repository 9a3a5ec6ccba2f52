"""The sample summaries of a log, without its transcripts."""

import struct
import zipfile
import zlib
from typing import Any

import fsspec  # type: ignore[import-untyped]
from inspect_ai.log import read_eval_log_sample_summaries
from pydantic import BaseModel, ConfigDict, TypeAdapter
from zstandard import ZstdError

MEMBER = "summaries.json"
UNUSUAL = (KeyError, zipfile.BadZipFile, NotImplementedError)  # no such member, no such archive, another compression
DAMAGED = (OSError, EOFError, ValueError, zlib.error, ZstdError, struct.error)
MALFORMED = (AttributeError, TypeError)  # a document of another shape under our names
UNREADABLE = (*UNUSUAL, *DAMAGED, *MALFORMED)


class Usage(BaseModel):
    """Tokens and cost of a model, as the provider counted them; Inspect prices a model only when told to."""

    model_config = ConfigDict(from_attributes=True)

    input_tokens: int = 0
    output_tokens: int = 0
    total_cost: float | None = None


class Scored(BaseModel):
    """A score: its value, why it has none, and what the scorer noted."""

    model_config = ConfigDict(from_attributes=True)

    value: Any = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class SampleSummary(BaseModel):
    """What a report needs of a sample, under Inspect's names."""

    model_config = ConfigDict(from_attributes=True)

    id: str | int
    epoch: int
    uuid: str | None = None
    metadata: dict[str, Any] = {}
    scores: dict[str, Scored] | None = None
    role_usage: dict[str, Usage] = {}
    model_usage: dict[str, Usage] = {}
    error: str | None = None
    completed: bool = False


SUMMARIES = TypeAdapter(list[SampleSummary])


def read_summaries(path: str) -> list[SampleSummary]:
    """Read the sample summaries of a log.

    A finished `.eval` log holds them in one member, which is read directly: Inspect's reader shortens every text anew,
    which takes twenty times as long. Any other log goes through Inspect.

    Args:
        path: A log, local or an fsspec URL.

    Returns:
        A summary for each sample and epoch that the log holds.

    Raises:
        UNREADABLE: The log cannot be read.
    """
    if path.endswith(".eval"):
        try:
            with fsspec.open(path, "rb") as file, zipfile.ZipFile(file) as archive:
                return SUMMARIES.validate_json(archive.read(MEMBER))
        except UNUSUAL:
            pass
    return SUMMARIES.validate_python(read_eval_log_sample_summaries(path), from_attributes=True)
