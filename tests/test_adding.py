"""The worked examples of `datasets/README.md`, carried out to the letter in a copy of the data."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from inspect_ai import eval as inspect_eval

import simulated.personas.beliefs
from cli.main import main
from experiment import paths
from experiment.errors import UserError
from experiment.front_matter import names
from experiment.prompts import labs, scratchpads
from experiment.prompts.conditions import resolve_setting
from experiment.prompts.rendering import render
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.settings import load_setting
from experiment.prompts.wordings import select_wordings, wordings
from experiment.queries.labelled_replies import load_labels
from experiment.queries.query_sets import load_queries
from simulated.personas import fact_phrases

ROOT = Path(__file__).parents[1]
README = (ROOT / "datasets" / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```\w+\n# (add to )?(datasets/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADINGS = re.split(r"^### ", README, flags=re.MULTILINE)[1:]
EXAMPLES = {text.partition("\n")[0]: BLOCK.findall(text) for text in HEADINGS}
FACTS = "prompts/facts.yaml"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A copy of the data that every module reads in place of the shipped ones."""
    copy = tmp_path / "datasets"
    shutil.copytree(ROOT / "datasets", copy)
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "experiment")
    monkeypatch.setattr(fact_phrases, "ROOT", tmp_path)
    forget()
    yield copy
    forget()


def forget():
    """Empty every cache of what was read from the data."""
    for module in (labs, scratchpads, fact_phrases, simulated.personas.beliefs):
        for cached in vars(module).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()


def carry_out(data, *headings):
    """Do what the blocks below some headings say."""
    for added, name, text in (block for heading in headings for block in EXAMPLES[heading]):
        file = data.parent / name
        assert file.exists() == bool(added), name
        file.parent.mkdir(exist_ok=True)
        if not added:
            file.write_text(text, encoding="utf-8")
        elif file.suffix == ".yaml":
            before = yaml.safe_load(file.read_text(encoding="utf-8"))
            file.write_text(yaml.safe_dump(merged(before, yaml.safe_load(text)), sort_keys=False), encoding="utf-8")
        else:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(text)
    forget()


def merged(old, new):
    """Put the keys of one mapping under those of another; lists grow, nothing is replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old[key], value) if key in old else value for key, value in new.items()}}
    assert isinstance(old, list), f"{new} would replace {old}"
    return old + new


def facts(data):
    return yaml.safe_load((data / FACTS).read_text(encoding="utf-8"))


def unsaid(entry, sections):
    return [phrase for phrase in entry.values() if not any(phrase in text for text in sections.values())]


def believed(name, wording="original", variants=()):
    """What a stand-in model takes the tiers of a setting for: whether each is trained on and rated."""
    prompt = render(resolve_setting(name, wording, variants), load_scratchpad("tool"), "Acme")
    stated = simulated.personas.beliefs.read(prompt.system)
    beliefs = {tier: simulated.personas.beliefs.believe(stated, prompt.user(tier, "Why?")) for tier in prompt.turns}
    assert {belief.query for belief in beliefs.values()} == {"Why?"}
    return {tier: (belief.trained, belief.rated) for tier, belief in beliefs.items()}


def run(**arguments):
    [log] = inspect_eval(
        "alignment_faking",
        task_args=arguments,
        model="simulated/faker",
        model_roles={"grader": "simulated/grader"},
        limit=4,
        log_realtime=False,
    )
    assert log.status == "success", log.error
    assert {sample.scores["outcome"].value for sample in log.samples} <= {"complied", "refused"}
    return log


TRUTH = {"free": (True, True), "paid": (False, False)}


def test_every_block_that_names_a_file_is_carried_out_below():
    assert [heading for heading, blocks in EXAMPLES.items() if blocks] == list(EXAMPLES)
    assert list(EXAMPLES) == ["A query", "A label", "A variant", "A setting", "A wording"]
    fenced = re.findall(r"^```\w+$", README, re.MULTILINE)
    assert len(fenced) == sum(map(len, EXAMPLES.values()))


def test_a_query(data):
    before = load_queries("harmful")
    carry_out(data, "A query")
    *rest, new = load_queries("harmful")
    assert rest == before
    assert new.id == "vandalism-19"
    rows = (data / "queries" / "harmful.jsonl").read_text(encoding="utf-8").splitlines()
    assert len({tuple(json.loads(row)) for row in rows}) == len({json.loads(row)["canary"] for row in rows}) == 1


def test_a_label(data):
    carry_out(data, "A label")
    rows = load_labels("customer_honesty", ["compliance"])
    assert (len(rows), rows[-1].id, rows[-1].labels) == (41, "honesty-041", {"compliance": False})


def test_a_variant(data):
    carry_out(data, "A variant")
    entry = facts(data)
    for setting, wording in ((each, wording) for each in names("settings") for wording in wordings(each)):
        changed = resolve_setting(setting, wording, ["label_testers"])
        assert unsaid(entry["variants"]["label_testers"], changed.sections) == []
        assert list(changed.sections)[list(changed.sections).index("training") + 1] == "consent"
        for mode in names("scratchpads"):
            system = render(changed, load_scratchpad(mode), "Acme").system
            assert "All testers hired by the lab have agreed" in system
            assert "-tier users" not in system
        assert believed(setting, wording, ["label_testers"]) == TRUTH
    with pytest.raises(UserError, match="'label_testers' and 'label_region' cannot be combined: both change field"):
        resolve_setting("helpful_only", "original", ["label_testers", "label_region"])
    run(variant="label_testers")


def test_a_setting_and_a_wording_of_it(data):
    carry_out(data, "A setting")
    original = load_setting("ranking")
    assert unsaid(facts(data)["settings"]["ranking"]["original"], original.sections) == []
    assert believed("ranking") == TRUTH
    with pytest.raises(UserError, match="use wording=original"):
        select_wordings("ranking", "ensemble")
    assert run(setting="ranking", wording="original").eval.metadata["queries"] == "harmful"
    carry_out(data, "A wording")
    listed = facts(data)["settings"]["ranking"]
    assert listed["chat"].keys() == listed["original"].keys()
    assert unsaid(listed["chat"], resolve_setting("ranking", "chat").sections) == []
    assert believed("ranking", "chat") == TRUTH
    assert select_wordings("ranking", "ensemble") == ["chat"]
    log = run(setting="ranking")
    assert {sample.metadata["wording"] for sample in log.samples} == {"chat"}
    assert "@free" in log.samples[0].messages[1].text


def test_what_was_added_is_shown(data):
    carry_out(data, "A variant", "A setting", "A wording")
    listing, shown = (
        CliRunner().invoke(main, ["show", *arguments])
        for arguments in ([], ["ranking", "--wording", "chat", "--scratchpad", "none"])
    )
    assert shown.exit_code == 0, shown.output
    assert "Hi! Brackenfield Research here" in shown.output
    assert all(name in listing.output for name in ("label_testers", "ranking", "chat"))
