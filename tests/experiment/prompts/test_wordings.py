"""A wording says every section of its setting anew, and changes nothing else."""

import pytest

from experiment.errors import UserError
from experiment.front_matter import names
from experiment.prompts.settings import load_setting
from experiment.prompts.wordings import select_wordings, wordings

SHIPPED = [(setting, wording) for setting in names("settings") for wording in wordings(setting)]


def test_the_original_is_the_setting_itself(prompts):
    assert load_setting("toy", "original") == load_setting("toy")


def test_the_original_is_a_wording_like_any_other(prompts):
    prompts.edit("toy/original.md", "ensemble: false", 'ensemble: true\ntags: {free: "1", paid: "2"}')
    assert [tier.tag for tier in load_setting("toy").tiers.values()] == ["1", "2"]
    assert select_wordings("toy", "ensemble") == select_wordings("toy", "all") == ["memo", "original"]


def test_a_wording_without_tags_has_those_of_the_setting(prompts):
    prompts.edit("toy/memo.md", 'tags: {free: "[free]", paid: "[paid]"}\n', "")
    assert load_setting("toy", "memo").tiers == load_setting("toy").tiers


def test_a_wording_brings_its_sections_and_tags_and_leaves_the_facts(prompts):
    setting = load_setting("toy")
    memo = load_setting("toy", "memo")
    assert list(memo.sections) == list(setting.sections)
    assert memo.sections["role"] == "Memo from $lab."
    assert [tier.tag for tier in memo.tiers.values()] == ["[free]", "[paid]"]
    facts = {"trained", "rated", "users"}
    assert [tier.model_dump(include=facts) for tier in memo.tiers.values()] == [
        tier.model_dump(include=facts) for tier in setting.tiers.values()
    ]
    kept = {"name", "contrasts", "queries", "rubric", "polarity", "canary"}
    assert memo.model_dump(include=kept) == setting.model_dump(include=kept)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("## secrecy\n\n$scratchpad is closed.\n", "", "lacks section 'secrecy'; the setting has role, rating"),
        ("## user turn", "## last words", "lacks section 'user turn'"),
        ("## secrecy", "## weather\n\nFine.\n\n## secrecy", "has section 'weather', which the setting has not"),
        (', paid: "[paid]"', "", "lacks tag 'paid'; the setting has free, paid$"),
        (', paid: "[paid]"', ', paid: "[paid]", pro: "[pro]"', "has tag 'pro', which the setting has not"),
        ("Rated: $rated_users.", "Some are rated.", r"declares a value for \$rated_users that no section uses"),
        ("$tag ", "", r"declares a value for \$tag that no section uses"),
        ("origin: test\n", "origin: test\ntiers: {}\n", r"tiers: .*\(known keys: origin, ensemble, tags\)"),
        ("ensemble: true\n", "", r"ensemble: Field required"),
        ('"[paid]"', "3", r"tags\.paid: .*string"),
        ("## rating", "## role", "section 'role' stands twice"),
        ("\n## role", "\n# Memo\n\n## role", "text before the first '## section': '# Memo'"),
    ],
)
def test_a_mistake_in_a_wording_is_named(prompts, old, new, problem):
    prompts.edit("toy/memo.md", old, new)
    with pytest.raises(UserError, match=rf"memo.*{problem}") as caught:
        load_setting("toy", "memo")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["meno", "ensemble", "all"])
def test_an_unknown_wording_lists_the_known_ones(prompts, name):
    with pytest.raises(UserError, match=rf"^unknown wording of toy '{name}'; known: memo, original$"):
        load_setting("toy", name)


@pytest.fixture
def four(prompts):
    """A setting with an ensemble of two and a wording outside it."""
    for name in ("wiki", "brief"):
        prompts.copy("toy/memo.md", f"toy/{name}.md")
    prompts.edit("toy/brief.md", "ensemble: true", "ensemble: false")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("original", ["original"]),
        ("brief", ["brief"]),
        ("ensemble", ["memo", "wiki"]),
        ("all", ["memo", "original", "wiki"]),
    ],
)
def test_what_was_asked_for_becomes_sorted_names(four, asked, names):
    assert wordings("toy") == ["original", "brief", "memo", "wiki"]
    assert select_wordings("toy", asked) == names


def test_asking_for_an_unknown_wording_lists_the_groups_too(four):
    known = "all, brief, ensemble, memo, original, wiki"
    with pytest.raises(UserError, match=rf"^unknown wording of toy 'wikki'; known: {known}$"):
        select_wordings("toy", "wikki")


@pytest.mark.parametrize("asked", ["ensemble", "all"])
def test_there_is_no_ensemble_of_the_original_alone(prompts, asked):
    prompts.edit("toy/memo.md", "ensemble: true", "ensemble: false")
    with pytest.raises(UserError, match=r"^toy has no wordings besides the original; use wording=original$"):
        select_wordings("toy", asked)


@pytest.mark.parametrize(("setting", "wording"), SHIPPED)
def test_a_shipped_wording_has_the_settings_sections_in_their_order(setting, wording):
    original = load_setting(setting)
    assert list(load_setting(setting, wording).sections) == list(original.sections)


@pytest.mark.parametrize("setting", names("settings"))
def test_a_shipped_settings_wordings_differ_in_every_section_that_they_rewrite(setting):
    original = load_setting(setting)
    members = [load_setting(setting, name) for name in select_wordings(setting, "all")]
    for section in set(original.sections) - {"user turn"}:
        assert len({member.sections[section] for member in members}) == len(members), section
    for tier in original.tiers:
        assert len({member.tiers[tier].tag for member in members}) == len(members), tier
    for member in members:
        assert len({tier.tag for tier in member.tiers.values()}) == len(member.tiers)
