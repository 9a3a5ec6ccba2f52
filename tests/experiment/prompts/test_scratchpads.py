"""A scratchpad mode holds what its format needs, or is refused by name."""

import pytest

from experiment.errors import UserError
from experiment.front_matter import names
from experiment.prompts.scratchpads import Tags, Tool, load_scratchpad


def test_a_mode_is_read_as_it_stands(prompts):
    tool, tags, none = (load_scratchpad(mode) for mode in ("tool", "tags", "none"))
    assert tool.tool == Tool(
        name="pad", description="A pad.", parameter="thought", parameter_description="A thought.", result="Noted."
    )
    assert (tool.mode, tool.name, tool.after, tool.remove, tool.tags) == ("tool", "the pad", "reasoning", (), None)
    assert (tags.tags, tags.tool) == (Tags(private="pad", public="answer"), None)
    assert tags.sections == {"format": "Write tags.", "continue": "Go on."}
    assert (none.name, none.remove) == (None, ("reasoning", "secrecy"))


@pytest.mark.parametrize(
    ("mode", "old", "new", "problem"),
    [
        ("tool", "why: test\n", "why: test\ncolour: red\n", r"colour: .*\(known keys: why, name, after"),
        ("tool", "why: test\n", "why: test\nmode: tags\n", r"mode.*\(known keys: why, name, after"),
        ("tool", "why: test\n", "", "why: Field required"),
        ("none", "after: reasoning\n", "", "after: Field required"),
        ("tool", ", result: Noted.", "", r"tool\.result: Field required"),
        ("tool", ", result: Noted.", ", result: Noted., price: 3", r"tool\.price: "),
        ("tags", ", public: answer", "", r"tags\.public: Field required"),
        ("tool", "tool: {", "tags: {private: a, public: b}\n# {", "mode 'tool' needs the key 'tool'"),
        ("tags", "tags: {private: pad, public: answer}\n", "", "mode 'tags' needs the key 'tags'"),
        ("tags", "## continue", "## format", "section 'format' stands twice"),
        ("none", "## format", "Hello.\n\n## format", "text before the first '## section': 'Hello.'"),
        ("none", "## format", "## shape", "needs a section '## format'"),
    ],
)
def test_a_mistake_in_a_mode_is_named(prompts, mode, old, new, problem):
    prompts.edit(f"scratchpads/{mode}.md", old, new)
    with pytest.raises(UserError, match=rf"{mode}\.md: .*{problem}"):
        load_scratchpad(mode)


def test_an_unknown_mode_lists_the_known_ones(prompts):
    with pytest.raises(UserError, match=r"^unknown scratchpad 'tolo'; known: none, tags, tool$"):
        load_scratchpad("tolo")


def test_a_mode_that_no_code_knows_is_refused(prompts):
    prompts.copy("scratchpads/none.md", "scratchpads/voice.md")
    with pytest.raises(UserError, match=r"voice\.md: mode: .*'tool', 'tags', 'native' or 'none'"):
        load_scratchpad("voice")


def test_the_shipped_modes_are_those_of_the_paper_and_of_providers():
    assert names("scratchpads") == ["native", "none", "tags", "tool"]
    assert {mode: load_scratchpad(mode).name is None for mode in names("scratchpads")} == {
        "native": False,
        "none": True,
        "tags": False,
        "tool": False,
    }


@pytest.mark.parametrize("mode", ["tags", "tool"])
def test_the_shipped_format_names_what_the_reply_is_split_by(mode):
    scratchpad = load_scratchpad(mode)
    text = scratchpad.sections["format"]
    if mode == "tool":
        assert f"`{scratchpad.tool.name}`" in text
        assert f"`{scratchpad.tool.parameter}`" in text
    else:
        assert scratchpad.sections["continue"]
        for name in (scratchpad.tags.private, scratchpad.tags.public):
            assert f"<{name}>" in text
            assert f"</{name}>" in text
