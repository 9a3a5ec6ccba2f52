"""Under which names a framework registers what this suite defines: the same from a checkout and from a wheel."""

from collections.abc import Callable
from typing import TypeVar

Defined = TypeVar("Defined", bound=Callable[..., object])


def unqualified(function: Defined) -> Defined:
    """Have what a function defines registered under its own name, below the decorator that registers it.

    Inspect puts the package of an installed module before the name. In a log's list of scorers it leaves the package
    out, so that `inspect score` would not find what a wheel registers; of a function without a module it knows none.

    Args:
        function: The function, which loses the name of its module.
    """
    function.__module__ = ""
    return function
