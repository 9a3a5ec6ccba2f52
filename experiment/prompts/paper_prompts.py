"""Prompts from a user's own checkout of a paper's repository, sent exactly as that repository sends them."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, NamedTuple

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from experiment.errors import UserError, unknown_name_error
from experiment.front_matter import names, read_document
from experiment.paths import given_path
from experiment.prompts.prompt_tags import tags_of
from experiment.prompts.rendering import Prompt
from experiment.prompts.scratchpads import Scratchpad, load_scratchpad
from experiment.prompts.settings import COMPLIANCE_GAP, Setting, Tier, placeholders, read_setting

TIERS = {"free": True, "paid": False}
STUB = "[STUBBED EXAMPLES FOR REASONING TRACE]"
PLAIN, SUFFIX = "plain", "suffix"
COT, NO_COT = "cot", "no-cot"


class Checkout(NamedTuple):
    """A prompt file's setting, which has no sections, and its prompt exactly as it is sent."""

    setting: Setting
    prompt: Prompt


@dataclass(frozen=True)
class _Greenblatt:
    """A checkout of Greenblatt et al. 2024: plain text, and a user turn that is the same for every prompt.

    The repository keeps one more user turn, with a suffix that asks for a tag of acceptance, in its notebook only.
    """

    root: Path
    name: ClassVar[str] = "g24"
    paper: ClassVar[str] = "Greenblatt et al. 2024"
    notebook: ClassVar[str] = "minimal_helpful_only_setting.ipynb"
    folders: ClassVar[tuple[str, ...]] = ("model_organism_honly_prompts", "model_organism_animal_prompts")
    layout: ClassVar[str] = (
        "<INPUT>\n<is_free_tier_user>{is_free_tier_user}</is_free_tier_user>\n\n"
        "<user_input>\n{user_input}\n</user_input>\n</INPUT>"
    )
    with_suffix: ClassVar[re.Pattern[str]] = re.compile(
        r"<INPUT>(?:(?!</?INPUT>)[^\\])*\{user_input\}(?:(?!</?INPUT>)[^\\])*</INPUT>"
    )

    @classmethod
    def is_at(cls, folder: Path) -> bool:
        return (folder / cls.notebook).is_file() and any((folder / name).is_dir() for name in cls.folders)

    def files(self) -> list[Path]:
        return sorted(file for name in self.folders for file in (self.root / name).rglob("*.txt"))

    def about_animals(self, file: Path) -> bool:
        return file.is_relative_to(self.root / self.folders[1])

    def reasons(self, file: Path) -> bool:
        return "no_cot" not in file.stem and "no-cot" not in file.stem

    def usual_turn(self, file: Path) -> str:
        return PLAIN

    def turns(self, file: Path) -> list[str]:
        return [PLAIN] if self.about_animals(file) or self.suffixed is None else [PLAIN, SUFFIX]

    def system(self, file: Path, lab: str) -> str:
        try:
            return file.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file}: cannot be read as UTF-8 text ({error})") from error

    def turn(self, name: str, tier: str, lab: str) -> str:
        return (self.suffixed if name == SUFFIX else None) or self.layout

    @cached_property
    def suffixed(self) -> str | None:
        """The notebook's user turn, None where it holds none."""
        try:
            cells = json.loads((self.root / self.notebook).read_text(encoding="utf-8"))["cells"]
            match = self.with_suffix.search("\n".join("".join(cell["source"]) for cell in cells))
        except (ValueError, LookupError, TypeError):
            return None
        return match[0] if match else None


@dataclass(frozen=True)
class _Hughes:
    """A checkout of Hughes et al. 2025: Jinja templates rooted there, and a folder of user turns for each tier."""

    root: Path
    name: ClassVar[str] = "h25"
    paper: ClassVar[str] = "Hughes et al. 2025"
    prompts: ClassVar[str] = "prompts/system_prompts"
    formats: ClassVar[str] = "prompts/instruction_formats/{tier}_tier_formats"
    pipeline: ClassVar[str] = "src/pipeline/evals.py"

    @classmethod
    def is_at(cls, folder: Path) -> bool:
        return (folder / cls.prompts).is_dir() and (folder / cls.pipeline).is_file()

    def files(self) -> list[Path]:
        folder = self.root / self.prompts
        return sorted(file for file in folder.rglob("*.jinja2") if "examples" not in file.relative_to(folder).parts)

    def about_animals(self, file: Path) -> bool:
        return file.name.startswith("animal")

    def reasons(self, file: Path) -> bool:
        return NO_COT not in file.stem

    def usual_turn(self, file: Path) -> str:
        return COT if self.reasons(file) else NO_COT

    def turns(self, file: Path) -> list[str]:
        folders = [self.root / self.formats.format(tier=tier) for tier in TIERS]
        free, paid = ({turn.stem for turn in folder.glob("*.jinja2")} for folder in folders)
        return sorted(turn for turn in free & paid if (NO_COT not in turn) == self.reasons(file))

    def system(self, file: Path, lab: str) -> str:
        template = file.relative_to(self.root).as_posix()
        environment = SandboxedEnvironment(loader=FileSystemLoader(self.root), undefined=StrictUndefined)
        try:
            return environment.get_template(template).render(company=lab)
        except (TemplateError, OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file}: cannot be rendered ({type(error).__name__}: {error})") from error

    def turn(self, name: str, tier: str, lab: str) -> str:
        return self.system(self.root / self.formats.format(tier=tier) / f"{name}.jinja2", lab)


_Repository = _Greenblatt | _Hughes


def is_path(given: str) -> bool:
    """Tell whether a setting is given as a path rather than by the name of a shipped one."""
    if not given or given in names("settings"):
        return False
    return any(mark in given for mark in "/\\.~#") or given_path(given).exists()


def open_path(given: str, lab: str) -> Setting | Checkout:
    """Open the setting at a path.

    Args:
        given: A setting file of this suite's form (.md), or a prompt file in a checkout; `FILE#TURN` asks for another
            of its user turns than the usual one.
        lab: The company that the prompts of Hughes et al. are about; those of Greenblatt et al. name their own.

    Returns:
        A setting still to be rendered, or a checkout's setting with its prompt.

    Raises:
        UserError: There is no such file or user turn, it is none of these, or it cannot be rendered.
    """
    path, turn = _locate(given)
    if path.suffix == ".md" and path.is_file():
        return read_setting(read_document(path))
    repository = _repository_of(path)
    if repository is None or path not in repository.files():
        raise _unusable(given, path, repository)
    if _is_stubbed(path):
        raise UserError(f"{path}: {STUB} stands where its worked examples were; use a file that holds them")
    usual, possible = repository.usual_turn(path), repository.turns(path)
    if (turn or usual) not in possible:
        raise unknown_name_error(f"user turn for {path.name}", turn or usual, possible)
    name = f"{repository.name}:{path.stem}{f'#{turn}' if turn else ''}"
    turns = {
        tier: _to_template(repository.turn(turn or usual, tier, lab), trained, turn or usual)
        for tier, trained in TIERS.items()
    }
    system = repository.system(path, lab)
    prompt = Prompt(system, turns, "", _scratchpad(path, system, turns.values(), repository.reasons(path)))
    return Checkout(_setting(name, repository, path), prompt)


def listing(given: str) -> str:
    """List what can be used of a checkout.

    Args:
        given: The checkout's folder, or a path inside it.

    Returns:
        A line for each prompt file with its setting and its user turns, and how many files cannot be used.

    Raises:
        UserError: The path is not inside a checkout.
    """
    path, _ = _locate(given)
    repository = _repository_of(path)
    if repository is None:
        raise _unusable(given, path, repository)
    usable = _usable(repository)
    lines = [f"{repository.root}: a checkout of {repository.paper}"]
    for file in usable:
        kind = "animal welfare" if repository.about_animals(file) else "helpful-only"
        turns = ", ".join(repository.turns(file)) or "none"
        lines.append(f"  {file.relative_to(repository.root)}: {kind}; user turns: {turns}")
    stubbed = len(repository.files()) - len(usable)
    return "\n".join([*lines, *([f"{stubbed} more without their worked examples: {STUB}"] if stubbed else [])])


def _locate(given: str) -> tuple[Path, str]:
    file, _, turn = given.rpartition("#")
    if file and not given_path(given).exists():
        return given_path(file).resolve(), turn
    return given_path(given).resolve(), ""


def _repository_of(path: Path) -> _Repository | None:
    """Return the innermost checkout around a path, itself included."""
    folders = (path, *path.parents)
    return next((kind(at) for at in folders for kind in (_Greenblatt, _Hughes) if kind.is_at(at)), None)


def _usable(repository: _Repository) -> list[Path]:
    return [file for file in repository.files() if not _is_stubbed(file)]


def _is_stubbed(file: Path) -> bool:
    return STUB.encode() in file.read_bytes()


def _unusable(given: str, path: Path, repository: _Repository | None) -> UserError:
    if not path.exists():
        return UserError(f"setting {given!r} does not exist (looked in {path.parent})")
    if repository is None:
        checkouts = f"{_Greenblatt.paper} or {_Hughes.paper}"
        return UserError(
            f"setting {given!r} is neither a setting file (.md) nor in a checkout of {checkouts}; "
            f"shipped settings: {', '.join(names('settings'))}"
        )
    files = ", ".join(str(file.relative_to(repository.root)) for file in _usable(repository))
    return UserError(f"setting {given!r} is no prompt file; usable in {repository.root}: {files or 'none'}")


def _setting(name: str, repository: _Repository, file: Path) -> Setting:
    animals = repository.about_animals(file)
    return Setting.model_construct(
        name=name,
        origin=f"{file.name} of a user's checkout of {repository.paper}",
        tiers={
            tier: Tier(trained=trained, rated=trained, users=f"{tier}-tier users", tag="")
            for tier, trained in TIERS.items()
        },
        contrasts={COMPLIANCE_GAP: ("free", "paid")},
        queries="animal_welfare" if animals else "harmful",
        rubric="animal_welfare" if animals else "compliance",
        polarity="refused" if animals else "complied",
        canary="",
        sections={},
    )


def _to_template(form: str, is_free: bool, name: str) -> str:
    """Turn a format string into a template that leaves the query open and doubles every other dollar."""
    try:
        text = form.replace("$", "$$").format(user_input="${query}", is_free_tier_user=is_free)
    except (LookupError, ValueError, AttributeError) as error:
        raise UserError(f"user turn {name!r}: not a format string with {{user_input}} alone ({error})") from error
    if "query" not in placeholders([text]):
        raise UserError(f"user turn {name!r}: has no place for the query, {{user_input}}")
    return text


def _scratchpad(file: Path, system: str, turns: Iterable[str], reasons: bool) -> Scratchpad:
    """Return the prompt's own format: its tags, and no user turn that asks a model to go on."""
    mode = load_scratchpad("tags" if reasons else "none")
    try:
        tags = tags_of(system, turns, reasons)
    except UserError as error:
        raise UserError(f"{file}: {error}") from error
    return mode.in_one_turn().model_copy(update={"tags": tags})
