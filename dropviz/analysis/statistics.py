"""Statistics over the runs of an arm: mean, spread, and agreement of all runs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
MAX_CHANCE_SD = 3.0  # standard deviations from its expectation up to which a mean agrees with it


def sd_over_runs(values: Values) -> Values:
    """Return the sample standard deviation of `values`, float [runs, ...], over the runs; 0 of a single run."""
    return np.asarray(values.std(axis=0, ddof=1)) if len(values) > 1 else np.zeros(values.shape[1:])


def mean_and_sd(values: Values, digits: int = 1, *, sign: bool = False) -> str:
    """Return mean ± sample standard deviation of `values`, float [runs]; of one run, its value.

    digits  number of decimals
    sign    True to write + before a positive mean
    """
    mean = f"{values.mean():{'+' if sign else ''}.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return mean if len(values) == 1 else f"{mean} ± {values.std(ddof=1):.{digits}f}"


def ahead(differences: Values) -> int:
    """Return the number of runs in which the difference is above 0."""
    return int((differences > 0).sum())


def agreed(holds: Sequence[bool] | NDArray[np.bool_]) -> bool | None:
    """Return the value that all of several runs have; None if they differ, or there is only one run."""
    return bool(holds[0]) if len(holds) > 1 and len(set(map(bool, holds))) == 1 else None


def decided(differences: Values) -> bool | None:
    """Return True if all of several runs are above 0, False if all are below; None if undecided, or for one run."""
    if ahead(differences) + ahead(-differences) < len(differences):
        return None
    return agreed(differences > 0)
