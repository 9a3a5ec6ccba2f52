"""How a grader is given the schema of its answers: by the provider, or in the prompt where that refuses it."""

import json
import re
from functools import cache
from typing import Any, Self
from weakref import WeakSet

from inspect_ai.model import Model, ResponseSchema
from inspect_ai.util import json_schema

from scorers.rubric import answer_model

PROMPTED: WeakSet[Model] = WeakSet()
"""The graders of this run whose provider refused a schema."""

_PARAMETER = re.compile(
    r"response[_ ]?(?:format|schema|mime)|json[_ ]?(?:schema|object|mode)|structured[_ -]?output|"
    r"output_(?:config|format)|text\.format|guided[_ ](?:json|decoding)|grammar|additionalProperties",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"not (?:\w+ )?(?:support|enabled|allowed|permitted|available|implemented)|unsupported|unavailable|unknown|"
    r"unrecogni[sz]ed|unexpected|invalid|no endpoints|only \S+ support|fail|must be|cannot|does not|doesn'?t",
    re.IGNORECASE,
)


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


def refuses_schema(text: str) -> bool:
    """Tell whether a server's message refuses the schema of an answer.

    Args:
        text: What the server said, without the request.

    Returns:
        True when it names the parameter, or what it becomes, together with a word for not taking it; so do OpenAI,
        DeepSeek, Groq, OpenRouter, Anthropic's older models, llama.cpp and the servers made like them.
    """
    return bool(_PARAMETER.search(text) and _REFUSAL.search(text))
