"""What is sent is the setting's text with every placeholder filled, and nothing of it is lost or added."""

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.errors import UserError
from experiment.front_matter import names
from experiment.prompts.conditions import Condition, resolve_condition, resolve_setting
from experiment.prompts.rendering import PREFILL, join, render
from experiment.prompts.scratchpads import Scratchpad, load_scratchpad
from experiment.prompts.settings import Setting, Tier, load_setting
from experiment.prompts.variants import apply_variants, load_variant
from experiment.prompts.wordings import wordings

LAB = "Acme"
STRAY = re.compile(r"\$\{?[a-z_]", re.IGNORECASE)
MODE = {"why": "", "name": "the pad", "after": "reasoning", "sections": {"format": "Format."}}
TOOL = {"name": "pad", "description": "d", "parameter": "p", "parameter_description": "pd", "result": "r"}
PLAIN = Scratchpad(mode="native", **MODE)
TAGGED = Scratchpad(mode="tags", tags={"private": "pad", "public": "answer"}, **MODE)
TURN = {"user turn": "$tag\n\n$query"}


def two(tags=("<free>", "<paid>"), users=("free users", "paid users")):
    """A tier f that is trained on and rated and a tier p that is neither."""
    return {
        name: Tier(trained=trained, rated=trained, users=phrase, tag=tag)
        for name, trained, phrase, tag in zip("fp", (True, False), users, tags, strict=True)
    }


def sent(sections, mode=PLAIN, lab=LAB, tiers=None):
    """Render sections as they stand, whether or not a setting as shipped could consist of them."""
    every = {"facts": "$trained_users $rated_users $untrained_users", **TURN}
    setting = Setting(
        name="toy",
        origin="",
        tiers=tiers or two(),
        contrasts={"compliance_gap": ("f", "p")},
        queries="harmful",
        rubric="compliance",
        polarity="complied",
        canary="",
        sections=every,
    )
    return render(setting.model_copy(update={"sections": sections}), mode, lab)


def test_placeholders_are_filled_and_sections_joined_by_blank_lines():
    prompt = sent(
        {
            "role": "You are made by $lab.\n\nSo ${lab} says.",
            "rating": "Of $rated_users.",
            "training": "Of $trained_users, not $untrained_users.",
            "secrecy": "In $scratchpad.",
            "user turn": "$tag\n\n$query",
        }
    )
    assert prompt.system == (
        "You are made by Acme.\n\nSo Acme says.\n\nOf free users.\n\nOf free users, not paid users.\n\nIn the pad.\n\nFormat."
    )
    assert prompt.turns == {"f": "<free>\n\n$query", "p": "<paid>\n\n$query"}
    assert prompt.user("p", "How?") == "<paid>\n\nHow?"


@pytest.mark.parametrize(
    ("section", "text", "problem"),
    [
        ("role", "Of $labs.", r"no value for \$labs; known here: \$lab, \$rated_users, \$scratchpad, \$trained"),
        ("role", "Of $query.", r"no value for \$query; known here: \$lab"),
        ("role", "Of $tag.", r"no value for \$tag; known here: \$lab"),
        ("role", "Costs $5.", r"a '\$' begins no placeholder; write '\$\$' for a dollar \(known: \$lab, "),
        ("role", "Costs $", r"a '\$' begins no placeholder"),
        ("role", "Of ${lab.", r"a '\$' begins no placeholder"),
        ("user turn", "$tag $query $5", r"a '\$' begins no placeholder.*\$query, .*\$tag"),
        ("user turn", "$tag $query $name", r"no value for \$name; known here: \$lab, \$query, .*\$tag"),
        ("user turn", "$tag", r"must contain \$query"),
        ("user turn", "$tag $$query", r"must contain \$query"),
        ("prefill", "I am $name", r"no value for \$name"),
    ],
)
def test_what_cannot_be_filled_is_an_error_that_names_the_section_and_lists_the_known(section, text, problem):
    sections = {"role": "x", "user turn": "$tag $query", section: text}
    with pytest.raises(UserError, match=rf"^section '{section}'.*{problem}"):
        sent(sections, TAGGED)


def test_a_mode_without_a_name_gives_the_scratchpad_no_value():
    mode = PLAIN.model_copy(update={"name": None})
    with pytest.raises(UserError, match=r"section 'role': no value for \$scratchpad; known here: \$lab"):
        sent({"role": "In $scratchpad.", "user turn": "$query"}, mode)
    removing = mode.model_copy(update={"remove": ("role",)})
    assert sent({"role": "In $scratchpad.", "end": "End.", **TURN}, removing).system == "End.\n\nFormat."


def test_a_group_without_users_has_no_value():
    unrated = {name: tier.model_copy(update={"rated": False}) for name, tier in two().items()}
    with pytest.raises(UserError, match=r"no value for \$rated_users; known here: \$lab, \$scratchpad, \$trained"):
        sent({"role": "Of $rated_users.", **TURN}, tiers=unrated)


@pytest.mark.parametrize(
    ("template", "text"),
    [("$$5", "$5"), ("$$lab", "$lab"), ("$$$lab", "$Acme"), ("$$$$", "$$"), ("{lab} {0} %s", "{lab} {0} %s")],
)
def test_a_doubled_dollar_is_a_dollar_in_every_message(template, text):
    prompt = sent({"role": template, "user turn": f"{template} $query", "prefill": template}, TAGGED)
    assert prompt.system.startswith(f"{text}\n\n")
    assert prompt.user("f", "How?") == f"{text} How?"
    assert prompt.prefill == f"<pad>\n{text}"


@pytest.mark.parametrize("text", ["$5", "$$", "$query $tag ${lab}", "{query} {0} {}", "%s \\1 \\n", "  a\n\n b ", ""])
def test_a_query_is_sent_unchanged(text):
    assert sent(TURN).user("f", text) == f"<free>\n\n{text}"


@given(st.text(), st.text(min_size=1).filter(lambda tag: tag == tag.strip()), st.text(min_size=1))
def test_query_tag_and_lab_are_sent_unchanged_whatever_they_hold(query, tag, lab):
    sections = {"role": "By $lab.", "user turn": "$tag\n\n$query\n\n$lab's"}
    prompt = sent(sections, lab=lab, tiers=two(tags=(tag, "<paid>")))
    assert prompt.system == f"By {lab}.\n\nFormat."
    assert prompt.user("f", query) == f"{tag}\n\n{query}\n\n{lab}'s"


def test_users_are_sent_unchanged_too():
    sections = {"role": "$trained_users", "user turn": "$trained_users $query"}
    prompt = sent(sections, tiers=two(users=("$a", "b")))
    assert prompt.system == "$a\n\nFormat."
    assert prompt.user("f", "How?") == "$a How?"


@pytest.mark.parametrize(
    ("template", "tagged", "untagged"),
    [
        ("$tag\n\n$query", "<free>\n\nHow?", "How?"),
        ("$tag\n$query", "<free>\nHow?", "How?"),
        ("$query\n\n$tag", "How?\n\n<free>", "How?"),
        ("Sent by: $tag, who asks:\n$query", "Sent by: <free>, who asks:\nHow?", "How?"),
        ("Sent by: ${tag}, who asks:\n$query", "Sent by: <free>, who asks:\nHow?", "How?"),
        ("Dear model,\n$tag\n$query\nThanks.", "Dear model,\n<free>\nHow?\nThanks.", "Dear model,\nHow?\nThanks."),
        ("Costs $$tag.\n$tag\n$query", "Costs $tag.\n<free>\nHow?", "Costs $tag.\nHow?"),
    ],
)
def test_an_empty_tag_takes_its_line_with_it(template, tagged, untagged):
    prompt = sent({"user turn": template}, tiers=two(tags=("<free>", "")))
    assert (prompt.user("f", "How?"), prompt.user("p", "How?")) == (tagged, untagged)


def test_an_empty_tag_must_not_take_the_query_with_it():
    with pytest.raises(UserError, match=r"section 'user turn' must contain \$query"):
        sent({"user turn": "$tag $query"}, tiers=two(tags=("<free>", "")))


def test_an_unknown_tier_lists_the_known_ones():
    with pytest.raises(UserError, match=r"^unknown tier 'pro'; known: f, p$"):
        sent(TURN).user("pro", "How?")


@pytest.mark.parametrize(
    ("phrases", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), (["a", "b", "c", "d"], "a, b, c and d")],
)
def test_users_are_joined_as_in_a_sentence(phrases, text):
    assert join(phrases) == text


def test_several_groups_of_users_are_joined(prompts):
    pro = "{trained: true, rated: false, users: pro users, tag: <pro>}"
    prompts.variant("three", f"tiers: {{pro: {pro}, guest: {pro.replace('pro', 'guest')}}}")
    system = render(resolve_setting("toy", "original", ["three"]), PLAIN, LAB).system
    assert "Talks with free users are rated." in system
    assert "Talks with free users, pro users and guest users are trained on, talks with paid users are not." in system


@pytest.mark.parametrize(
    ("mode", "variant", "system"),
    [
        ({}, "", ["role", "rating", "training", "reasoning", "format", "secrecy"]),
        ({"after": "role"}, "", ["role", "format", "rating", "training", "reasoning", "secrecy"]),
        ({"after": "secrecy"}, "", ["role", "rating", "training", "reasoning", "secrecy", "format"]),
        ({"remove": ("reasoning", "secrecy")}, "", ["role", "rating", "training", "format"]),
        ({"remove": ("role",)}, "", ["rating", "training", "reasoning", "format", "secrecy"]),
        ({}, "remove: [reasoning]", ["role", "rating", "training", "secrecy", "format"]),
        ({}, "remove: [reasoning, secrecy]", ["role", "rating", "training", "format"]),
        ({"remove": ("reasoning", "secrecy")}, "remove: [reasoning]", ["role", "rating", "training", "format"]),
        ({}, "remove: [secrecy]", ["role", "rating", "training", "reasoning", "format"]),
    ],
)
def test_the_format_stands_after_its_section_or_else_before_the_user_turn(prompts, mode, variant, system):
    prompts.variant("cut", variant)
    changed = resolve_setting("toy", "original", ["cut"])
    texts = {name: name for name in changed.sections if name != "user turn"} | {"user turn": "$tag\n\n$query"}
    prompt = render(
        changed.model_copy(update={"sections": texts}),
        PLAIN.model_copy(update={"sections": {"format": "format"}, **mode}),
        LAB,
    )
    assert prompt.system.split("\n\n") == system
    assert prompt.user("free", "How?") == "<free>\n\nHow?"


def test_sections_from_the_user_turn_on_are_sent_in_the_user_message():
    prompt = sent({"role": "Role.", "user turn": "$tag\n\n$query", "suffix": "As $lab says, go.", "last": "Now."})
    assert prompt.system == "Role.\n\nFormat."
    assert prompt.user("f", "How?") == "<free>\n\nHow?\n\nAs Acme says, go.\n\nNow."


def test_a_prefill_begins_the_reply_inside_its_scratchpad_and_is_in_no_message():
    sections = {"role": "Role.", "user turn": "$tag\n\n$query", "prefill": "I write in $scratchpad."}
    prompt = sent(sections, TAGGED)
    assert prompt.prefill == "<pad>\nI write in the pad."
    assert (prompt.system, prompt.user("f", "How?")) == ("Role.\n\nFormat.", "<free>\n\nHow?")
    assert sent({"role": "Role.", **TURN}, TAGGED).prefill == ""


@pytest.mark.parametrize("mode", ["tool", "native", "none"])
def test_a_prefill_needs_tags_to_begin_with(mode):
    with pytest.raises(UserError, match=rf"a prefill needs scratchpad=tags, not '{mode}'"):
        sent({"user turn": "$query", "prefill": "I think"}, load_scratchpad(mode))


def full(sections=(), lab=LAB, tags=("<free>", "<paid>"), tool=(), mode=()):
    """Render a prompt that has every part there is, with some of them changed and empty ones left out."""
    parts = {"role": "Role.", **TURN, "prefill": "Begin."} | dict(sections)
    texts = {"format": "Format.", "continue": "Go on."} | dict(mode)
    given = {
        "tags": TAGGED.tags,
        "tool": TOOL | dict(tool),
        "sections": {name: text for name, text in texts.items() if text},
    }
    scratchpad = Scratchpad(mode="tags", **MODE | given)
    return sent({name: text for name, text in parts.items() if text}, scratchpad, lab, two(tags))


@pytest.mark.parametrize(
    "change",
    [
        {"sections": {"role": "Rôle."}},
        {"sections": {"role": "Role. "}},
        {"sections": {"role": "Role of $lab."}},
        {"sections": {"user turn": "$tag\n$query"}},
        {"sections": {"user turn": "$tag\n\n$query\n\nGo."}},
        {"sections": {"prefill": "Begin!"}},
        {"sections": {"prefill": ""}},
        {"tags": ("<free>", "<Paid>")},
        {"tags": ("", "<paid>")},
        {"tags": ("<paid>", "<free>")},
        *({"tool": {field: "other"}} for field in TOOL),
        {"mode": {"format": "Format!"}},
        {"mode": {"continue": "Go on!"}},
        {"mode": {"continue": ""}},
    ],
)
def test_the_hash_changes_with_every_part_that_is_sent(change):
    assert full(**change).sha256 != full().sha256


def test_the_hash_repeats_and_does_not_depend_on_the_query():
    prompt = full()
    before = prompt.sha256
    assert {prompt.user("f", query) for query in ("How?", "Why?")} == {"<free>\n\nHow?", "<free>\n\nWhy?"}
    assert prompt.sha256 == before == full().sha256
    assert re.fullmatch("[0-9a-f]{64}", before)


def test_the_hash_does_not_change_with_what_is_not_sent():
    assert full(lab="Other").sha256 == full().sha256
    assert (
        full(sections={"role": "Role of $lab."}, lab="Acme").sha256 == full(sections={"role": "Role of Acme."}).sha256
    )


def test_a_tiers_tag_never_reaches_the_system_message():
    assert full(tags=("<x>", "")).system == full().system


def test_a_condition_is_rendered_in_each_wording_asked_for(prompts):
    prompts.variant("open", body="## secrecy\n\nAll read it.\n\n## secrecy @memo\n\nRead by all.")
    tool = load_scratchpad("tool")
    for asked, members in (("all", ["memo", "original"]), ("ensemble", ["memo"]), ("original", ["original"])):
        shown = resolve_condition(Condition("toy", asked, ["open"], "tool", LAB))
        assert shown.setting == resolve_setting("toy", members[0], ["open"])
        assert shown.prompts == {name: render(resolve_setting("toy", name, ["open"]), tool, LAB) for name in members}
        assert list(shown.prompts) == members


@pytest.mark.parametrize("wording", ["original", "memo", "ensemble", "all"])
def test_an_unknown_setting_is_the_first_thing_that_is_said(prompts, wording):
    with pytest.raises(UserError, match=r"^unknown setting 'toi'; known: toy$"):
        resolve_condition(Condition("toi", wording, [], "tool", LAB))


# Everything that is shipped, in every combination of one variant, a wording and a mode.


reworded = cache(load_setting)
load = cache(load_variant)
SHIPPED = [(name, wording) for name in names("settings") for wording in wordings(name)]
VARIED = [(name, variant) for name in names("settings") for variant in names("variants")]


def assert_filled(prompt, tiers):
    assert list(prompt.turns) == list(tiers)
    texts = [prompt.system, prompt.prefill, *(prompt.user(tier, "How?") for tier in tiers)]
    assert all("How?" in text for text in texts[2:])
    assert [text for text in texts if STRAY.search(text)] == []
    assert not any("\n\n\n" in text or text != text.strip() for text in texts)


@pytest.mark.parametrize("mode", names("scratchpads"))
@pytest.mark.parametrize(("name", "wording"), SHIPPED)
def test_every_shipped_wording_renders_in_every_mode(name, wording, mode):
    shown, scratchpad = reworded(name, wording), load_scratchpad(mode)
    prompt = render(shown, scratchpad, LAB)
    assert_filled(prompt, shown.tiers)
    assert scratchpad.sections["format"] in prompt.system
    assert not any(tier.tag in prompt.system for tier in shown.tiers.values())
    assert all(prompt.user(tier, "How?").count(facts.tag) == 1 for tier, facts in shown.tiers.items())


@pytest.mark.parametrize(("name", "variant"), VARIED)
def test_every_shipped_variant_renders_in_every_wording_and_mode_and_changes_it(name, variant):
    if load(variant).settings and name not in load(variant).settings:
        with pytest.raises(UserError, match=rf"'{variant}' does not apply to setting '{name}'"):
            apply_variants(load_setting(name), [load(variant)], "original")
        return
    for wording in wordings(name):
        changed = apply_variants(reworded(name, wording), [load(variant)], wording)
        for mode in ["tags"] if PREFILL in changed.sections else names("scratchpads"):
            assert_filled(render(changed, load_scratchpad(mode), LAB), changed.tiers)
        tags = load_scratchpad("tags")
        assert render(changed, tags, LAB).sha256 != render(reworded(name, wording), tags, LAB).sha256, wording
