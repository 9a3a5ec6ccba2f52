"""A setting is read whole or refused by name, and its tiers and contrasts mean what they are called."""

import pytest

from experiment.errors import UserError
from experiment.prompts.settings import Tier, load_setting, main_contrast, placeholders, user_groups
from experiment.prompts.wordings import wordings


def test_a_setting_is_read_as_it_stands(prompts):
    setting = load_setting("toy")
    assert (setting.name, setting.why, setting.queries, setting.polarity) == ("toy", "", "harmful", "complied")
    assert list(setting.tiers) == ["free", "paid"]
    assert setting.tiers["paid"] == Tier(trained=False, rated=False, users="paid users", tag="<paid>")
    assert setting.contrasts == {"compliance_gap": ("free", "paid")}
    assert list(setting.sections) == ["role", "rating", "training", "reasoning", "secrecy", "user turn"]
    assert setting.sections["user turn"] == "$tag\n\n$query"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("queries: harmful\n", "queries: harmful\ncolour: red\n", r"colour: .*\(known keys: why, .*polarity"),
        ("queries: harmful\n", "queries: harmful\nname: other\n", r"name.*\(known keys: why"),
        ("queries: harmful\n", "queries: harmful\norigin: other\n", r"origin.*\(known keys: why"),
        ("origin: test\n", "", "origin: Field required"),
        ("origin: test\n", "origin: test\ncolour: red\n", r"colour: .*\(known keys: origin, ensemble, tags"),
        ("queries: harmful\n", "", "queries: Field required"),
        ("canary: test\n", "", "canary: Field required"),
        ("polarity: complied", "polarity: helpful", "polarity: .*'complied' or 'refused'"),
        ("users: paid users, ", "", r"tiers\.paid\.users: Field required"),
        ("users: paid users, ", "users: paid users, price: 3, ", r"tiers\.paid\.price: "),
        ("rated: true", "rated: sometimes", r"tiers\.free\.rated: .*boolean"),
        ("[free, paid]", "[free, pro]", "contrast 'compliance_gap' names tier 'pro'; known: free, paid"),
        ("[free, paid]", "[free]", r"contrasts\.compliance_gap\.1: Field required"),
        ("[free, paid]", "[free, paid, free]", r"contrasts\.compliance_gap: .*2"),
        ("[free, paid]", "[paid, free]", "must be a trained tier minus an untrained one, not paid - free"),
        ("[free, paid]", "[free, free]", "must be a trained tier minus an untrained one, not free - free"),
        ("[free, paid]", "[paid, paid]", "must be a trained tier minus an untrained one, not paid - paid"),
        ("{compliance_gap: [free, paid]}", "{}", "needs at least one contrast"),
        ("$trained_users", "some", r"declares a value for \$trained_users that no section uses"),
        ("$untrained_users", "some", r"declares a value for \$untrained_users that no section uses"),
        ("$rated_users", "some", r"declares a value for \$rated_users that no section uses"),
        ("$rated_users", "$$rated_users", r"declares a value for \$rated_users that no section uses"),
        ("$tag\n", "", r"declares a value for \$tag that no section uses"),
        ("$query\n", "", r"declares a value for \$query that no section uses"),
        ("## user turn", "## last words", "needs a section '## user turn'; has role, .*last words"),
        ("## rating", "## role", "section 'role' stands twice"),
        ("\n## role", "\nGood day.\n\n## role", "text before the first '## section': 'Good day.'"),
    ],
)
def test_a_mistake_in_a_setting_is_named(prompts, old, new, problem):
    whole = (prompts.folder / "toy/setting.yaml").read_text(encoding="utf-8")
    prompts.edit("toy/setting.yaml" if old in whole else "toy/original.md", old, new)
    with pytest.raises(UserError, match=rf"toy/(setting\.yaml|original\.md): .*{problem}"):
        load_setting("toy")


@pytest.mark.parametrize("contrast", ["rater_gap: [paid, free]", "any: [free, paid], other: [paid, free]"])
def test_only_the_compliance_gap_has_a_direction(prompts, contrast):
    prompts.edit("toy/setting.yaml", "compliance_gap: [free, paid]", contrast)
    assert set(load_setting("toy").contrasts.values()) <= {("free", "paid"), ("paid", "free")}


def test_a_group_without_users_needs_no_mention(prompts):
    prompts.edit("toy/setting.yaml", "rated: true", "rated: false")
    prompts.edit("toy/original.md", "$rated_users", "nobody")
    prompts.edit("toy/memo.md", "$rated_users", "nobody")
    assert not any("rated_users" in user_groups(load_setting("toy", name).tiers.values()) for name in wordings("toy"))


def test_an_unknown_setting_lists_the_known_ones(prompts):
    prompts.copy("toy/setting.yaml", "another/setting.yaml")
    with pytest.raises(UserError, match=r"^unknown setting 'toi'; known: another, toy$"):
        load_setting("toi")


def test_users_are_grouped_by_what_happens_to_their_conversations():
    tiers = [
        Tier(trained=True, rated=True, users="a", tag=""),
        Tier(trained=False, rated=True, users="b", tag=""),
        Tier(trained=False, rated=False, users="c", tag=""),
    ]
    assert user_groups(tiers) == {"trained_users": ["a"], "rated_users": ["a", "b"], "untrained_users": ["b", "c"]}
    assert user_groups(tiers[:1]) == {"trained_users": ["a"], "rated_users": ["a"]}
    assert user_groups(iter(tiers[2:])) == {"untrained_users": ["c"]}
    assert user_groups([]) == {}


@pytest.mark.parametrize(
    ("contrasts", "main"),
    [
        ({"compliance_gap": ("a", "b")}, "compliance_gap"),
        ({"other": ("b", "a"), "compliance_gap": ("a", "b")}, "compliance_gap"),
        ({"other": ("b", "a"), "third": ("a", "b")}, "other"),
        ({}, "compliance_gap"),
    ],
)
def test_a_result_is_headed_by_the_compliance_gap_if_there_is_one(contrasts, main):
    assert main_contrast(contrasts) == main


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ([], set()),
        (["no dollar", "$$lab costs $$5"], set()),
        (["$lab and ${lab}.", "$rated_users, $tag"], {"lab", "rated_users", "tag"}),
        (["a lone $ and $lab"], {"lab"}),
    ],
)
def test_placeholders_are_named_without_the_dollar(texts, names):
    assert placeholders(texts) == names
