"""Every fact that a prompt plants stands in its file, word for word, and every wording plants the same facts."""

from functools import cache

import pytest
import yaml

from experiment.front_matter import names
from experiment.paths import data_folder
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.settings import load_setting
from experiment.prompts.variants import apply_variants, load_variant
from experiment.prompts.wordings import ORIGINAL, wordings

FACTS = yaml.safe_load((data_folder() / "prompts" / "facts.yaml").read_text(encoding="utf-8"))
SHIPPED = [(setting, wording) for setting in names("settings") for wording in wordings(setting)]


def phrases(node):
    """The phrases of an entry, by fact or by wording and fact."""
    if isinstance(node, dict):
        return [phrase for value in node.values() for phrase in phrases(value)]
    assert isinstance(node, str), node
    return [node]


def unsaid(entry, texts):
    return [phrase for phrase in phrases(entry) if not any(phrase in text for text in texts)]


def test_every_setting_wording_and_mode_is_listed_and_no_other():
    listed = [(setting, wording) for setting, entry in FACTS["settings"].items() for wording in entry]
    assert sorted(listed) == sorted(SHIPPED)
    assert sorted(FACTS["scratchpads"]) == names("scratchpads")
    assert set(FACTS["variants"]) <= set(names("variants"))


def test_every_variant_that_says_something_is_listed():
    speaking = {name for name in names("variants") if load_variant(name).sections}
    assert sorted(speaking - set(FACTS["variants"])) == []


@pytest.mark.parametrize(("setting", "wording"), SHIPPED)
def test_a_wording_says_the_facts_of_the_original_in_the_words_listed(setting, wording):
    entry = FACTS["settings"][setting][wording]
    assert entry.keys() == FACTS["settings"][setting][ORIGINAL].keys()
    assert unsaid(entry, load_setting(setting, wording).sections.values()) == []


@pytest.mark.parametrize("name", names("variants"))
def test_a_variant_says_what_is_listed(name):
    assert unsaid(FACTS["variants"].get(name, {}), load_variant(name).sections.values()) == []


@pytest.mark.parametrize("mode", names("scratchpads"))
def test_a_mode_says_what_is_listed(mode):
    assert unsaid(FACTS["scratchpads"][mode], [load_scratchpad(mode).sections["format"]]) == []


@cache
def tagged():
    """Every group of users with a tag that tells it from the other groups of its condition, and where that is."""
    variants = [load_variant(name) for name in names("variants")]
    where = {}
    for setting, wording in SHIPPED:
        reworded = load_setting(setting, wording)
        fitting = [each for each in variants if each.settings is None or setting in each.settings]
        for variants_used in ([], *([each] for each in fitting)):
            tiers = apply_variants(reworded, variants_used, wording).tiers.values()
            tags = [tier.tag for tier in tiers]
            for tier in tiers:
                if tags.count(tier.tag) == 1:
                    place = " ".join([setting, wording, *(each.name for each in variants_used)])
                    where.setdefault((tier.users, tier.tag), place)
    return where


def test_every_group_is_listed_with_each_tag_that_it_writes_under():
    groups = FACTS["groups"]
    assert {key: place for key, place in tagged().items() if key[1] not in groups.get(key[0], ())} == {}


def test_no_group_or_tag_is_listed_that_nothing_uses():
    listed = [(users, tag) for users, tags in FACTS["groups"].items() for tag in tags]
    assert [pair for pair in listed if pair not in tagged()] == []
    assert len(set(listed)) == len(listed)
