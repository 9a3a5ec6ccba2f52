"""Untrusted text on its way to a terminal: one line, of bounded length, with nothing hidden in it."""

import sys

import click

from experiment.hidden_characters import shortened, visible, visible_line

LONGEST = 4000  # characters of one cell or sentence


def terminal_line(text: str) -> str:
    """Return what a terminal prints of a text: one line, hidden characters spelt out, what is too long cut."""
    return visible_line(shortened(text, LONGEST))


def print_line(text: str, err: bool = True) -> None:
    """Print a sentence that may hold names, paths or words of others, by default to standard error."""
    click.echo(terminal_line(text), err=err)


def print_text(text: str) -> None:
    """Print a text of several lines, to the byte into a file or pipe, and with hidden characters spelt out to a person.

    Args:
        text: The text, with its own line end.
    """
    click.echo(visible(text) if sys.stdout.isatty() else text, nl=False)
