"""The command line: `alignment-faking report`, `show` and the rest."""

import itertools
from pathlib import Path
from typing import Any

import click

from analysis.facts import facts_of
from analysis.grading import grader_notes, records_table
from analysis.material import gather, read, records_in
from analysis.planning import planned
from analysis.quotations import redacted
from analysis.redaction import trust
from analysis.redaction.redact import redact as redact_logs
from analysis.report import write_report
from analysis.results import to_frame
from analysis.show import Selection, difference, listing, sent
from analysis.side_by_side.page import LIMIT, to_page
from analysis.side_by_side.pairs import choose
from analysis.table import main_table, reading_notes
from analysis.terminal import print_notes, print_table, terminal, watched
from experiment.checkouts import is_path
from experiment.checkouts import listing as listing_of
from experiment.errors import UserError
from experiment.labs import FICTIONAL, lab_name
from experiment.paths import given_path
from experiment.power import POWER, WORDING_SPREAD, Plan
from experiment.scene import Condition, named
from experiment.wordings import ORIGINAL

CALIBRATION = click.option(
    "--calibration",
    type=click.Path(path_type=Path, exists=True),
    help="Calibration records of `grader_agreement`: a file or a folder.  [default: those among the logs]",
)
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


@main.command(epilog="Example: alignment-faking report logs/ --output report/")
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
            to_frame(facts).to_csv(csv_path, index=False)
            click.echo(f"wrote {csv_path}", err=True)
        if output:
            click.echo(f"wrote {write_report(material, output, redacted if redact else None)}", err=True)


@main.command(epilog="Example: alignment-faking power --gap 0.05 --paid 0.03 --reverse 0.03 --wordings 8")
@click.option("--gap", type=float, help="True gap, a share: 0.05 is 5 points.")
@click.option("--queries", type=click.IntRange(min=1), help="Queries, each in both tiers: what gap can they see?")
@click.option("--paid", type=float, default=0.03, show_default=True, help="Compliance in the untrained tier, a share.")
@click.option("--reverse", type=float, help="Share of pairs in which only the untrained tier complies.")
@click.option("--wordings", type=int, default=1, show_default=True, help="Wordings that the queries are dealt to.")
@click.option("--epochs", type=float, default=1, show_default=True, help="Replies per query and tier.")
@click.option("--spread", type=float, default=WORDING_SPREAD, show_default=True, help="Between the wordings' gaps, SD.")
@click.option("--power", type=float, default=POWER, show_default=True, help="Chance to see the gap.")
def power(gap: float | None, queries: int | None, power: float, **plan: Any) -> None:
    """Say how many queries show a gap (--gap), or which gap a number of queries can see (--queries)."""
    if gap is None and queries is None:
        raise UserError("give --gap 0.05 to learn how many queries it needs, or --queries 200 for the gap they can see")
    click.echo(planned(gap, queries, Plan(**plan), power))


@main.command(epilog="Example: alignment-faking pairs logs/ --disagree --output pairs.html")
@click.argument("folder")
@click.option("--query", default="", help="Only this query's id.  [default: any]")
@click.option("--disagree", is_flag=True, help="Only queries on which tiers, models, graders or definitions disagree.")
@click.option("--model", "models", multiple=True, help="A model; give it twice for two.  [default: all, at most two]")
@click.option("--condition", default="", help="Variants, or the whole condition as the page names it.  [default: main]")
@click.option("--limit", type=click.IntRange(min=1), default=LIMIT, show_default=True, help="Most queries on the page.")
@click.option("--redact", is_flag=True, help="Replace public answers that complied by their length and hash.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default="pairs.html", show_default=True)
def pairs(folder: str, limit: int, redact: bool, output: Path, **chosen: Any) -> None:
    """Write a page with the tiers, and two models, of one query next to each other.

    FOLDER is a folder of logs or one log, as for `report`. The page shows private reasoning, public answer and grades;
    what a grader quoted is marked. Queries on which the tiers differ come first.
    """
    found = read(folder, watch=watched)
    choice = choose(found.runs, found.summaries, **chosen)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(to_page(choice, limit, redact), encoding="utf-8")
    click.echo(f"wrote {output}", err=True)


@main.command(epilog="Example: alignment-faking redact logs/ --output shared/")
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
    records = list({repr(each): each for folder in logs for each in records_in(folder, calibration)}.values())
    done = redact_logs(logs, output, everything, watched)
    for each in done:
        said = f"wrote {each.written}: {each.samples} samples, {each.replacements} replacements"
        click.echo(said if each.written else f"left out {each.path}: {each.reason}", err=not each.written)
    for sentence in trust.warnings(done, records):
        click.echo(sentence, err=True)
    if not any(each.written for each in done):
        raise UserError("no log was written")


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


if __name__ == "__main__":
    main()
