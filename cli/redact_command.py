"""`alignment-faking redact`: copies of logs that are safe to share."""

from pathlib import Path

import click

from cli.shared_options import CALIBRATION
from experiment.errors import UserError
from experiment.terminal_text import print_line


@click.command(epilog="Example: alignment-faking redact logs/ --output shared/")
@click.argument("logs", nargs=-1, required=True)
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Write the copies here."
)
@click.option("--everything", is_flag=True, help="Withhold the compliant answers to harmless queries as well.")
@CALIBRATION
def redact(logs: tuple[str, ...], output: Path, everything: bool, calibration: Path | None) -> None:
    """Write copies of LOGS that are safe to share: public answers that comply are replaced by length and hash.

    LOGS are logs or folders of logs. What an answer shares with quotations, grader requests or cached input is
    replaced there too; queries, prompts, refusals and the canary stay, and Inspect reads the copies. It says how many
    answers stay because a grader called them refused, and warns where that grader is not validated.
    """
    from analysis.redaction.redact import redact as redact_logs
    from analysis.redaction.sharing_warnings import warnings
    from analysis.report.report_inputs import records_in
    from analysis.report.terminal import watched

    records = list({repr(each): each for folder in logs for each in records_in(folder, calibration)[0]}.values())
    done = redact_logs(logs, output, everything, watched)
    for each in done:
        said = f"wrote {each.written}: {each.samples} samples, {each.replacements} replacements"
        print_line(said if each.written else f"left out {each.path}: {each.reason}", err=not each.written)
    for sentence in warnings(done, records):
        print_line(sentence)
    if not any(each.written for each in done):
        raise UserError("no log was written")
