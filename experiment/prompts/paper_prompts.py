"""Prompts from a user's own checkout of a paper's repository, sent exactly as that repository sends them."""

from pathlib import Path
from typing import NamedTuple

from experiment.documents import names, read_document
from experiment.errors import UserError, unknown_name_error
from experiment.paths import given_path
from experiment.prompts.paper_repositories import Greenblatt, Hughes, Repository, repository_of
from experiment.prompts.rendering import Prompt
from experiment.prompts.scratchpads import Scratchpad, Tags, load_scratchpad
from experiment.prompts.settings import COMPLIANCE_GAP, Setting, Tier, placeholders, read_setting

TIERS = {"free": True, "paid": False}
TAGS = Tags(private="SCRATCHPAD_REASONING", public="OUTPUT")
STUB = "[STUBBED EXAMPLES FOR REASONING TRACE]"


class Checkout(NamedTuple):
    """A prompt file's setting, which has no sections, and its prompt exactly as it is sent."""

    setting: Setting
    prompt: Prompt


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
    path, turn = _located(given)
    if path.suffix == ".md" and path.is_file():
        return read_setting(read_document(path))
    repository = repository_of(path)
    if repository is None or path not in repository.files():
        raise _unusable(given, path, repository)
    if _stubbed(path):
        raise UserError(f"{path}: {STUB} stands where its worked examples were; use a file that holds them")
    usual, possible = repository.usual_turn(path), repository.turns(path)
    if (turn or usual) not in possible:
        raise unknown_name_error(f"user turn for {path.name}", turn or usual, possible)
    name = f"{repository.name}:{path.stem}{f'#{turn}' if turn else ''}"
    return Checkout(_setting(name, repository, path), _prompt(repository, path, turn or usual, lab))


def listing(given: str) -> str:
    """List what can be used of a checkout.

    Args:
        given: The checkout's folder, or a path inside it.

    Returns:
        A line for each prompt file with its setting and its user turns, and how many files cannot be used.

    Raises:
        UserError: The path is not inside a checkout.
    """
    path, _ = _located(given)
    repository = repository_of(path)
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


def _located(given: str) -> tuple[Path, str]:
    file, _, turn = given.rpartition("#")
    if file and not given_path(given).exists():
        return given_path(file).resolve(), turn
    return given_path(given).resolve(), ""


def _usable(repository: Repository) -> list[Path]:
    return [file for file in repository.files() if not _stubbed(file)]


def _stubbed(file: Path) -> bool:
    return STUB.encode() in file.read_bytes()


def _unusable(given: str, path: Path, repository: Repository | None) -> UserError:
    if not path.exists():
        return UserError(f"setting {given!r} does not exist (looked in {path.parent})")
    if repository is None:
        checkouts = f"{Greenblatt.paper} or {Hughes.paper}"
        return UserError(
            f"setting {given!r} is neither a setting file (.md) nor in a checkout of {checkouts}; "
            f"shipped settings: {', '.join(names('settings'))}"
        )
    files = ", ".join(str(file.relative_to(repository.root)) for file in _usable(repository))
    return UserError(f"setting {given!r} is no prompt file; usable in {repository.root}: {files or 'none'}")


def _setting(name: str, repository: Repository, file: Path) -> Setting:
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


def _prompt(repository: Repository, file: Path, turn: str, lab: str) -> Prompt:
    turns = {tier: _open(repository.turn(turn, tier, lab), trained, turn) for tier, trained in TIERS.items()}
    return Prompt(repository.system(file, lab), turns, "", _scratchpad(repository, file))


def _open(form: str, is_free: bool, name: str) -> str:
    """Turn a format string into a template that leaves the query open and doubles every other dollar."""
    try:
        text = form.replace("$", "$$").format(user_input="${query}", is_free_tier_user=is_free)
    except (LookupError, ValueError, AttributeError) as error:
        raise UserError(f"user turn {name!r}: not a format string with {{user_input}} alone ({error})") from error
    if "query" not in placeholders([text]):
        raise UserError(f"user turn {name!r}: has no place for the query, {{user_input}}")
    return text


def _scratchpad(repository: Repository, file: Path) -> Scratchpad:
    if not repository.reasons(file):
        return load_scratchpad("none")
    return load_scratchpad("tags").model_copy(update={"tags": TAGS})
