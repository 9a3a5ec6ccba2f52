"""How a run that did not end well is resumed: one sentence, for the message at its end and for the report."""

from shlex import quote

from experiment.errors import UserError


def resume(log: str, in_set: bool = False) -> str:
    """Return how a run is resumed.

    Args:
        log: Its log.
        in_set: Whether it is one of a set's, as of a grid, which would not see what another command adds.

    Returns:
        The end of a sentence, with the command.
    """
    if in_set:
        return "the command that began it (`alignment-faking grid` or `inspect eval-set`) runs only what is missing."
    return f"`inspect eval-retry {quote(log)}` runs what is missing and repeats no finished sample."


def score(log: str) -> str:
    """Return the command that grades a log's replies; without `--model none` it needs the key of the model graded."""
    return f"inspect score {quote(log)} --model none"


def grade_again(log: str) -> str:
    """Return how replies are graded that a grader left ungraded.

    Args:
        log: The log.

    Returns:
        The end of a sentence, with the command.
    """
    return f"`{score(log)} --action overwrite --overwrite` asks the grader, and not the model, again."


def mistake(message: str) -> str:
    """Return what is wrong with the request for a run, which no retry can change.

    Args:
        message: The error as Inspect logs it.

    Returns:
        The sentence, "" for an error of any other kind.
    """
    kind = UserError.__name__
    if not message.startswith(kind):
        return ""
    return message.removeprefix(kind).removeprefix(": ").removeprefix("('").removesuffix("')")
