"""p-values adjusted for the number of contrasts: Holm for confirmatory, Benjamini-Hochberg for exploratory ones."""

from collections.abc import Sequence

import numpy as np
from statsmodels.stats.multitest import multipletests


def holm(p: Sequence[float]) -> list[float]:
    """Adjust p-values so that a false rejection among all of them happens in at most 5% of families at 0.05.

    Args:
        p: The p-values of one family, NaN where a contrast could not be tested.

    Returns:
        Adjusted p-values in [0, 1], in the order given; NaN stays NaN and does not count in the family.

    Raises:
        ValueError: If a p-value is outside [0, 1].

    Reference:
        Holm 1979, Scand. J. Stat. 6:65-70.
    """
    return _adjusted(p, "holm")


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Adjust p-values so that on average at most 5% of those rejected at 0.05 are false.

    Args:
        p: The p-values of one family, NaN where a contrast could not be tested.

    Returns:
        Adjusted p-values in [0, 1], in the order given; NaN stays NaN and does not count in the family.

    Raises:
        ValueError: If a p-value is outside [0, 1].

    Reference:
        Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300; for independent or positively dependent tests.
    """
    return _adjusted(p, "fdr_bh")


def _adjusted(p: Sequence[float], method: str) -> list[float]:
    values = np.array(p, dtype=float)
    tested = ~np.isnan(values)
    if not np.all((values[tested] >= 0) & (values[tested] <= 1)):
        raise ValueError(f"a p-value is in [0, 1], or NaN when not tested: {list(p)}")
    if tested.any():
        values[tested] = multipletests(values[tested], method=method)[1]
    return [float(each) for each in values]
