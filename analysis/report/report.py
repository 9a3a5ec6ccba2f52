"""Writing a report: the page, Markdown, figures, tables and numbers, into one folder."""

from collections.abc import Iterator
from pathlib import Path

from analysis.report.pages.blocks import Document
from analysis.report.pages.markdown import to_markdown
from analysis.report.pages.page import to_html
from analysis.report.quoted_reasoning import REDACTED, quotations
from analysis.report.report_inputs import Material
from analysis.report.sections import sections
from analysis.report.tables.main_table import SIMULATED_NOTE
from analysis.summary.columns import facts_of
from analysis.summary.results import to_csv, to_frame, to_json, to_results, to_samples, to_schema

TITLE = "Alignment faking: results"
FIGURES = "figures"


def write_report(material: Material, output: Path, redact: bool = False) -> Path:
    """Write a report into a folder, over files of an earlier one, and return its page; `redact` as in `quotations`."""
    document = to_document(material, redact)
    output.mkdir(parents=True, exist_ok=True)
    for name, content in _files(material, document):
        (output / name).parent.mkdir(exist_ok=True)
        (output / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    return output / "index.html"


def to_document(material: Material, redact: bool = False) -> Document:
    """Return a report as data; `redact` as in `quotations`."""
    read = material.read
    quoted = quotations(read.runs, read.summaries, redact)
    logs, samples = sum(len(run.parts) for run in read.runs), sum(len(run.samples) for run in read.runs)
    models = len({summary.model for summary in read.summaries})
    subtitle = f"{len(read.runs)} runs of {models} models: {samples} replies in {logs} logs"
    if redact:
        subtitle = f"{subtitle}. {REDACTED}"
    banner = SIMULATED_NOTE if any(summary.simulated for summary in read.summaries) else ""
    return Document(TITLE, subtitle, banner, sections(material, quoted))


def _files(material: Material, document: Document) -> Iterator[tuple[str, str | bytes]]:
    read = material.read
    facts = [facts_of(*each) for each in zip(read.summaries, material.breakdowns, strict=True)]
    results = to_results(
        facts, material.contrasts, material.comparisons, material.verdicts, read.records, read.left_out
    )
    yield "results.csv", to_csv(to_frame(facts))
    yield "results.json", to_json(results)
    yield "results.schema.json", to_schema()
    yield "samples.csv", to_csv(to_samples(read.runs, read.summaries))
    yield "report.md", to_markdown(document)
    yield "index.html", to_html(document)
    for section in document.sections:
        for figure in section.figures:
            yield f"{FIGURES}/{figure.name}.svg", figure.svg
            yield f"{FIGURES}/{figure.name}.png", figure.png
