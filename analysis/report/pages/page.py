"""A report as one page of HTML that needs nothing else, and in which untrusted text stays text."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from math import isfinite, isnan
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from analysis.report.pages.blocks import Cell, Document, Table
from analysis.report.pages.inline_svg import inlined
from experiment.hidden_characters import runs, shortened, visible

TEMPLATES = Path(__file__).parent / "templates"
MINUS, DASHES = "\u2212", "\u2013\u2014"
LONGEST = 40
MISSING = frozenset({"", "-", "nan", *DASHES})
NUMBER = re.compile(rf"[<>~≤≥≈]?\s*([+{MINUS}-]?(?:\d[\d,]*)?\.?\d+(?:e[+-]?\d+)?)\s*%?\s*(?:[(\[/].*)?", re.DOTALL)


def to_html(document: Document) -> str:
    """Write a report as one self-contained page.

    It loads nothing, runs one script of ours that sorts tables, and reads the same without it. Every text in the
    document is untrusted: it is escaped, hidden characters are spelt out, and no link is made of it.

    Args:
        document: The report.

    Returns:
        The page, to be written as UTF-8.

    Raises:
        ValueError: If two parts have the same anchor, or a figure cannot be drawn in a page.
    """
    _check_anchors(document)
    return render("report.html", document=document)


def render(template: str, **values: object) -> str:
    """Fill a template of `analysis/report/pages/templates`; texts are made visible, cut and escaped."""
    return _environment().get_template(template).render(**values)


def policy(style: str, script: str) -> str:
    """Return the content security policy of a page: nothing but this style sheet and this script is used or loaded.

    Reference:
        Content Security Policy Level 3, W3C, sections 2.3.1 (hashes) and 6.
    """
    allowed = f"script-src {_digest(script)}; style-src {_digest(style)}; img-src data:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def identifier(text: str) -> str:
    """Return an anchor that can stand in an attribute and after `#` without being quoted."""
    return re.sub(r"[^\w.-]+", "-", text, flags=re.ASCII)


def order(cell: Cell) -> float | None:
    """Return the number by which a cell is sorted: NaN where nothing is known, None for a text.

    Without a value a text such as "<.001", "1,204", "12.5%" or "3.1 [1.2, 5.0]" gives its number.
    """
    if cell.value is not None:
        return cell.value
    text = cell.text.strip()
    if text.lower() in MISSING:
        return float("nan")
    number = NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    return float(number[1].replace(MINUS, "-").replace(",", "")) if number else None


def kinds(table: Table) -> list[str]:
    """Tell how each column is set: "number" with short numbers and gaps only, "long" beyond 40 characters, else ""."""
    return [_kind([row[place] for row in table.rows]) for place in range(len(table.columns))]


def _kind(column: Sequence[Cell]) -> str:
    if any(len(cell.text) > LONGEST for cell in column):
        return "long"
    numbers = [order(cell) for cell in column]
    return "number" if None not in numbers and any(not isnan(number or 0) for number in numbers) else ""


def _words(text: str) -> Markup:
    marked = Markup('<span class="escape">{}</span>')
    return Markup("").join(marked.format(run.text) if run.escape else escape(run.text) for run in runs(shortened(text)))


def _sort_key(cell: Cell) -> str | None:
    number = order(cell)
    if number is None or isfinite(number):
        return None if number is None else repr(number)
    return "" if isnan(number) else f"{'-' if number < 0 else ''}Infinity"


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _check_anchors(document: Document) -> None:
    sections = document.sections
    found = [section.anchor for section in sections] + [each.anchor for part in sections for each in part.quotations]
    found += [f"figure-{figure.name}" for section in sections for figure in section.figures]
    twice = [anchor for anchor, count in Counter(map(identifier, [*found, "contents", "text"])).items() if count > 1]
    if twice:
        raise ValueError(f"anchors must differ, and from 'contents' and 'text'; used twice: {', '.join(twice)}")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(shortened(value)) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((TEMPLATES / name).read_text("utf-8") for name in ("page.css", "page.js"))
    environment.globals |= {"style": Markup(style), "script": Markup(script), "policy": policy(style, script)}
    environment.filters |= {
        "identifier": identifier,
        "words": _words,
        "sort_key": _sort_key,
        "kinds": kinds,
        "inlined": inlined,
    }
    return environment
