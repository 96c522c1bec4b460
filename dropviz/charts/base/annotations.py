"""Annotations of parts of a chart, and values of its lines, for interactive formats."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.charts.base.artists import Points


@dataclass(frozen=True, eq=False)
class Annotation:
    """Words about a named part, followed by the value of the frame: `values` is None, or float [frames]."""

    words: str
    values: NDArray[np.floating] | None = None


@dataclass(frozen=True, eq=False)
class LineReadings:
    """Values of one line at each snapshot.

    color   of the line
    points  float [snapshots, 2], in pixels; the height of a point outside the axes is nan
    words   the value of each point
    """

    color: str
    points: Points
    words: Sequence[str]


@dataclass(frozen=True, eq=False)
class Readings:
    """Values of all lines, which have the same snapshots; `heads` are the words for each snapshot."""

    heads: Sequence[str]
    lines: Sequence[LineReadings]
