"""Whether a text stands in another, by its letters and digits alone."""

import unicodedata
from functools import lru_cache

MIN_QUOTATION = 6  # letters and digits; judgement: shorter ones stand in almost any text


def quoted(quotation: str, material: str) -> bool:
    """Tell whether a quotation stands in a text, by its letters and digits alone.

    White space, punctuation, markup, invisible characters, letter case and the form of a letter (full width, combined
    accents) do not count, so that neither a grader's tidying nor a model's tricks make a true quotation untrue.

    Args:
        quotation: What the grader quoted; one of fewer than six letters stands nowhere but in a shorter text.
        material: The text that was graded.

    Returns:
        True when it does.
    """
    needle, text = letters(quotation), letters(material)
    return len(needle) >= min(MIN_QUOTATION, max(1, len(text))) and needle in text


@lru_cache(maxsize=64)  # a text is searched for every quotation of every vote
def letters(text: str) -> str:
    """Return a text's letters and digits, in one case and one form."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
