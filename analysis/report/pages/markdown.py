"""A report as Markdown that GitHub shows, and in which untrusted text stays text."""

import re
from itertools import chain, groupby
from urllib.parse import quote

from analysis.report.pages.blocks import Document, Figure, Quotation, Section, Table
from experiment.hidden_characters import shortened, visible, visible_line

FIGURES = "figures"
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INTERVAL = r"\[[-+]?[\d.]+%?(?:, [-+]?[\d.]+%?)*\](?![(\[:])"
_SPECIAL = re.compile(rf"[&<>\\`*~|$#]|(?!{_INTERVAL})\[|(?<![^\W_])_|_(?![^\W_])")
_OPENING = re.compile(r"^(?:[-+=]|\d{1,9}(?=[.)]))")
_PIECES = re.compile(r"[^\s|]+|[\s|]+")
_LINKED = re.compile(r"//|www\.|@|mailto:|xmpp:", re.IGNORECASE)


def to_markdown(document: Document) -> str:
    """Write a report as Markdown.

    Every text in the document is untrusted: what could be markup, HTML or a link is escaped or shown as code, and words
    of models stand in fences that they cannot close.

    Args:
        document: The report; its figures are expected as `figures/NAME.svg` beside it.

    Returns:
        GitHub-flavoured Markdown.

    Reference:
        GitHub Flavored Markdown 0.29: sections 4.5 (fences), 4.10 (tables), 6.1 (escapes), 6.9 (autolinks).
    """
    head = [f"# {inline(document.title)}", line(document.subtitle)]
    banner = [f"> **{inline(document.banner)}**"] if document.banner else []
    blocks = chain(head, banner, *map(_section, document.sections))
    return "\n\n".join(filter(None, blocks)) + "\n"


def inline(text: str) -> str:
    """Return a text that Markdown prints as it is, on one line, within a line or a table's cell.

    Args:
        text: Any text. Numbers in brackets stay as they are; what GitHub would make a link or mention is shown as code.

    Returns:
        Markdown without line breaks.
    """
    parts = groupby(_PIECES.findall(visible_line(shortened(text))), lambda piece: bool(_LINKED.search(piece)))
    return "".join(_code(*pieces) if linked else _escaped("".join(pieces)) for linked, pieces in parts)


def line(text: str) -> str:
    """Return a text that Markdown prints as it is where a line begins."""
    return _OPENING.sub(lambda found: f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\", inline(text))


def fenced(text: str, language: str = "text") -> str:
    """Return a text as a block of code between more backticks than it holds."""
    shown = visible(shortened(text))
    fence = _longer_than_any(shown, 3)
    return f"{fence}{language}\n{shown}\n{fence}"


def _section(section: Section) -> list[str]:
    points = "\n".join(f"- {line(point)}" for point in section.points)
    blocks = [f"## {inline(section.title)}", *map(line, section.paragraphs), points]
    blocks += chain(*map(_table, section.tables), *map(_figure, section.figures))
    return [*blocks, *chain(*map(_quotation, section.quotations))]


def _table(table: Table) -> list[str]:
    rows = [table.columns, ("---",) * len(table.columns), *(tuple(cell.text for cell in row) for row in table.rows)]
    lines = ["| " + " | ".join(text if n == 1 else inline(text) for text in row) + " |" for n, row in enumerate(rows)]
    return [f"**{inline(table.title)}**", "\n".join(lines), *map(line, table.notes)]


def _figure(figure: Figure) -> list[str]:
    image = f"![{inline(figure.alt)}]({FIGURES}/{quote(figure.name, safe='')}.svg)"
    return [f"**{inline(figure.title)}**", image, line(figure.caption)]


def _quotation(quotation: Quotation) -> list[str]:
    facts = "\n".join(f"- {line(name)}: {inline(value)}" for name, value in quotation.facts)
    command = ["Open it in Inspect's viewer:", fenced(quotation.command, "sh")] if quotation.command else []
    return [f"### {inline(quotation.title)}", line(quotation.kind), fenced(quotation.text), facts, *command]


def _code(text: str) -> str:
    ticks = _longer_than_any(text, 1)
    room = " " if "`" in (text[0], text[-1]) else ""
    return f"{ticks}{room}{text}{room}{ticks}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _HTML.get(found[0], f"\\{found[0]}"), text)


def _longer_than_any(text: str, least: int) -> str:
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))
