"""`alignment-faking` and its commands."""

import click

from cli.grid_command import grid
from cli.pairs_command import pairs
from cli.power_command import power
from cli.redact_command import redact
from cli.report_command import report
from cli.show_command import show
from experiment.errors import UserError
from experiment.hidden_characters import shortened, visible
from experiment.terminal_text import LONGEST


class Friendly(click.Group):
    """A command group that reports a user's mistake in one sentence and exits with code 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            raise click.UsageError(visible(shortened(str(error), LONGEST))) from error


@click.group(cls=Friendly, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="alignment-faking-evals")
def main() -> None:
    """Read logs of the alignment-faking evaluation, and the prompts behind them."""


for command in (grid, pairs, power, redact, report, show):
    main.add_command(command)
