"""Differences between runs that share a seed: their mean, their spread, and whether all seeds agree."""

import numpy as np
from numpy.typing import NDArray

from dropviz.captions import Answer
from dropviz.labels import Labels

Values = NDArray[np.float64]


def mean_and_sd(values: Values, *, sign: bool = False) -> str:
    """Mean ± sample standard deviation over runs, one decimal; of one run, its value. With `sign`, + for above 0."""
    mean = f"{values.mean():{'+' if sign else ''}.1f}".replace("-", "\N{MINUS SIGN}")
    return mean if len(values) == 1 else f"{mean} ± {values.std(ddof=1):.1f}"


def ahead(differences: Values) -> int:
    """In how many runs the difference is above 0."""
    return int((differences > 0).sum())


def decided(differences: Values) -> bool | None:
    """True if all of several runs are above 0, False if all are below; None if undecided. One run decides nothing."""
    if len(differences) == 1 or ahead(differences) + ahead(-differences) < len(differences):
        return None
    return {len(differences): True, 0: False}.get(ahead(differences))


def answered(words: str, differences: Values, labels: Labels) -> Answer:
    """An answer that holds if the differences are decided; if they are not, its words say so first."""
    holds = decided(differences)
    if holds is None:
        words = labels("one run" if len(differences) == 1 else "not clear", words=words)
    return Answer(words, holds)
