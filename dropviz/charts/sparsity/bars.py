"""Bars as one path in pixels."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import boxes


def bar_path(
    axes: Axes, lefts: NDArray[np.float64], rights: NDArray[np.float64], tops: NDArray[np.float64]
) -> Path | None:
    """Return bars from 0 to `tops`, on whole pixels, with a pixel between neighbours, without those of height 0."""
    is_drawn = tops != 0
    low = np.round(axes.transData.transform(np.column_stack([lefts, np.zeros_like(tops)])[is_drawn]))
    high = np.round(axes.transData.transform(np.column_stack([rights, tops])[is_drawn]))
    high[:, 0] = np.maximum(high[:, 0] - 1, low[:, 0] + 1)
    return boxes(*low.T, *(high - low).T)
