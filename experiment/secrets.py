"""Keeping keys out of files that are shared: what looks like one is refused, without repeating it."""

import re
from collections.abc import Iterator, Mapping

from experiment.errors import UserError

WORDS = frozenset({"apikey", "authorization", "bearer", "credential", "credentials", "key", "password", "secret"})
SECRET_ENDINGS = frozenset({"token"})  # max_tokens is no secret, auth_token is one
VALUE = re.compile(r"\b(sk-|hf_|gh[pousr]_|AKIA|AIza|xox[abp]-)[\w*-]{8,}|\b(Bearer|Basic) \S+|://[^/\s@]+:[^/\s@]+@")
QUERY = re.compile(r"[?&]([\w-]+)=")
HARMLESS = frozenset({"prompt_cache_key"})  # OpenAI's name for what shares a cache
SHORTEST = 8  # a shorter value is a switch or a placeholder, and would be found in many words


def reject_secrets(given: object, where: str) -> None:
    """Refuse what holds a key, a token or a password, by the name that it stands under or by its form.

    Args:
        given: Mappings, lists and texts, nested at will.
        where: What to call it in the error.

    Raises:
        UserError: Something looks like a secret; says where it stands, and never what it is.
    """
    for place in _secrets(given, ()):
        raise UserError(
            f"{where}: {'.'.join(place)} looks like a key; keys stay in the environment or in .env "
            "(ANTHROPIC_API_KEY, OPENAI_API_KEY and so on), where Inspect finds them"
        )


def is_secret_name(name: str) -> bool:
    """Tell whether what stands under a name is a secret: `api_key`, `x-api-key`, `authToken`, but not `max_tokens`."""
    if name in HARMLESS:
        return False
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)]
    return bool(WORDS.intersection(words)) or bool(SECRET_ENDINGS.intersection(words[-1:]))


def _secrets(given: object, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(given, dict):
        for name, value in given.items():
            inner = (*place, str(name))
            if is_secret_name(str(name)):
                yield inner
            yield from _secrets(value, inner)
    elif isinstance(given, list):
        for number, value in enumerate(given, start=1):
            yield from _secrets(value, (*place, str(number)))
    elif isinstance(given, str) and (VALUE.search(given) or any(map(is_secret_name, QUERY.findall(given)))):
        yield place


def scrubbed(text: str, environment: Mapping[str, str]) -> str:
    """Take keys out of a text that others wrote, such as a provider's error.

    Args:
        text: The text.
        environment: Environment variables; the value of one whose name is a key's is a key.

    Returns:
        The text, with `[key]` in the place of each.
    """
    values = [value for name, value in environment.items() if is_secret_name(name) and len(value) >= SHORTEST]
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "[key]")
    return VALUE.sub("[key]", text)
