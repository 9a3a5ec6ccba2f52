"""The command line: `alignment-faking report` and `alignment-faking show`."""

import itertools
import sys
from pathlib import Path

import click
from rich.console import Console

from analysis.grading import print_records
from analysis.logs import read_logs
from analysis.show import Selection, difference, listing, sent
from analysis.summary import summarise
from analysis.table import print_table, to_frame
from experiment.calibration import read_calibrations
from experiment.checkouts import is_path
from experiment.checkouts import listing as listing_of
from experiment.errors import UserError
from experiment.labs import FICTIONAL, lab_name
from experiment.paths import given_path
from experiment.scene import Condition, named
from experiment.wordings import ORIGINAL

WIDTH = 240
SELECTED = ("wording", "variant", "scratchpad", "tier", "lab")


class Friendly(click.Group):
    """A command group that reports a user's mistake in one sentence and exits with code 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            raise click.UsageError(str(error)) from error


@click.group(cls=Friendly, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="alignment-faking-evals")
def main() -> None:
    """Read logs of the alignment-faking evaluation, and the prompts behind them."""


@main.command(epilog="Example: alignment-faking report logs/ --csv results.csv")
@click.argument("folder")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table here.")
@click.option(
    "--calibration",
    type=click.Path(path_type=Path, exists=True),
    help="Calibration records of `grader_agreement`: a file or a folder.  [default: those in FOLDER]",
)
def report(folder: str, csv_path: Path | None, calibration: Path | None) -> None:
    """Print one row per log in FOLDER: rates by tier, gap, interval, AF reasoning, grader.

    Below it: other definitions of compliance, motives, and where a calibration record fits the grader and its rubric,
    what its errors are on labelled texts and what the figures would be without them.
    """
    runs, left_out = read_logs(folder)
    here = Path(folder) if Path(folder).is_dir() else Path(folder).parent
    calibrations = read_calibrations(calibration or here)
    summaries = [summarise(run, calibrations) for run in runs]
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    if summaries:
        print_table(summaries, left_out, console)
    print_records(calibrations, console)
    if csv_path:
        to_frame(summaries).to_csv(csv_path, index=False)
        click.echo(f"wrote {csv_path}", err=True)
    if not summaries and not calibrations:
        raise UserError(f"{folder}: no log of this evaluation could be used")


@main.command(epilog="Example: alignment-faking show helpful_only --scratchpad tool --scratchpad tags")
@click.argument("setting", required=False)
@click.option("--wording", multiple=True, default=(ORIGINAL,), show_default=True, help="One wording's name.")
@click.option("--variant", multiple=True, default=("",), help="Variants, separated by commas; '' for none.")
@click.option("--scratchpad", multiple=True, default=("tool",), show_default=True, help="Scratchpad mode.")
@click.option("--tier", multiple=True, default=(None,), help="Only this tier's user turn.  [default: every tier's]")
@click.option("--lab", multiple=True, default=(FICTIONAL,), show_default=True, help="Lab, or `fictional`.")
def show(setting: str | None, **options: tuple[str, ...]) -> None:
    """Print exactly what a model is sent in SETTING; an option given twice prints the difference.

    Without SETTING, list the settings, wordings, variants and scratchpad modes; SETTING may also be a path in a
    paper's checkout, whose folder is listed.
    """
    if setting is None:
        click.echo(listing())
        return
    if is_path(setting) and given_path(setting).is_dir():
        click.echo(listing_of(setting))
        return
    selections = [
        Selection(Condition(setting, wording, named(variant), scratchpad, lab_name(lab, "")), tier)
        for wording, variant, scratchpad, tier, lab in itertools.product(*(options[name] for name in SELECTED))
    ]
    if len(selections) > 2:
        raise UserError(f"{len(selections)} selections; give one to print it or two to see their difference")
    texts = [sent(selection) for selection in selections]
    if len(texts) == 1:
        click.echo(texts[0], nl=False)
    else:
        click.echo(difference(str(selections[0]), texts[0], str(selections[1]), texts[1]), nl=False)
