"""Finding reasoning that is left in what would be the answer, in forms that `reasoning_formats` does not list."""

import re

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
LINE_BREAK = re.compile("\r\n?|[\u2028\u2029\x85]")

_BRACKET = r"(?:<!--|[<\[({\u3010\u300a\u3008\u27e8\u2039]{1,3}|&lt;)"
_NAME = r"scratch[\s_-]?pad"
_QUOTE = r"[\"'\u201c\u201d]"
_KEYS = r"(?:\w{0,12}_)?(?:scratchpad|thoughts?|thinking|reasoning(?:_content)?)"
_FORMS = (
    r"<[|\uff5c/]{1,2}(?:\w{1,9}[_\u2581]){0,2}think",  # a model's own token
    r"(?:<|&lt;)\|\s*(?:channel|start|message)|<\|im_start\|>\s*(?:thought|think|analysis)",
    rf"(?<![`\"'\u201c\u2018*])(?:{_BRACKET}|^(?:```|~~~))\W{{0,3}}(?:\w{{1,6}}[\s:_|-])?{_NAME}(?![\w\s]*[.,])",
    rf"^\W{{0,8}}(?:<[^<>\n]{{0,60}}>)?\W{{0,6}}(?:\w{{1,9}}[ \t:]{{1,2}}){{0,2}}{_NAME}\b[^\n.]{{0,12}}?"
    r"(?:[:=<>({\[\u2014\u2013-]|$)",  # a heading of some kind
    rf"=\s*[\"']?{_NAME}\b|{_QUOTE}{_NAME}{_QUOTE}\s*[,}}\]]",  # an attribute, or a value of an object
    rf"{_QUOTE}{_KEYS}\\?{_QUOTE}\s*:|{_QUOTE}type{_QUOTE}\s*:\s*{_QUOTE}(?:reasoning|thinking|thought)",
    r"^(?:```|~~~)[ \t]*(?:think(?:ing)?|thoughts?|reasoning)[ \t]*$",  # a fence
    r"[\u3010\[](?:\u601d\u8003|\u8349\u7a3f)",
)
_UNRECOGNISED = re.compile("|".join(_FORMS), re.IGNORECASE | re.MULTILINE)


def holds_unrecognised_reasoning(public: str) -> bool:
    """Tell whether what is left when all known reasoning was taken out may still hold some.

    Returns:
        True where a bracket or a fence of any kind opens on the scratchpad's name, or an object has a key for
        reasoning; a name in quotes or in the middle of a sentence is only mentioned.
    """
    return bool(_UNRECOGNISED.search(INVISIBLE.sub("", public)))
