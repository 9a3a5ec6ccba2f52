"""Scratchpad modes: how a model is told to reason in private, the mechanics of the format only."""

from functools import cache
from typing import Literal, Self

from pydantic import model_validator

from experiment.front_matter import Record, open_named, parse, sections

ModeName = Literal["tool", "tags", "native", "none"]
CONTINUE = "continue"


class Tool(Record):
    """What a model is told of the scratchpad tool, and what a call returns."""

    name: str
    description: str
    parameter: str
    parameter_description: str
    result: str


class Tags(Record):
    """The tags around private reasoning and public answer."""

    private: str
    public: str


class Scratchpad(Record):
    """A scratchpad mode.

    Args:
        mode: The file's stem.
        why: What the mode is, in one line.
        name: What fills `$scratchpad`; absent where there is none.
        after: The section that this mode's own section `format` follows.
        remove: Sections of the setting that make no sense in this mode.
        tool: The tool's texts, in mode `tool`.
        tags: The tags, in mode `tags`.
        sections: `format`, and in mode `tags` also `continue`, the user turn that asks for the rest of a reply.
    """

    mode: ModeName
    why: str
    name: str | None = None
    after: str
    remove: tuple[str, ...] = ()
    tool: Tool | None = None
    tags: Tags | None = None
    sections: dict[str, str]

    @property
    def one_turn(self) -> bool:
        """Whether a model that stops after its reasoning is not asked to go on, as in a paper's own format."""
        return self.tags is not None and CONTINUE not in self.sections

    def in_one_turn(self) -> Self:
        """Return the mode without the user turn that asks for the rest of a reply."""
        return self.model_copy(
            update={"sections": {name: text for name, text in self.sections.items() if name != CONTINUE}}
        )

    @model_validator(mode="after")
    def _check(self) -> Self:
        needed = {"tool": self.tool, "tags": self.tags}.get(self.mode, True)
        if needed is None:
            raise ValueError(f"mode {self.mode!r} needs the key {self.mode!r}")
        if "format" not in self.sections:
            raise ValueError(f"needs a section '## format'; has {', '.join(self.sections) or 'none'}")
        return self


@cache
def load_scratchpad(mode: str) -> Scratchpad:
    """Load a scratchpad mode.

    Args:
        mode: The stem of a file in `datasets/prompts/scratchpads/`.

    Returns:
        The mode.

    Raises:
        UserError: The name is unknown or the file is not a valid mode.
    """
    document = open_named("scratchpads", mode)
    return parse(Scratchpad, document, mode=mode, sections=sections(document))
