"""What decides a grader's answers beside its name, and whether the answers are kept for other runs."""

import hashlib
import json
from functools import cache

from inspect_ai.model import CachePolicy, Model

from experiment.call_counts import TRANSPORT_OPTIONS


@cache
def grader_config_hash(grader: Model) -> str:
    """Return a short hash of what else decides a grader's answers: its generation options and model arguments.

    Args:
        grader: The grader.

    Returns:
        Sixteen hexadecimal digits; how calls are made (connections, retries, time limits, caches) does not count.
    """
    sent = [grader.config.model_dump(exclude_none=True, exclude=TRANSPORT_OPTIONS), grader.model_args]
    return short_hash(json.dumps(sent, sort_keys=True, default=lambda other: type(other).__name__))


def kept(grader: Model) -> CachePolicy | bool:
    """Return how Inspect keeps a grader's answers for other runs, where the grader is bound with `cache`.

    Args:
        grader: The grader.

    Returns:
        A policy by which an answer is read again wherever the same grader with the same settings is sent the same
        rubric, text and number of the vote, whatever the epoch; False where nothing is to be kept.
    """
    asked = grader.config.cache
    if not asked:
        return False
    policy = asked if isinstance(asked, CachePolicy) else CachePolicy(expiry=None)
    scopes = {**policy.scopes, "settings": grader_config_hash(grader)}
    return policy.model_copy(update={"per_epoch": False, "scopes": scopes})


def short_hash(text: str) -> str:
    """Return sixteen hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
