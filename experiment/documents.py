"""Markdown with YAML front matter and named sections: the form of settings, wordings, variants, modes and rubrics."""

from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from experiment.errors import UserError, unknown_name_error
from experiment.paths import data_folder

FENCE = "---\n"
HEADING = "## "

ModelT = TypeVar("ModelT", bound=BaseModel)


class Record(BaseModel):
    """An immutable record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(NamedTuple):
    """A file's front matter and the text below it."""

    path: Path
    front: dict[str, Any]
    body: str


def names(kind: str) -> list[str]:
    """List the files of one kind.

    Args:
        kind: A folder of `datasets/prompts/`, such as "settings" or "scratchpads".

    Returns:
        The files' stems, sorted.
    """
    return sorted(path.stem for path in (data_folder() / "prompts" / kind).glob("*.md"))


def open_named(kind: str, name: str) -> Document:
    """Read the document of a given kind and name.

    Args:
        kind: A folder of `datasets/prompts/`.
        name: The file's stem.

    Returns:
        The document.

    Raises:
        UserError: There is no such file; lists those there are.
    """
    if name not in names(kind):
        raise unknown_name_error(kind.split("/")[0].removesuffix("s"), name, names(kind))
    return read_document(data_folder() / "prompts" / kind / f"{name}.md")


def read_document(path: Path) -> Document:
    """Read a markdown file that begins with YAML front matter.

    Args:
        path: The file, UTF-8.

    Returns:
        The front matter as a mapping and the rest of the text, unchanged.

    Raises:
        UserError: The file cannot be read, or its front matter is absent or not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    head, fence, body = f"\n{text.removeprefix(FENCE)}".partition(f"\n{FENCE}")
    if not text.startswith(FENCE) or not fence:
        raise UserError(f"{path}: must begin with YAML front matter between two lines '---'")
    try:
        front = load_yaml(head)
    except (yaml.YAMLError, ValueError) as error:
        raise UserError(f"{path}: front matter is not valid YAML ({error})") from error
    if not isinstance(front, dict):
        raise UserError(f"{path}: front matter must be a mapping of keys to values")
    return Document(path, front, body)


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is a mistake, of which PyYAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        for number, (key, _) in enumerate(node.value):
            if key.value in names[:number]:
                raise yaml.constructor.ConstructorError(
                    problem=f"{key.value!r} stands twice", problem_mark=key.start_mark
                )
        return super().construct_mapping(node, deep)


def load_yaml(text: str) -> Any:  # noqa: ANN401 - anything may stand in a user's file
    """Read plain YAML.

    Args:
        text: The YAML.

    Returns:
        What it holds.

    Raises:
        yaml.YAMLError: It is not valid, or a key stands twice.
        ValueError: Something has the form of a date and is none.
    """
    return yaml.load(text, _Loader)


def sections(document: Document) -> dict[str, str]:
    """Split a document's body at its second-level headings.

    Args:
        document: The document; nothing may stand before its first heading.

    Returns:
        Section name to its text, stripped, in the order of the file.

    Raises:
        UserError: Text stands before the first heading, or a section is named twice.
    """
    head, *blocks = f"\n{document.body}".split(f"\n{HEADING}")
    if head.strip():
        raise UserError(f"{document.path}: text before the first '## section': {head.strip()[:60]!r}")
    found: dict[str, str] = {}
    for block in blocks:
        name, _, text = block.partition("\n")
        if name.strip() in found:
            raise UserError(f"{document.path}: section {name.strip()!r} stands twice")
        found[name.strip()] = text.strip()
    return found


def parse(kind: type[ModelT], document: Document, **extra: object) -> ModelT:
    """Check a document's front matter against a model.

    Args:
        kind: The pydantic model to build.
        document: The document whose front matter gives its fields.
        **extra: Fields that come from elsewhere, such as the file's name and sections.

    Returns:
        The model.

    Raises:
        UserError: A key is unknown, missing or of the wrong type; names the key, the file and the known keys.
    """
    known = ", ".join(name for name in kind.model_fields if name not in extra)
    given = [name for name in extra if name in document.front]
    if given:
        raise UserError(f"{document.path}: {given[0]}: is not given in the front matter (known keys: {known})")
    try:
        return kind.model_validate({**document.front, **extra})
    except ValidationError as error:
        found = error.errors()
        places = [each["loc"] for each in found]
        # What holds a mistake is told only by the mistake: pydantic also counts what is left of a list.
        own = [each for each in found if not any(each["loc"] == loc[: len(each["loc"])] != loc for loc in places)]
        problems = "; ".join(": ".join(filter(None, [".".join(map(str, e["loc"])), _said(e["msg"])])) for e in own)
        more = f" (known keys: {known})" if any(len(each["loc"]) == 1 for each in own) else ""
        raise UserError(f"{document.path}: {problems}{more}") from error


def _said(message: str) -> str:
    """Return pydantic's words for a mistake in those of YAML."""
    return message.removeprefix("Value error, ").replace("a valid tuple", "a list").replace("Tuple", "List")
