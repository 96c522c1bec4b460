"""What several runs say together: the mean of their figures, the spread, and whether all of them agree."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer
from dropviz.style.labels import Labels

Values = NDArray[np.float64]
MAX_CHANCE_SD = 3.0  # standard deviations that chance may take a mean from what is expected


def sd_over_runs(values: Values) -> Values:
    """Sample standard deviation of values [runs, ...] over the runs; 0 of a single one."""
    return np.asarray(values.std(axis=0, ddof=1)) if len(values) > 1 else np.zeros(values.shape[1:])


def mean_and_sd(values: Values, digits: int = 1, *, sign: bool = False) -> str:
    """Mean ± sample standard deviation over runs, in decimals; of one run, its value. With `sign`, + for above 0."""
    mean = f"{values.mean():{'+' if sign else ''}.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return mean if len(values) == 1 else f"{mean} ± {values.std(ddof=1):.{digits}f}"


def ahead(differences: Values) -> int:
    """In how many runs the difference is above 0."""
    return int((differences > 0).sum())


def agreed(holds: Sequence[bool] | NDArray[np.bool_]) -> bool | None:
    """What all of several runs say; None if they do not agree. One run decides nothing."""
    return bool(holds[0]) if len(holds) > 1 and len(set(map(bool, holds))) == 1 else None


def decided(differences: Values) -> bool | None:
    """True if all of several runs are above 0, False if all are below; None if undecided. One run decides nothing."""
    if ahead(differences) + ahead(-differences) < len(differences):
        return None
    return agreed(differences > 0)


def make_answer(words: str, differences: Values, labels: Labels) -> Answer:
    """An answer that holds if the differences are decided; if they are not, its words say so first."""
    holds = decided(differences)
    if holds is None:
        words = labels("one run" if len(differences) == 1 else "not clear", words=words)
    return Answer(words, holds)
