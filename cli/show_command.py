"""`alignment-faking show`: exactly what is sent, or how two selections differ."""

import itertools

import click

from experiment.errors import UserError
from experiment.terminal_text import print_text

SELECTED = ("wording", "variant", "scratchpad", "tier", "lab")
ORIGINAL, FICTIONAL = "original", "fictional"


@click.command(epilog="Example: alignment-faking show helpful_only --scratchpad tool --scratchpad tags")
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
    from cli.prompts_shown import Selection, difference, listing, sent
    from experiment.paths import given_path
    from experiment.prompts.conditions import Condition, parse_variant_names
    from experiment.prompts.labs import lab_name
    from experiment.prompts.paper_prompts import is_path
    from experiment.prompts.paper_prompts import listing as listing_of

    if setting is None:
        click.echo(listing())
        return
    if is_path(setting) and given_path(setting).is_dir():
        print_text(listing_of(setting) + "\n")
        return
    selections = [
        Selection(Condition(setting, wording, parse_variant_names(variant), scratchpad, lab_name(lab, "")), tier)
        for wording, variant, scratchpad, tier, lab in itertools.product(*(options[name] for name in SELECTED))
    ]
    if len(selections) > 2:
        raise UserError(f"{len(selections)} selections; give one to print it or two to see their difference")
    texts = [sent(selection) for selection in selections]
    if len(texts) == 1:
        print_text(texts[0])
    else:
        print_text(difference(str(selections[0]), texts[0], str(selections[1]), texts[1]))
