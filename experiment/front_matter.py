"""Markdown with YAML front matter and named sections: the form of settings, wordings, variants, modes and rubrics."""

from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from experiment.errors import UserError, unknown_name_error
from experiment.paths import data_folder

FENCE = "---\n"
HEADING = "## "
FILES = {"settings": "*/setting.yaml", "variants": "variants/*/*.md", "scratchpads": "scratchpads/*.md"}

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
        kind: "settings", "variants", "scratchpads", or a setting's name for its wordings.

    Returns:
        The names, sorted.
    """
    return sorted(_files(kind))


def open_named(kind: str, name: str) -> Document:
    """Read the document of a given kind, as in `names`, and name.

    Raises:
        UserError: There is no such file; lists those there are.
    """
    files = _files(kind)
    if name not in files:
        raise unknown_name_error(kind.removesuffix("s") if kind in FILES else f"wording of {kind}", name, files)
    return read_document(files[name])


def _files(kind: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in (data_folder() / "prompts").glob(FILES.get(kind, f"{kind}/*.md")):
        name = path.parent.name if kind == "settings" else path.stem
        if name in found:
            raise UserError(f"{path}: the name {name!r} is taken by {found[name]}")
        found[name] = path
    return found


def read_document(path: Path) -> Document:
    """Read a markdown file that begins with YAML front matter, or a YAML file, which is front matter alone.

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
    if path.suffix == ".yaml":
        head, body = text, ""
    elif not text.startswith(FENCE) or not fence:
        raise UserError(f"{path}: must begin with YAML front matter between two lines '---'")
    try:
        front = load_yaml(head)
    except (yaml.YAMLError, ValueError) as error:
        raise UserError(f"{path}: front matter is not valid YAML ({error})") from error
    if not isinstance(front, dict):
        raise UserError(f"{path}: front matter must be a mapping of keys to values")
    return Document(path, front, body)


class _Loader(yaml.SafeLoader):
    """YAML in which a repeated key is an error; PyYAML would keep the last value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for number, (key, _) in enumerate(node.value):
            if key.value in keys[:number]:
                raise yaml.constructor.ConstructorError(
                    problem=f"{key.value!r} stands twice", problem_mark=key.start_mark
                )
        return super().construct_mapping(node, deep)


def load_yaml(text: str) -> Any:  # noqa: ANN401 - anything may stand in a user's file
    """Read plain YAML.

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
    texts: dict[str, str] = {}
    for block in blocks:
        name, _, text = block.partition("\n")
        if name.strip() in texts:
            raise UserError(f"{document.path}: section {name.strip()!r} stands twice")
        texts[name.strip()] = text.strip()
    return texts


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
        errors = {problem["loc"]: problem["msg"] for problem in error.errors()}
        # pydantic also reports the parent of a wrong entry, whose length is then wrong too
        innermost = [loc for loc in errors if not any(loc == other[: len(loc)] != other for other in errors)]
        problems = [": ".join(filter(None, [".".join(map(str, loc)), _in_words(errors[loc])])) for loc in innermost]
        more = f" (known keys: {known})" if any(len(loc) == 1 for loc in innermost) else ""
        raise UserError(f"{document.path}: {'; '.join(problems)}{more}") from error


def _in_words(message: str) -> str:
    """Return pydantic's message in the terms of YAML."""
    return message.removeprefix("Value error, ").replace("a valid tuple", "a list").replace("Tuple", "List")
