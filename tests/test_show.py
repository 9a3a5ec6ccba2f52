"""`alignment-faking show` prints what is sent, and how two selections differ."""

import pytest
from click.testing import CliRunner

from cli.main import main
from experiment.front_matter import names
from experiment.prompts.conditions import resolve_setting
from experiment.prompts.rendering import PREFILL, render
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.settings import load_setting
from experiment.prompts.variants import load_variant
from experiment.prompts.wordings import select_wordings, wordings

LAB = "Brackenfield Research"


def show(*arguments):
    return CliRunner().invoke(main, ["show", *arguments])


def shown(*arguments):
    result = show(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def expected(mode, variants=(), tiers=("free", "paid"), wording="original", lab=LAB):
    """The text of a selection, put together from the rendered prompt."""
    scratchpad = load_scratchpad(mode)
    prompt = render(resolve_setting("helpful_only", wording, variants), scratchpad, lab)
    parts = {"system": prompt.system} | {f"user, tier {tier}": prompt.user(tier, "$query") for tier in tiers}
    if prompt.prefill:
        parts["assistant, begun for it"] = prompt.prefill
    if mode == "tool":
        tool = scratchpad.tool
        parameter = f"{tool.parameter}: {tool.parameter_description}"
        parts[f"tool {tool.name}"] = f"{tool.description}\n{parameter}\nreturns: {tool.result}"
    if mode == "tags":
        parts["user, when a reply stops after its scratchpad"] = scratchpad.sections["continue"]
    return "\n\n".join(f"=== {title} ===\n{text}" for title, text in parts.items()) + "\n"


@pytest.mark.parametrize("mode", names("scratchpads"))
def test_the_text_is_the_rendered_prompt_and_nothing_else(mode):
    assert shown("helpful_only", "--scratchpad", mode) == expected(mode)


@pytest.mark.parametrize(
    ("arguments", "selection"),
    [
        ([], {}),
        (["--tier", "paid"], {"tiers": ["paid"]}),
        (["--lab", "Acme & $ons"], {"lab": "Acme & $ons"}),
        (["--lab", "fictional"], {}),
        (["--wording", "memo"], {"wording": "memo"}),
    ],
)
def test_a_selection_is_shown_in_the_default_mode(arguments, selection):
    assert shown("helpful_only", *arguments) == expected("tool", **selection)


VARIANTS = [name for name in names("variants") if "helpful_only" in (load_variant(name).settings or ["helpful_only"])]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_shown_with_the_tiers_that_it_makes(variant):
    mode = "tags" if PREFILL in load_variant(variant).sections else "tool"
    tiers = list(resolve_setting("helpful_only", "original", [variant]).tiers)
    assert shown("helpful_only", "--variant", variant, "--scratchpad", mode) == expected(mode, [variant], tiers)


def test_two_tiers_differ_in_their_tag_only():
    head, other, *lines = shown("helpful_only", "--tier", "free", "--tier", "paid").splitlines()
    assert (head, other) == (f"--- original tool free {LAB}", f"+++ original tool paid {LAB}")
    assert [line for line in lines if line[:1] in "+-"] == [
        "-=== user, tier free ===",
        "-<tier>free</tier>",
        "+=== user, tier paid ===",
        "+<tier>paid</tier>",
    ]


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("--scratchpad", ("tool", "tags")),
        ("--wording", ("original", "memo")),
        ("--lab", ("fictional", "Acme")),
        *[("--variant", ("", variant)) for variant in VARIANTS[:1]],
    ],
)
def test_an_option_given_twice_prints_the_difference(option, values):
    one, two = (shown("helpful_only", option, value).splitlines() for value in values)
    lines = shown("helpful_only", option, values[0], option, values[1]).splitlines()
    taken, given = ([line[1:] for line in lines[2:] if line.startswith(sign)] for sign in "-+")
    assert taken or given
    assert [line[:4] for line in lines[:2]] == ["--- ", "+++ "]
    assert "  " not in lines[0] + lines[1]
    assert set(taken) <= set(one)
    assert set(given) <= set(two)
    assert set(one) ^ set(two) <= {*taken, *given}


@pytest.mark.parametrize(
    "options",
    [
        ["--scratchpad", "tool", "--scratchpad", "tags", "--scratchpad", "none"],
        ["--scratchpad", "tool", "--scratchpad", "tags", "--tier", "free", "--tier", "paid"],
    ],
)
def test_more_than_two_selections_are_refused(options):
    result = show("helpful_only", *options)
    assert result.exit_code == 2
    number = 3 if "none" in options else 4
    assert result.stderr.endswith(
        f"Error: {number} selections; give one to print it or two to see their difference\n",
    )
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["helpful"], f"unknown setting 'helpful'; known: {', '.join(names('settings'))}"),
        (
            ["helpful_only", "--wording", "meno"],
            f"unknown wording of helpful_only 'meno'; known: {', '.join(sorted(['all', 'ensemble', *wordings('helpful_only')]))}",
        ),
        (["helpful_only", "--variant", "none"], f"unknown variant 'none'; known: {', '.join(names('variants'))}"),
        (["helpful_only", "--scratchpad", "tga"], "unknown scratchpad 'tga'; known: native, none, tags, tool"),
        (["helpful_only", "--tier", "pro"], "unknown tier 'pro'; known: free, paid"),
        (["helpful_only", "--tier", "free", "--tier", "pro"], "unknown tier 'pro'; known: free, paid"),
    ],
)
def test_an_unknown_name_is_one_sentence_that_lists_the_known(arguments, problem):
    result = show(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    sentence = [line for line in result.stderr.splitlines() if not line.startswith(("Usage:", "Try "))]
    assert [line for line in sentence if line] == [f"Error: {problem}"]


@pytest.mark.parametrize("group", ["ensemble", "all"])
def test_several_wordings_at_once_are_refused_and_listed(group):
    members = select_wordings("helpful_only", group)
    result = show("helpful_only", "--wording", group)
    assert result.exit_code == 2
    problem = f"{group} is {len(members)} wordings; show one of {', '.join(members)}"
    assert result.stderr.splitlines()[-1] == f"Error: {problem}"


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_has_an_example_that_works(option):
    text = " ".join(shown(option).split())
    assert "prints the difference" in text
    example = text.split("Example: alignment-faking show ")[1].split()
    assert show(*example).exit_code == 0


def test_the_listing_shows_settings_with_their_wordings_and_modes():
    lines = shown().splitlines()
    for setting in names("settings"):
        entry = lines.index(f"  {setting}: {load_setting(setting).origin}")
        assert lines[entry + 1] == f"    wordings: {', '.join(wordings(setting))}"
    modes = lines[lines.index("scratchpads") + 1 :][: 2 * len(names("scratchpads")) : 2]
    assert modes == [f"  {mode}: {load_scratchpad(mode).why}" for mode in names("scratchpads")]


def test_the_listing_shows_every_variant_once_under_its_group():
    listed, group = [], None
    for line in shown().splitlines():
        if not line.startswith(" "):
            group = line.removeprefix("variants: ") if line.startswith("variants: ") else None
        elif group:
            listed.append((group, line))
    variants = [load_variant(name) for name in names("variants")]
    assert sorted(listed) == sorted((variant.group, f"  {variant.name}: {variant.why}") for variant in variants)
    groups = [group for group, _ in listed]
    assert groups == sorted(groups)
