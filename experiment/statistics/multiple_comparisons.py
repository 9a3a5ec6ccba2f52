"""P-values adjusted for the number of tests: Holm, and Benjamini and Hochberg."""

from collections.abc import Sequence
from typing import Literal

import numpy as np


def adjusted(p: Sequence[float], method: Literal["holm", "fdr_bh"]) -> list[float]:
    """Adjust the p-values of one family for their number.

    Args:
        p: The p-values, NaN where a contrast could not be tested.
        method: "holm": a false rejection among all of them happens in at most 5% of families at 0.05; "fdr_bh",
            Benjamini and Hochberg's: on average at most 5% of those rejected at 0.05 are false.

    Returns:
        Adjusted p-values in [0, 1], in the order given; NaN stays NaN and does not count in the family.

    Raises:
        ValueError: If a p-value is outside [0, 1].

    Reference:
        Holm 1979, Scand. J. Stat. 6:65-70; Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300, for independent
        or positively dependent tests.
    """
    values = np.array(p, dtype=float)
    tested = ~np.isnan(values)
    if not np.all((values[tested] >= 0) & (values[tested] <= 1)):
        raise ValueError(f"a p-value is in [0, 1], or NaN when not tested: {list(p)}")
    if tested.any():
        from statsmodels.stats.multitest import multipletests

        values[tested] = multipletests(values[tested], method=method)[1]
    return [float(each) for each in values]
