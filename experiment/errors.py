"""The one error that a user can fix."""

from collections.abc import Iterable


class UserError(ValueError):
    """Something a user named or wrote cannot be used; the message says what was given and what is possible."""


def unknown_name_error(kind: str, given: str, known: Iterable[str]) -> UserError:
    """Build the error for a name that is not known.

    Args:
        kind: What was to be chosen, such as "setting".
        given: The name that was given.
        known: Every name that would have been accepted.

    Returns:
        The error, ready to be raised.
    """
    return UserError(f"unknown {kind} {given!r}; known: {', '.join(sorted(known)) or 'none'}")
