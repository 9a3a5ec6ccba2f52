"""The documentation says what the code does: words, criteria, variants, outcomes and costs are those of the code."""

import importlib
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from experiment.front_matter import names
from experiment.prompts.variants import load_variant
from experiment.replies.malformed_reasons import REASONS
from experiment.replies.outcomes import MISSING
from scorers.rubric import load_rubric

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
MODULE = re.compile(r"`((?:\w+/)+\w+)\.py` `(\w+)`")


def page(name):
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def rows(text):
    """The rows of every table of a page, as lists of cells."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def blocks(text):
    """What stands in the unmarked blocks of a page: a file's text by its name, and command lines."""
    found = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    files = {block[2:].partition("\n")[0]: block for block in found if block.startswith("# ")}
    return files, [block.strip() for block in found if block not in files.values()]


GLOSSARY = [row for row in rows(page("glossary")) if row[0] != "word"]


@pytest.mark.parametrize("row", GLOSSARY, ids=lambda row: row[0])
def test_a_word_is_decided_where_the_glossary_says(row):
    word, definition, decided = row
    module, name = MODULE.fullmatch(decided).groups()
    assert hasattr(importlib.import_module(module.replace("/", ".")), name)
    assert word
    assert definition


def test_a_word_stands_once():
    words = [word for row in GLOSSARY for word in row[0].split(", ")]
    assert sorted(set(words)) == sorted(words)


def test_the_criteria_are_those_that_the_grader_reads():
    rubric = load_rubric("four_criteria")
    criteria = re.findall(r"^\d\. `.*$", rubric.instructions, re.MULTILINE)
    assert len(criteria) == len(rubric.criteria) == 4
    assert re.findall(r"^\d\. `.*$", page("what_af_reasoning_means"), re.MULTILINE) == criteria


def test_the_motives_are_those_of_the_rubric():
    shown = {row[0].strip("`"): row[1] for row in rows(page("what_af_reasoning_means"))}
    for name, score in load_rubric("motives").front.scores.items():
        assert shown[name] == score.means


def test_every_variant_stands_in_its_group():
    cells = {row[0]: re.findall(r"`(\w+)`", row[1]) for row in rows(page("settings_wordings_variants"))}
    for name in names("variants"):
        assert name in cells[load_variant(name).group], name


def test_every_outcome_without_a_value_and_every_reason_is_explained():
    explained = [row[0].strip("`") for row in rows(page("what_coverage_means"))]
    assert [word for word in (*MISSING, *REASONS) if word not in explained] == []


def test_the_cost_in_dollars_is_that_of_the_example(tmp_path, monkeypatch):
    files, [command] = blocks(page("cost"))
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for provider in ("ANTHROPIC", "OPENAI"):
        monkeypatch.setenv(f"{provider}_API_KEY", "none")
    monkeypatch.chdir(tmp_path)
    name, *words = command.split()
    [script] = entry_points(group="console_scripts", name=name)
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(script.load(), words)
    assert shown.exit_code == 0, shown.output
    stated = re.search(
        r"here (\d+) samples, ([\d.]+) million tokens in, ([\d.]+) million out, about \$(\d+)", page("cost")
    )
    samples, taken, made, dollars = map(float, stated.groups())
    total = re.search(r"1 cells\W+(\d+)\D.*?([\d,]{7,})\W+([\d,]{7,})\W+\$([\d.]+)", shown.output)
    counted = [float(number.replace(",", "")) for number in total.groups()]
    assert counted[0] == samples
    assert [round(number / 1e6, 1) for number in counted[1:3]] == [taken, made]
    assert round(counted[3]) == dollars


def test_every_page_can_be_found():
    listed = re.findall(r"\w+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(listed) == [each.name for each in PAGES]
    linked = set(re.findall(r"\]\((\w+\.md)\)", page("index")))
    assert linked == {each.name for each in PAGES} - {"index.md"}


def test_the_first_page_is_short():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert len(text.encode()) <= 9_000


def test_pictures_are_light():
    assert [each for each in (DOCS / "images").iterdir() if each.stat().st_size > 150_000] == []


def test_the_citation_is_the_same_everywhere():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    entries = [
        re.findall(r"^@software.*?^}$", text, re.MULTILINE | re.DOTALL)
        for text in (page("citing"), (ROOT / "README.md").read_text(encoding="utf-8"))
    ]
    assert entries[0] == entries[1]
    [[entry], _] = entries
    assert cited["title"] in entry
    assert cited["version"] in entry
    assert cited["authors"] == [{"name": "The alignment-faking-evals authors"}]
