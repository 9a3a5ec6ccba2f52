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
    """A drawn figure.

    Args:
        name: Stem of its files.
        title: What it shows, one line.
        alt: What it shows, for who cannot see it.
        caption: How to read it.
        svg: The drawing as a standalone SVG document, dark on white.
        png: The same as PNG.
    """

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
    """A whole report.

    Args:
        title: The heading.
        subtitle: One line below it.
        banner: A warning above everything, "" for none.
        sections: In reading order.
    """

    title: str
    subtitle: str
    banner: str
    sections: tuple[Section, ...]
