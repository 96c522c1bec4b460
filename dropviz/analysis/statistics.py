"""Statistics over the runs of an arm: mean, spread, intervals of paired differences, and tests of several claims.

The rule of every claim: arms are compared seed by seed. A claim is decided if the interval of the mean difference lies
on one side of 0. Where a page makes several claims, their p-values are corrected for their number (Holm 1979).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
MAX_CHANCE_SD = 3.0  # standard deviations from its expectation up to which a mean agrees with it
CONFIDENCE = 0.95
TINY = 1e-300  # standard error of differences whose squares are too small for a float
SAME = 1e-9  # relative difference of values that are equal but for rounding


class Interval(NamedTuple):
    """Mean of paired differences, with its interval of confidence.

    low, high  ends of the 95 % interval of Student's t; infinite for a single run, or differences that are not finite
    p_value    two-sided p-value of the mean being 0; 1 where the interval is infinite
    """

    mean: float
    low: float
    high: float
    p_value: float

    @property
    def holds(self) -> bool | None:
        """True if the interval lies above 0, False if it lies below, None if it holds 0."""
        return True if self.low > 0 else False if self.high < 0 else None

    @property
    def bound(self) -> float:
        """The largest distance from 0 of a value in the interval."""
        return max(abs(self.low), abs(self.high))


def interval(differences: Values) -> Interval:
    """Return the mean of paired differences, float [runs], and its interval by Student's t.

    Differences that are all equal, but for rounding, have an interval without width.

    >>> import numpy as np
    >>> found = interval(np.array([1.0, 2.0, 3.0, 2.0]))
    >>> round(found.low, 2), round(found.high, 2), found.holds
    (0.7, 3.3, True)
    """
    with np.errstate(invalid="ignore"):  # inf - inf
        mean = float(differences.mean())
    if len(differences) < 2 or not np.isfinite(differences).all():
        return Interval(mean, -np.inf, np.inf, 1.0)
    if np.ptp(differences) <= SAME * np.abs(differences).max():
        return Interval(mean, mean, mean, 0.0 if mean else 1.0)
    from scipy.special import stdtr, stdtrit  # scipy.stats has the same in one function, and takes a second to import

    freedom = len(differences) - 1
    with np.errstate(all="ignore"):  # squares of numbers beyond 1e154 are infinite, and so is the interval
        error = float(differences.std(ddof=1)) / len(differences) ** 0.5 or TINY
    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    return Interval(mean, mean - half, mean + half, 2 * float(stdtr(freedom, -abs(mean) / error)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number, in the same order (Holm 1979, a step-down procedure).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def decide(differences: Sequence[Values]) -> list[bool | None]:
    """Return for each of several claims, paired differences float [runs] above 0, if it holds, as `Interval.holds`.

    The p-values are corrected for the number of claims: a claim whose corrected one is above 0.05 is undecided.

    >>> import numpy as np
    >>> decide([np.array([1.0, 2.0, 3.0, 2.0]), np.array([1.0, -1.0, 2.0, 0.5])])
    [True, None]
    """
    found = [interval(each) for each in differences]
    corrected = holm([each.p_value for each in found])
    return [each.holds if p <= 1 - CONFIDENCE else None for each, p in zip(found, corrected, strict=True)]


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


def agreed(holds: Sequence[bool] | NDArray[np.bool_]) -> bool | None:
    """Return the value that all of several runs have; None if they differ, or there is only one run.

    For counted facts, such as equal bits; the sign of a difference is decided by its `interval`.
    """
    return bool(holds[0]) if len(holds) > 1 and len(set(map(bool, holds))) == 1 else None
