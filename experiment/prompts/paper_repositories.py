"""How the papers' repositories keep their prompts: where the files are, and which user turns go with each."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from experiment.errors import UserError

PLAIN, SUFFIX = "plain", "suffix"
COT, NO_COT = "cot", "no-cot"


@dataclass(frozen=True)
class Greenblatt:
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
        """Tell whether a folder is such a checkout."""
        return (folder / cls.notebook).is_file() and any((folder / name).is_dir() for name in cls.folders)

    def files(self) -> list[Path]:
        """Return the prompt files, sorted."""
        return sorted(file for name in self.folders for file in (self.root / name).rglob("*.txt"))

    def about_animals(self, file: Path) -> bool:
        """Tell whether a prompt is of the animal welfare setting; the others are helpful-only."""
        return file.is_relative_to(self.root / self.folders[1])

    def reasons(self, file: Path) -> bool:
        """Tell whether a prompt asks for a scratchpad."""
        return "no_cot" not in file.stem and "no-cot" not in file.stem

    def usual_turn(self, file: Path) -> str:
        """Return the name of the user turn that goes with a prompt unless another is asked for."""
        return PLAIN

    def turns(self, file: Path) -> list[str]:
        """Return the names of the user turns that fit a prompt."""
        return [PLAIN] if self.about_animals(file) or self.suffixed is None else [PLAIN, SUFFIX]

    def system(self, file: Path, lab: str) -> str:
        """Return a prompt as it stands in its file; it names its own lab.

        Raises:
            UserError: The file is not UTF-8.
        """
        try:
            return file.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file}: cannot be read as UTF-8 text ({error})") from error

    def turn(self, name: str, tier: str, lab: str) -> str:
        """Return a user turn as a format string with the fields `user_input` and, here, `is_free_tier_user`."""
        return (self.suffixed if name == SUFFIX else None) or self.layout

    @cached_property
    def suffixed(self) -> str | None:
        """The notebook's user turn, None where it holds none."""
        try:
            cells = json.loads((self.root / self.notebook).read_text(encoding="utf-8"))["cells"]
            found = self.with_suffix.search("\n".join("".join(cell["source"]) for cell in cells))
        except (ValueError, LookupError, TypeError):
            return None
        return found[0] if found else None


@dataclass(frozen=True)
class Hughes:
    """A checkout of Hughes et al. 2025: Jinja templates rooted there, and a folder of user turns for each tier."""

    root: Path
    name: ClassVar[str] = "h25"
    paper: ClassVar[str] = "Hughes et al. 2025"
    prompts: ClassVar[str] = "prompts/system_prompts"
    formats: ClassVar[str] = "prompts/instruction_formats/{tier}_tier_formats"
    pipeline: ClassVar[str] = "src/pipeline/evals.py"

    @classmethod
    def is_at(cls, folder: Path) -> bool:
        """Tell whether a folder is such a checkout."""
        return (folder / cls.prompts).is_dir() and (folder / cls.pipeline).is_file()

    def files(self) -> list[Path]:
        """Return the prompt files, sorted; what they include from a folder `examples` is none of its own."""
        folder = self.root / self.prompts
        return sorted(file for file in folder.rglob("*.jinja2") if "examples" not in file.relative_to(folder).parts)

    def about_animals(self, file: Path) -> bool:
        """Tell whether a prompt is of the animal welfare setting; the others are helpful-only."""
        return file.name.startswith("animal")

    def reasons(self, file: Path) -> bool:
        """Tell whether a prompt asks for a scratchpad."""
        return NO_COT not in file.stem

    def usual_turn(self, file: Path) -> str:
        """Return the name of the user turn that goes with a prompt unless another is asked for."""
        return COT if self.reasons(file) else NO_COT

    def turns(self, file: Path) -> list[str]:
        """Return the names of the user turns that fit a prompt: those that reason, or do not, as it does."""
        folders = [self.root / self.formats.format(tier=tier) for tier in ("free", "paid")]
        free, paid = ({turn.stem for turn in folder.glob("*.jinja2")} for folder in folders)
        return sorted(turn for turn in free & paid if (NO_COT not in turn) == self.reasons(file))

    def system(self, file: Path, lab: str) -> str:
        """Return a prompt with its includes, about the given company.

        Raises:
            UserError: A template is missing, not valid, not UTF-8 or in want of another value than the company.
        """
        template = file.relative_to(self.root).as_posix()
        environment = SandboxedEnvironment(loader=FileSystemLoader(self.root), undefined=StrictUndefined)
        try:
            return environment.get_template(template).render(company=lab)
        except (TemplateError, OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file}: cannot be rendered ({type(error).__name__}: {error})") from error

    def turn(self, name: str, tier: str, lab: str) -> str:
        """Return a user turn as a format string with the field `user_input`."""
        return self.system(self.root / self.formats.format(tier=tier) / f"{name}.jinja2", lab)


Repository = Greenblatt | Hughes


def repository_of(path: Path) -> Repository | None:
    """Return the checkout that a path is in.

    Args:
        path: A file or folder, absolute.

    Returns:
        The innermost checkout around it, itself included; None outside of any.
    """
    for folder in (path, *path.parents):
        for kind in (Greenblatt, Hughes):
            if kind.is_at(folder):
                return kind(folder)
    return None
