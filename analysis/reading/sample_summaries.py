"""The sample summaries of a log, without its transcripts."""

import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import fsspec  # type: ignore[import-untyped]
from inspect_ai.log import ProvenanceData, read_eval_log, read_eval_log_sample_summaries
from inspect_ai.scorer import ScoreEdit
from pydantic import BaseModel, ConfigDict, TypeAdapter, field_validator
from zstandard import ZstdError

from analysis.reading.log_metadata import ScoreMetadata

MEMBER, SAMPLES = "summaries.json", "samples/"
BY_HAND = (b'"score_edit"', b'"invalidation":{', b'"invalidation": {')  # what a person's edit leaves in a sample
UNUSUAL = (KeyError, zipfile.BadZipFile, NotImplementedError)  # no such member, no such archive, another compression
DAMAGED = (OSError, EOFError, ValueError, zlib.error, ZstdError, struct.error)
MALFORMED = (AttributeError, TypeError, OverflowError)  # a document of another shape under our names
UNREADABLE = (*UNUSUAL, *DAMAGED, *MALFORMED)


class Usage(BaseModel):
    """Tokens and cost of a model, as the provider counted them; Inspect prices a model only when told to."""

    model_config = ConfigDict(from_attributes=True)

    input_tokens: int = 0
    output_tokens: int = 0
    total_cost: float | None = None


class Scored(BaseModel):
    """A score: its value, why it has none, what the scorer noted, and its versions if a person edited it."""

    model_config = ConfigDict(from_attributes=True)

    value: Any = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None
    history: list[ScoreEdit] = []

    @field_validator("metadata")
    @classmethod
    def _checked(cls, noted: dict[str, Any] | None) -> dict[str, Any] | None:
        ScoreMetadata.model_validate(noted or {})
        return noted


def edited_by(history: Iterable[ScoreEdit]) -> str:
    """Return who edited a score by hand and why, as Inspect was told; "" where nobody did."""
    known = [version.provenance for version in history if version.provenance]
    return "; ".join(f"{each.author}: {each.reason}" if each.reason else each.author for each in known)


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
    invalidation: ProvenanceData | None = None


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
                summaries = SUMMARIES.validate_json(archive.read(MEMBER))
                samples = (archive.read(name) for name in archive.namelist() if name.startswith(SAMPLES))
                edited = [SampleSummary.model_validate_json(text) for text in samples if _edited(text)]
                return _with_edits(summaries, edited)
        except UNUSUAL:
            pass
    summaries = SUMMARIES.validate_python(read_eval_log_sample_summaries(path), from_attributes=True)
    with fsspec.open(path, "rb") as file:
        whole = (read_eval_log(path).samples or []) if path.endswith(".json") and _edited(file.read()) else []
    return _with_edits(summaries, SUMMARIES.validate_python(whole, from_attributes=True))


def _edited(text: bytes) -> bool:
    return any(mark in text for mark in BY_HAND)


def _with_edits(summaries: list[SampleSummary], samples: list[SampleSummary]) -> list[SampleSummary]:
    """Return summaries with what people did to the samples, which Inspect's summaries leave out."""
    whole = {(sample.id, sample.epoch): sample for sample in samples}
    for summary in summaries:
        if sample := whole.get((summary.id, summary.epoch)):
            summary.invalidation = sample.invalidation
            for name, score in (summary.scores or {}).items():
                score.history = (sample.scores or {})[name].history if name in (sample.scores or {}) else []
    return summaries
