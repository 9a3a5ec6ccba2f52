"""A command imports no large library that it does not need, so that it answers at once."""

import subprocess
import sys

import pytest

LARGE = {"inspect_ai", "matplotlib", "pandas"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["show", "helpful_only"], ["power", "--gap", "0.05", "--paid", "0.03"]]
)
def test_a_command_that_needs_no_large_library_imports_none(arguments):
    script = f"""
import sys
from cli.main import main
try:
    main({arguments!r})
finally:
    print(*sorted({LARGE!r} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout
    assert done.stderr.split() == []
