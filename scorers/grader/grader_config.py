"""How a grader is configured: the hash of its options, its cache, and the schema of its answers."""

import hashlib
import json
from functools import cache
from typing import Any, Self
from weakref import WeakSet

from inspect_ai.model import CachePolicy, Model, ResponseSchema
from inspect_ai.util import json_schema

from experiment.call_counts import TRANSPORT_OPTIONS
from scorers.rubric import answer_model

PROMPTED: WeakSet[Model] = WeakSet()
"""The graders of this run whose provider refused a schema, so that the prompt says it."""


@cache
def grader_config_hash(grader: Model) -> str:
    """Return a short hash of what else decides a grader's answers: its generation options and model arguments.

    How calls are made (connections, retries, time limits, caches) does not count.
    """
    sent = [grader.config.model_dump(exclude_none=True, exclude=TRANSPORT_OPTIONS), grader.model_args]
    return short_hash(json.dumps(sent, sort_keys=True, default=lambda other: type(other).__name__))


def cache_policy(grader: Model) -> CachePolicy | bool:
    """Return how Inspect keeps a grader's answers for other runs, False where the grader is not bound with `cache`.

    An answer is read again wherever the same grader with the same settings is sent the same rubric, text and number of
    the vote, whatever the epoch.
    """
    asked = grader.config.cache
    if not asked:
        return False
    policy = asked if isinstance(asked, CachePolicy) else CachePolicy(expiry=None)
    scopes = {**policy.scopes, "settings": grader_config_hash(grader)}
    return policy.model_copy(update={"per_epoch": False, "scopes": scopes})


class _SharedSchema(ResponseSchema):
    """A schema that nobody changes, so that the deep copies that Inspect makes of a call's settings can share it."""

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self


@cache
def response_schema(rubric: str) -> ResponseSchema:
    """Return the schema of the answers to a rubric, as a provider takes it."""
    return _SharedSchema(name=rubric, json_schema=json_schema(answer_model(rubric)), strict=True)


@cache
def schema_text(rubric: str) -> str:
    """Return the schema of the answers to a rubric, as a prompt says it."""
    return json.dumps(response_schema(rubric).json_schema.model_dump(exclude_none=True))


def short_hash(text: str) -> str:
    """Return sixteen hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
