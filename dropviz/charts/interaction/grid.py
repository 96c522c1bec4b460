"""Arms with a penalty and with dropout, alone and together, and their interaction."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.model_selection import DROPOUT, Method, arms_by_method
from dropviz.errors import RecordingError

Accuracy = NDArray[np.float64]


class Grid(NamedTuple):
    """Arms of the four cells, row by row."""

    neither: ArmRuns
    penalty: ArmRuns
    dropout: ArmRuns
    both: ArmRuns

    def interaction(self) -> Accuracy:
        """Return (both - dropout) - (penalty - neither) of the test accuracy at the end, float [runs].

        It is 0 where the effects add up.
        """
        neither, penalty, dropout, both = (arm.last_values(FINAL) for arm in self)
        return (both - dropout) - (penalty - neither)


def read_grid(comparison: Comparison) -> Grid:
    """Return the arms with neither, with one penalty, with dropout, and with both.

    Raises RecordingError if the arms are others, or have different seeds.
    """
    _ = comparison.seeds
    by_method = arms_by_method(comparison)
    single = [method for method in by_method if len(method) == 1 and DROPOUT not in method]
    penalty = single[0] if single else Method()
    cells = (Method(), penalty, Method([DROPOUT]), penalty | {DROPOUT})
    is_grid = len(single) == 1 and set(by_method) == set(cells) and all(len(arms) == 1 for arms in by_method.values())
    if not is_grid:
        raise RecordingError(
            "the arms are no 2x2 grid: it takes one with neither, one with a penalty such as weight decay, one with "
            "dropout, and one with both"
        )
    return Grid(*(by_method[method][0] for method in cells))
