"""Where the data files are, in a checkout and in an installed wheel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = Path(__file__).parent
TASKS = PACKAGE.parent / "evals"
STARTED_IN = Path.cwd()  # an environment's PWD may be another folder's


def data_folder() -> Path:
    """Return the folder of queries, prompts and labels.

    Returns:
        `datasets/` inside this package when installed from a wheel, else the `datasets/` of the checkout.
    """
    bundled = PACKAGE / "datasets"
    return bundled if bundled.is_dir() else PACKAGE.parent / "datasets"


@contextmanager
def reading_from(folder: Path) -> Iterator[None]:
    """Look relative paths up in a folder instead of the one in which the process was started."""
    global STARTED_IN
    before, STARTED_IN = STARTED_IN, folder
    try:
        yield
    finally:
        STARTED_IN = before


def given_path(text: str) -> Path:
    """Resolve a path as the user typed it, although Inspect changes the working directory to the task file's.

    Args:
        text: The path; a relative one is looked up in the working directory, unless that is where this suite's tasks
            are, and then where the process was started.

    Returns:
        The absolute path of the first candidate that exists, else that where the process was started.
    """
    path, here = Path(text).expanduser(), Path.cwd()
    if here != TASKS and (here / path).exists():
        return here / path
    return _started_in() / path


def _started_in() -> Path:
    """Return where the process was started, or, if this was imported too late to know, where its shell was."""
    return STARTED_IN if STARTED_IN != TASKS else Path(os.environ.get("PWD", STARTED_IN))
