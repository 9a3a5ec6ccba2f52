"""A file is read as it stands, and what is wrong with it is said by name."""

import pytest
from pydantic import BaseModel, ConfigDict

from experiment.errors import UserError
from experiment.front_matter import names, open_named, parse, read_document, sections

FRONT = "---\norigin: ours\n---\n"


class Card(BaseModel):
    """A front matter to check against."""

    model_config = ConfigDict(extra="forbid")

    name: str
    origin: str
    tiers: int = 2


@pytest.fixture
def document(tmp_path):
    def read(content):
        path = tmp_path / "card.md"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_document(path)

    return read


@pytest.mark.parametrize(
    ("text", "front", "body"),
    [
        (f"{FRONT}body\n", {"origin": "ours"}, "body\n"),
        (f"{FRONT}", {"origin": "ours"}, ""),
        (f"{FRONT}a\n---\nb", {"origin": "ours"}, "a\n---\nb"),
        (f"{FRONT}body\n".replace("\n", "\r\n"), {"origin": "ours"}, "body\n"),
        ("---\na: 1\ntier: {tag: <t>free</t>}\n---\n\nx", {"a": 1, "tier": {"tag": "<t>free</t>"}}, "\nx"),
        ("---\nwhy: “née” 日本\n---\nΩ", {"why": "“née” 日本"}, "Ω"),
    ],
)
def test_front_matter_ends_at_the_first_fence_and_the_body_is_unchanged(document, text, front, body):
    assert document(text)[1:] == (front, body)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "must begin with YAML front matter"),
        ("body only\n", "must begin with YAML front matter"),
        ("---\norigin: ours\n", "must begin with YAML front matter"),
        ("\n---\norigin: ours\n---\n", "must begin with YAML front matter"),
        ("---\na: [1\n---\n", "not valid YAML"),
        ("---\n- a\n---\n", "must be a mapping"),
        ("---\n\n---\n", "must be a mapping"),
        ("---\n---\nbody\n", "front matter"),
        (b"---\nwhy: \xff\n---\n", "UTF-8"),
    ],
)
def test_a_broken_file_is_refused_by_name(document, content, problem):
    with pytest.raises(UserError, match=rf"card\.md.*{problem}"):
        document(content)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(UserError, match=r"gone\.md: cannot be read"):
        read_document(tmp_path / "gone.md")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", {}),
        ("## role\n\n one \n\n## user turn\ntwo", {"role": "one", "user turn": "two"}),
        ("\n\n## z\n1\n## a\n2", {"z": "1", "a": "2"}),
        ("## role\n# title\n### detail\nx ## y\n", {"role": "# title\n### detail\nx ## y"}),
        ("## empty\n## also empty", {"empty": "", "also empty": ""}),
        ("##  secrecy @memo \ntext", {"secrecy @memo": "text"}),
    ],
)
def test_sections_in_the_order_of_the_file(document, body, found):
    assert list(sections(document(FRONT + body)).items()) == list(found.items())


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("stray words\n## role\nx", r"before the first '## section': 'stray words'"),
        ("# Title\n\n## role\nx", "before the first"),
        ("## role\na\n## role \nb", r"section 'role' stands twice"),
    ],
)
def test_sections_that_would_lose_text_are_refused(document, body, problem):
    with pytest.raises(UserError, match=rf"card\.md: .*{problem}"):
        sections(document(FRONT + body))


def test_front_matter_and_extra_fields_make_the_record(document):
    assert parse(Card, document(FRONT), name="card") == Card(name="card", origin="ours")


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        ("origin: ours\ncolour: red", r"colour: .*not permitted"),
        ("tiers: 3", "origin: Field required"),
        ("origin: ours\ntiers: many", "tiers: .*integer"),
        ("origin: 1\ntiers: many", "origin: .*; tiers: .*"),
        ("origin: ours\nname: other", "name: "),
    ],
)
def test_a_wrong_key_is_named_with_the_file_and_the_known_keys(document, front, problem):
    with pytest.raises(UserError, match=rf"card\.md: {problem}.*\(known keys: origin, tiers\)"):
        parse(Card, document(f"---\n{front}\n---\n"), name="card")


def test_a_shipped_document_is_opened_by_its_stem():
    assert {"tool", "tags", "native", "none"} <= set(names("scratchpads"))
    paths = [open_named("settings", name).path for name in names("settings")]
    assert [(path.parent.name, path.name) for path in paths] == [(name, "setting.yaml") for name in names("settings")]
    assert names("settings") == sorted(names("settings"))


@pytest.mark.parametrize(
    ("kind", "word"),
    [("settings", "setting"), ("scratchpads", "scratchpad"), ("helpful_only", "wording of helpful_only")],
)
def test_an_unknown_name_lists_the_known_ones(kind, word):
    known = ", ".join(sorted(names(kind))) or "none"
    with pytest.raises(UserError, match=rf"^unknown {word} 'nothing\.md'; known: {known}$"):
        open_named(kind, "nothing.md")
