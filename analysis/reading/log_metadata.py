"""What a report takes from the metadata of logs, samples and scores, checked on entry: a log may hold anything."""

from typing import Annotated

from pydantic import BaseModel, Field

Contrasts = Annotated[dict[str, tuple[str, str]], Field(min_length=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class RunMetadata(BaseModel):
    """What a run notes of itself."""

    suite_version: str
    setting: str
    setting_path: str
    setting_queries: str
    queries: str
    variant: list[str]
    wording: str
    scratchpad: str
    lab: str | None = None
    queries_sha256: str | None = None
    prompt_sha256: dict[str, str] | None = None
    rubric_sha256: dict[str, str] | None = None


class SampleMetadata(BaseModel):
    """What a sample notes of what was asked."""

    query: str
    wording: str
    category: str
    tier: str
    material: str
    contrasts: Contrasts


class ScoreMetadata(BaseModel):
    """What a scorer notes beside its value."""

    served: str | None = None
    definitions: dict[str, Finite | None] | None = None
    panel: list[tuple[str, Finite | None]] | None = None
    vote_share: Finite | None = None
