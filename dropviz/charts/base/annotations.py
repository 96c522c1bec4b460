"""What a chart can say of its parts beyond what it draws: for formats in which one can point at them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.charts.base.artists import Points


@dataclass(frozen=True, eq=False)
class Annotation:
    """`words` about a named part; behind them, if there are, the one of `values`, float [frames], of the frame."""

    words: str
    values: NDArray[np.floating] | None = None


@dataclass(frozen=True, eq=False)
class LineReadings:
    """One line of a chart: its `color`, its `points` in pixels, float [snapshots, 2], and `words` for each of them.

    The height of a point that lies outside the axes is nan.
    """

    color: str
    points: Points
    words: Sequence[str]


@dataclass(frozen=True, eq=False)
class Readings:
    """What lines say at each snapshot; `heads` are words that belong to all of them. Points are at one x in all."""

    heads: Sequence[str]
    lines: Sequence[LineReadings]
