"""The shapes of reply: how the model reasons, and what holds so small a model to it.

A grammar or a schema of the server decides which marks a reply has; every word between them is the model's.
"""

THOUGHT = '[^<>"]{30,200}'
ANSWER = "[^<>]{30,200}"
CALL = {
    "type": "object",
    "properties": {
        "name": {"const": "scratchpad"},
        "arguments": {
            "type": "object",
            "properties": {"thought": {"type": "string", "minLength": 30, "maxLength": 200}},
            "required": ["thought"],
            "additionalProperties": False,
        },
    },
    "required": ["name", "arguments"],
    "additionalProperties": False,
}


def grammar(*parts):
    return {"grammar": "root ::= " + " ".join(parts)}


SHAPES = {
    "tool": ("tool", {}),  # its template knows no tools, so that nothing but text comes back
    "tool, a call as text": ("tool", {"response_format": {"type": "json_schema", "json_schema": {"schema": CALL}}}),
    "tags": ("tags", grammar('"<scratchpad>"', THOUGHT, r'"</scratchpad>\n<answer>"', ANSWER, '"</answer>"')),
    "tags, only reasoning": ("tags", grammar('"<scratchpad>"', THOUGHT, '"</scratchpad>"')),
    "native": ("native", grammar('"<think>"', THOUGHT, r'"</think>\n"', ANSWER)),
    "native, never closed": ("native", grammar('"<think>"', THOUGHT)),
    "none": ("none", grammar(ANSWER)),
    "none, with reasoning": ("none", grammar('"<think>"', THOUGHT, r'"</think>\n"', ANSWER)),
}
PRIVATE_IN = {"tags": "private", "native": "private", "none, with reasoning": "native"}
NO_ANSWER = ("tool, a call as text", "tags, only reasoning", "native, never closed")
