"""`alignment-faking report`: a table of runs, or the whole report."""

from pathlib import Path

import click

from cli.shared_options import CALIBRATION
from experiment.errors import UserError
from experiment.terminal_text import print_line


@click.command(epilog="Example: alignment-faking report logs/ --output report/")
@click.argument("folder")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Write the whole report here.")
@click.option("--baseline", default="", help="Compare every model with this one.  [default: every pair]")
@click.option("--redact", is_flag=True, help="Replace public answers that complied by their length and hash.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table here.")
@CALIBRATION
def report(
    folder: str, output: Path | None, baseline: str, redact: bool, csv_path: Path | None, calibration: Path | None
) -> None:
    """Print one row per run in FOLDER: rates by tier, gap, interval, AF reasoning, grader.

    FOLDER is a folder of logs, searched with its subfolders, or one log; a path or an fsspec URL. With --output, also
    write index.html, report.md, figures, results.csv, results.json and samples.csv: what the gaps are made of, models
    compared, the verdict of a battery, quotations, graders, methods and limits.
    """
    from analysis.report.report import write_report
    from analysis.report.report_inputs import gather, read
    from analysis.report.tables.grader_tables import grader_notes, records_table
    from analysis.report.tables.main_table import main_table, reading_notes
    from analysis.report.terminal import print_notes, print_table, terminal, watched
    from analysis.summary.columns import facts_of
    from analysis.summary.results import to_csv, to_frame

    found = read(folder, calibration, watched)
    console = terminal()
    print_table(main_table(found.summaries), console)
    print_table(records_table(found.records), console)
    print_notes(reading_notes(found.summaries, found.left_out) + grader_notes(found.summaries), console)
    if not found.summaries and not found.records:
        raise UserError(f"{folder}: no log of this evaluation could be used")
    if output or csv_path:
        material = gather(found, baseline)
        if csv_path:
            facts = [facts_of(*each) for each in zip(found.summaries, material.breakdowns, strict=True)]
            csv_path.write_bytes(to_csv(to_frame(facts)).encode("utf-8", "replace"))
            print_line(f"wrote {csv_path}")
        if output:
            print_line(f"wrote {write_report(material, output, redact)}")
