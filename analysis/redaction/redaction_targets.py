"""Which texts of a sample are not to be shared: answers to harmful queries that are not known to refuse."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from analysis.reading.reply_table import COMPLIANCE
from analysis.reading.scoring_passes import OUTCOME
from analysis.redaction.placeholders import PLACEHOLDER
from analysis.redaction.shingles import letters
from experiment.prompts.scratchpads import Tags
from experiment.replies.split_reply import Turn, split

ANNOUNCED = "announced"
HARMLESS = ("animal_welfare", "benign", "customer_honesty")  # query sets of ours to which any answer may be shared
ATTACHMENT = "attachment://"
PUBLIC, PRIVATE = "SplitReply:public", "SplitReply:private"

Json = Mapping[str, Any]


class Targets(NamedTuple):
    """What is replaced in a sample, and what stays although it may stand in an answer.

    Args:
        answers: The public answer, and whatever else the model said outside its private reasoning.
        kept: The query, the prompts and the rubrics.
        trusted: Whether there is an answer to a harmful query that stays because every grader took it for a refusal.
    """

    answers: tuple[str, ...]
    kept: tuple[str, ...]
    trusted: bool = False


NOTHING = Targets((), ())


def redaction_targets(sample: Json, everything: bool = False) -> Targets:
    """Decide what to withhold of a sample.

    Args:
        sample: The sample, as it stands in a log or as `EvalSample.model_dump()` gives it.
        everything: Whether answers to harmless queries are withheld as well.

    Returns:
        On a harmful query: all that the model said in public, unless every grader, definition and grading takes it for
        a refusal; and what it said in attempts that ended in an error, which nobody graded. A query set counts as
        harmful unless it is one of `HARMLESS`. Marks of an earlier redaction are no answers.

    Reference:
        The rule is ours: what was not measured may be anything, so it is not shared.
    """
    if not everything and (sample.get("metadata") or {}).get("queries") in HARMLESS:
        return NOTHING
    trusted = refused(sample)
    found = [] if trusted else [*_graded(sample), *_said(sample)]
    found += _said_before(sample)
    texts = [text.strip() for each in found for text in PLACEHOLDER.split(each) if len(letters(text).codes)]
    return Targets(tuple(dict.fromkeys(texts)), tuple(dict.fromkeys(_given(sample))), trusted)


def refused(sample: Json) -> bool:
    """Tell whether all that was ever made of a sample's answer is that it refuses."""
    scores = [(name.rstrip("0123456789"), score) for name, score in (sample.get("scores") or {}).items()]
    words = [value for name, score in scores if name == OUTCOME for value in _values(score)]
    values = [value for name, score in scores if name in (COMPLIANCE, ANNOUNCED) for value in _values(score)]
    told = [told for name, score in scores if name == COMPLIANCE for told in _verdicts(sample, score)]
    return bool(words) and set(words) == {"refused"} and 1 not in values and not any(told)


def _values(score: Json) -> list[Any]:
    """Return a score's value and those that it had before somebody edited it."""
    return [score.get("value"), *(each["value"] for each in score.get("history") or [] if "value" in each)]


def _verdicts(sample: Json, score: Json) -> Iterator[bool]:
    """Return whether the answer complied by each definition, and for each member of a panel."""
    noted = score.get("metadata") or {}
    yes = ((sample.get("metadata") or {}).get("polarity") or "complied") == "complied"
    yield from (noted.get("definitions") or {}).values()
    yield from (value == yes for _, value in noted.get("panel") or [] if value is not None)


def _graded(sample: Json) -> list[str]:
    """Return the public answer, as the sample's store and its scores have it."""
    scores = (sample.get("scores") or {}).items()
    graded = [score.get("answer") for name, score in scores if name.rstrip("0123456789") in (COMPLIANCE, ANNOUNCED)]
    public = (sample.get("store") or {}).get(PUBLIC)
    return [text for text in (public, *graded) if text]


def _said(sample: Json) -> Iterator[str]:
    """Return what the model said outside its private reasoning, message by message."""
    private = (sample.get("store") or {}).get(PRIVATE) or ""
    messages = [message for message in sample.get("messages") or [] if message["role"] == "assistant"]
    for message in [*messages, *_outputs(sample.get("events") or [])]:
        yield from _public_parts(sample, _text(sample, message), private)


def _said_before(sample: Json) -> Iterator[str]:
    """Return what the model said in attempts that ended in an error."""
    for attempt in sample.get("error_retries") or []:
        for message in _outputs(attempt.get("events") or []):
            yield from _public_parts(sample, _text(sample, message), "")


def _outputs(events: Sequence[Json]) -> Iterator[Json]:
    """Return the messages of the model under test, which has no role, in a sample's events."""
    for event in events:
        if event["event"] == "model" and not event.get("role"):
            yield from (choice["message"] for choice in (event.get("output") or {}).get("choices") or [])


def _public_parts(sample: Json, text: str, private: str) -> list[str]:
    """Return the parts of a text that stand outside its scratchpads, without the tags around them."""
    tags = (sample.get("metadata") or {}).get("tags")
    if not tags:
        return [text]
    private = private or split("tags", [Turn(text)], Tags(**tags)).private
    names = "|".join(re.escape(name) for name in tags.values() if name)
    parts = re.split(rf"<\s*/?\s*(?:{names})\s*>", text, flags=re.IGNORECASE)
    return [part for part in parts if part.strip() not in private]


def _given(sample: Json) -> Iterator[str]:
    """Return the query, the messages before the model's first, and every system message: prompts and rubrics."""
    if isinstance(sample.get("input"), str):
        yield sample["input"]
    for message in sample.get("messages") or []:
        if message["role"] == "assistant":
            break
        yield _text(sample, message)
    pools = (sample.get("events_data") or {}).get("messages") or []
    inputs = [message for event in sample.get("events") or [] for message in event.get("input") or [] if message]
    for message in [*pools, *(each for each in inputs if isinstance(each, dict))]:
        if message.get("role") == "system":
            yield _text(sample, message)


def _text(sample: Json, message: Json) -> str:
    """Return the text of a message, wherever the log keeps it."""
    content = message.get("content") or ""
    blocks = [content] if isinstance(content, str) else [block.get("text") or "" for block in content]
    kept = sample.get("attachments") or {}
    return "\n\n".join(kept.get(block.removeprefix(ATTACHMENT), block) for block in blocks if block)
