"""The layout that DESIGN describes: small folders, and no name that stands twice."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("analysis", "cli", "evals", "experiment", "grids", "scorers", "simulated", "solvers")
MODULES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if not path.stem.startswith("__")]
MOST = 14


def test_no_folder_holds_more_than_fourteen_modules():
    sizes = Counter(path.parent.relative_to(ROOT).as_posix() for path in MODULES)
    assert {folder: size for folder, size in sizes.items() if size > MOST} == {}


def test_no_stem_stands_twice_nor_differs_from_another_by_an_s():
    stems = Counter(path.stem for path in MODULES)
    assert [stem for stem, count in stems.items() if count > 1] == []
    assert [stem for stem in stems if f"{stem}s" in stems] == []


def test_every_package_says_what_it_is_for():
    folders = {path.parent for path in MODULES}
    assert [folder.name for folder in folders if not (folder / "__init__.py").read_text(encoding="utf-8").strip()] == []
