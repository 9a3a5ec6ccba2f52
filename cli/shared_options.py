"""Options that several commands share."""

from pathlib import Path

import click

CALIBRATION = click.option(
    "--calibration",
    type=click.Path(path_type=Path, exists=True),
    help="Calibration records of `grader_agreement`: a file or a folder.  [default: those among the logs]",
)
