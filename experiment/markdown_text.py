"""Untrusted words within Markdown of ours, for readers that render it, and back for those that do not."""

import re

from experiment.hidden_characters import shortened, visible

# Markup, HTML, mathematics and tables; what links are told by, though no brackets are around them.
_SPECIAL = re.compile(r"[\\`*<>&\[\]|~$#@]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=\w)\.(?=[^\W\d])")
_OPENING = re.compile(r"[-+=]|(?<=\d)[.)](?=\s|$)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|\*\*")


def as_words(text: str) -> str:
    """Return a text that Markdown prints as it is: no line of it can pass for one of ours, and nothing is a link.

    Args:
        text: Any text; hidden characters are spelt out, and spaces around its lines are left out.

    Returns:
        Markdown, in which a backslash stands before what would be interpreted; `plain_words` takes it away.

    Reference:
        GitHub Flavored Markdown 0.29: sections 2.4 (backslash escapes), 5.2 (list items), 6.9 (autolinks).
    """
    return "\n".join(_line(line.strip()) for line in visible(shortened(text)).splitlines())


def plain_words(markdown: str) -> str:
    """Return the words of Markdown of ours, without bold marks and the backslashes of `as_words`."""
    return _ESCAPED.sub(lambda found: found[1] or "", markdown)


def _line(text: str) -> str:
    escaped = _SPECIAL.sub(lambda found: f"\\{found[0]}", text)
    opening = _OPENING.match(escaped, len(escaped) - len(escaped.lstrip("0123456789")))
    return f"{escaped[: opening.start()]}\\{escaped[opening.start() :]}" if opening else escaped
