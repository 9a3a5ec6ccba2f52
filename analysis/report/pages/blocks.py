"""A report as data: sections of text, tables, figures and quotations, of which pages and Markdown are made."""

from typing import NamedTuple


class Cell(NamedTuple):
    """A table's cell: its text, and the number by which its column is sorted where the text is not one."""

    text: str
    value: float | None = None


class Table(NamedTuple):
    """A table of printed cells; every output prints the same text.

    Args:
        title: What it shows, one line.
        columns: Their heads.
        rows: A cell for each column.
        notes: What a reader has to know about it, a sentence each.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


class Figure(NamedTuple):
    """A drawing, dark on white, with the stem of its files, its title, words for who cannot see it, and a caption."""

    name: str
    title: str
    alt: str
    caption: str
    svg: str
    png: bytes


class Quotation(NamedTuple):
    """Words of a model, which are untrusted, and where they stand.

    Args:
        anchor: Identifier within the page.
        title: Why it is quoted: model, condition, query, tier.
        kind: What kind of words, for example "private reasoning".
        text: The words, shortened.
        facts: Sample, log and grades, name to value.
        command: The command that opens the log in Inspect's viewer.
    """

    anchor: str
    title: str
    kind: str
    text: str
    facts: tuple[tuple[str, str], ...]
    command: str


class Section(NamedTuple):
    """A part of a report under one heading; what is empty is not shown.

    Args:
        anchor: Identifier within the page.
        title: The heading.
        paragraphs: Plain text, a paragraph each.
        tables: Shown below the text.
        figures: Shown below the tables.
        quotations: Shown last.
        points: Plain text, one list item each, below the paragraphs.
    """

    anchor: str
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    points: tuple[str, ...] = ()


class Document(NamedTuple):
    """A whole report; the subtitle is one line, the banner a warning above everything."""

    title: str
    subtitle: str
    banner: str
    sections: tuple[Section, ...]
