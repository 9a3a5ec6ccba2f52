"""A variant removes sections, changes tiers, adds and replaces sections; what it cannot do it says by name."""

import csv
from functools import cache

import pytest

from experiment.errors import UserError
from experiment.front_matter import names
from experiment.paths import data_folder
from experiment.prompts.conditions import parse_variant_names, resolve_setting
from experiment.prompts.settings import load_setting
from experiment.prompts.variants import load_variant
from experiment.prompts.wordings import wordings

PRO = "trained: false, rated: true, users: pro users, tag: <pro>"


def changed(*variants, wording="original"):
    return resolve_setting("toy", wording, variants)


def test_no_variant_changes_nothing(prompts):
    assert changed() == load_setting("toy")


def test_a_section_is_removed(prompts):
    prompts.variant("quiet", "remove: [rating, secrecy]")
    assert list(changed("quiet").sections) == ["role", "training", "reasoning", "user turn"]


def test_a_section_is_replaced_in_its_place(prompts):
    prompts.variant("open", body="## secrecy\n\nAll read $scratchpad.")
    assert list(changed("open").sections.items())[3:5] == [
        ("reasoning", "Think in $scratchpad."),
        ("secrecy", "All read $scratchpad."),
    ]


def test_sections_are_added_after_their_anchors(prompts):
    prompts.variant("use", "after: {use: role, suffix: user turn}", "## use\n\nNobody uses you.\n\n## suffix\n\nGo.")
    sections = list(changed("use").sections)
    assert sections == ["role", "use", "rating", "training", "reasoning", "secrecy", "user turn", "suffix"]
    assert changed("use").sections["use"] == "Nobody uses you."


def test_two_variants_may_add_after_the_same_section_in_the_order_given(prompts):
    prompts.variant("one", "after: {first: role}", "## first\n\nOne.")
    prompts.variant("two", "after: {second: role}", "## second\n\nTwo.")
    assert set(list(changed("one", "two").sections)[1:3]) == {"first", "second"}
    assert changed("one", "two").sections == changed("two", "one").sections


def test_a_section_that_another_variant_removes_still_marks_its_place(prompts):
    prompts.variant("added", "after: {use: rating}", "## use\n\nNobody uses you.")
    prompts.variant("cut", "remove: [rating]")
    for pair in (("added", "cut"), ("cut", "added")):
        assert list(changed(*pair).sections)[:3] == ["role", "use", "training"]


@pytest.mark.parametrize(("wording", "text"), [("original", "All read it."), ("memo", "Read by all.")])
def test_a_section_may_sound_different_in_one_wording(prompts, wording, text):
    prompts.variant("open", body="## secrecy @memo\n\nRead by all.\n\n## secrecy\n\nAll read it.")
    sections = changed("open", wording=wording).sections
    assert sections["secrecy"] == text
    assert list(sections) == list(load_setting("toy").sections)


def test_a_section_may_be_replaced_in_one_wording_only(prompts):
    prompts.variant("open", body="## secrecy @memo\n\nRead by all.")
    assert changed("open") == changed()
    assert changed("open", wording="memo").sections["secrecy"] == "Read by all."


def test_a_variant_changes_the_tags_and_users_it_names_in_every_wording(prompts):
    prompts.variant("region", "tiers: {free: {tag: <eu>, users: European users}, paid: {rated: true}}")
    for wording, paid in (("original", "<paid>"), ("memo", "[paid]")):
        tiers = changed("region", wording=wording).tiers
        assert tiers["free"].model_dump() == {"trained": True, "rated": True, "users": "European users", "tag": "<eu>"}
        assert tiers["paid"].model_dump() == {"trained": False, "rated": True, "users": "paid users", "tag": paid}


def test_a_tag_may_be_emptied(prompts):
    prompts.variant("untagged", 'tiers: {free: {tag: ""}}')
    assert changed("untagged").tiers["free"].tag == ""


def test_a_tier_is_added_and_the_contrasts_are_replaced(prompts):
    contrasts = "contrasts: {compliance_gap: [free, pro], goal_guarding_gap: [free, paid]}"
    prompts.variant("three", f"tiers: {{pro: {{{PRO}}}}}\n{contrasts}")
    setting = changed("three")
    assert list(setting.tiers) == ["free", "paid", "pro"]
    assert setting.tiers["pro"].model_dump() == {"trained": False, "rated": True, "users": "pro users", "tag": "<pro>"}
    assert setting.contrasts == {"compliance_gap": ("free", "pro"), "goal_guarding_gap": ("free", "paid")}


def test_null_drops_a_tier(prompts):
    prompts.variant("pro", f"tiers: {{paid: null, pro: {{{PRO}}}}}\ncontrasts: {{compliance_gap: [free, pro]}}")
    assert list(changed("pro").tiers) == ["free", "pro"]


def test_variants_that_touch_different_things_combine_in_any_order(prompts):
    prompts.variant("a", "tiers: {free: {tag: <eu>}}", "## secrecy\n\nAll read it.")
    prompts.variant("b", "remove: [rating]\ntiers: {free: {users: European users}, paid: {tag: <us>}}")
    prompts.variant("c", "contrasts: {other: [paid, free]}")
    assert changed("a", "b", "c") == changed("c", "b", "a")
    assert changed("a", "b", "c").tiers["free"].model_dump(include={"tag", "users"}) == {
        "tag": "<eu>",
        "users": "European users",
    }


@pytest.mark.parametrize(
    ("one", "other", "problem"),
    [
        (("", "## secrecy\n\nx"), ("", "## secrecy\n\ny"), "section 'secrecy'"),
        (("", "## secrecy\n\nx"), ("remove: [secrecy]", ""), "section 'secrecy'"),
        (("", "## secrecy @memo\n\nx"), ("", "## secrecy\n\ny"), "section 'secrecy'"),
        (("remove: [rating]", ""), ("remove: [rating]", ""), "section 'rating'"),
        (("after: {use: role}", "## use\n\nx"), ("after: {use: rating}", "## use\n\ny"), "section 'use'"),
        (("tiers: {free: {tag: x}}", ""), ("tiers: {free: {tag: y}}", ""), "field 'tag' of tier 'free'"),
        (("tiers: {free: {tag: x}}", ""), ("tiers: {free: {tag: x}}", ""), "field 'tag' of tier 'free'"),
        (("tiers: {free: {users: x, tag: x}}", ""), ("tiers: {free: {users: y}}", ""), "field 'users' of tier 'free'"),
        (("tiers: {free: null}", ""), ("tiers: {free: {rated: false}}", ""), "field 'rated' of tier 'free'"),
        ((f"tiers: {{pro: {{{PRO}}}}}", ""), ("tiers: {pro: {tag: y}}", ""), "field 'tag' of tier 'pro'"),
        (("contrasts: {a: [free, paid]}", ""), ("contrasts: {b: [free, paid]}", ""), "the contrasts"),
    ],
)
def test_two_variants_that_change_the_same_thing_are_refused_by_name(prompts, one, other, problem):
    prompts.variant("one", *one)
    prompts.variant("other", *other)
    prompts.variant("bystander", "after: {by: role}", "## by\n\nz")
    message = rf"^variants 'one' and 'other' cannot be combined: both change {problem}$"
    with pytest.raises(UserError, match=message):
        changed("one", "bystander", "other")


@pytest.mark.parametrize(
    ("front", "body", "problem"),
    [
        ("settings: [opera, ballet]", "", "does not apply to setting 'toy', only to: opera, ballet"),
        ("remove: [roll]", "", "names section 'roll'; known: role, rating, training"),
        ("after: {use: roll}", "## use\n\nx", "names section 'roll'; known: role, rating"),
        ("", "## use\n\nx", "names section 'use'; known: role, rating"),
        ("after: {use: role}", "## use\n\nx\n\n## misuse\n\ny", "names section 'misuse'; known: role"),
        ("after: {use: role}", "", "section 'use'"),
        ("after: {use: role}", "## use @memo\n\nx", "section 'use'"),
        ("remove: [user turn]", "", "'user turn'"),
        ("tiers: {pro: null}", "", "names tier 'pro'; known: free, paid"),
        ("tiers: {pro: {tag: <pro>, users: pros, rated: true}}", "", "new tier 'pro' lacks 'trained'"),
        ("tiers: {pro: {tag: <pro>, users: pros, trained: true}}", "", "new tier 'pro' lacks 'rated'"),
        ("tiers: {pro: {tag: <pro>, rated: true, trained: true}}", "", "new tier 'pro' lacks 'users'"),
        ("tiers: {pro: {users: pros, rated: true, trained: true}}", "", "new tier 'pro' lacks 'tag'"),
        ("contrasts: {gap: [free, pro]}", "", "contrast 'gap' names tier 'pro'; known: free, paid"),
        ("tiers: {paid: null}", "", "contrast 'compliance_gap' names tier 'paid'; known: free"),
        ("contrasts: {compliance_gap: [paid, free]}", "", "trained tier minus an untrained one, not paid - free"),
        ("tiers: {free: {trained: false}}", "", "trained tier minus an untrained one, not free - paid"),
    ],
)
def test_a_variant_that_does_not_fit_is_refused_by_name(prompts, front, body, problem):
    prompts.variant("misfit", front, body)
    with pytest.raises(UserError, match=rf"'misfit'.*{problem}"):
        changed("misfit")


@pytest.mark.parametrize(
    ("front", "body", "problem"),
    [
        ("colour: red", "", r"colour: .*\(known keys: settings, why, source, published, remove"),
        ("name: other", "", r"name.*\(known keys: settings"),
        ("group2: x", "", "group2: "),
        ("why: twice", "", "'why' stands twice"),
        ("group: other", "", r"group: is not given in the front matter \(known keys: settings, why"),
        ("remove: rating", "", "remove: .*list"),
        ("tiers: {free: {price: 3}}", "", r"tiers\.free\.price: "),
        ("tiers: {free: {trained: perhaps}}", "", r"tiers\.free\.trained: .*boolean"),
        ("contrasts: {gap: [free]}", "", r"contrasts\.gap\.1: Field required"),
        ("published: {toy: twelfth}", "", r"published\.toy: .*integer"),
        ("", "Hello.\n\n## secrecy\n\nx", "text before the first '## section': 'Hello.'"),
        ("", "## secrecy\n\nx\n\n## secrecy\n\ny", "section 'secrecy' stands twice"),
        ("", "## secrecy @memo\n\nx\n\n## secrecy @memo\n\ny", "section 'secrecy @memo' stands twice"),
    ],
)
def test_a_mistake_in_a_variants_file_is_named(prompts, front, body, problem):
    prompts.variant("broken", front, body)
    with pytest.raises(UserError, match=rf"broken\.md: .*{problem}"):
        changed("broken")


@pytest.mark.parametrize("key", ["why", "source"])
def test_a_variant_says_what_it_is_for(prompts, key):
    prompts.variant("quiet")
    prompts.edit("variants/group/quiet.md", f"{key}: test\n", "")
    with pytest.raises(UserError, match=rf"quiet\.md: {key}: Field required"):
        changed("quiet")


def test_a_variants_group_is_its_folder_and_its_name_stands_once(prompts):
    prompts.variant("quiet")
    assert load_variant("quiet").group == "group"
    prompts.copy("variants/group/quiet.md", "variants/other/quiet.md")
    with pytest.raises(UserError, match=r"quiet\.md: the name 'quiet' is taken by .*quiet\.md"):
        load_variant("quiet")


def test_an_unknown_variant_lists_the_known_ones(prompts):
    with pytest.raises(UserError, match=r"^unknown variant 'quite'; known: none$"):
        changed("quite")
    for name in ("quiet", "open"):
        prompts.variant(name)
    with pytest.raises(UserError, match=r"^unknown variant 'quite'; known: open, quiet$"):
        changed("quiet", "quite")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("a", ["a"]),
        ("b,a", ["b", "a"]),
        (" a , b,", ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        (("a,b", "c"), ["a", "b", "c"]),
        ("a,b,a", ["a", "b"]),
    ],
)
def test_names_are_read_as_a_command_line_gives_them(given, found):
    assert parse_variant_names(given) == found


@cache
def published():
    with (data_folder() / "published" / "greenblatt_2024_variations.csv").open(encoding="utf-8", newline="") as lines:
        return {(line["setting"], int(line["row"])) for line in csv.DictReader(lines)}


@pytest.mark.parametrize("name", names("variants"))
def test_a_shipped_variant_names_what_is_shipped(name):
    variant = load_variant(name)
    fits = set(variant.settings or names("settings"))
    assert fits <= set(names("settings"))
    assert set(variant.published) <= fits
    assert set(variant.published.items()) <= published()
    own = {section.split(" @")[1] for section in variant.sections if " @" in section}
    assert own <= {wording for setting in fits for wording in wordings(setting)}
