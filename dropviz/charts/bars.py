"""Bars as one path in pixels."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import NDArray


def bar_path(axes: Axes, lefts: NDArray[np.float64], rights: NDArray[np.float64], tops: NDArray[np.float64]) -> Path:
    """Bars from 0 up to `tops`, on whole pixels, with a pixel between neighbours; those of height 0 are left out."""
    there = tops != 0
    low = np.round(axes.transData.transform(np.column_stack([lefts, np.zeros_like(tops)])[there]))
    high = np.round(axes.transData.transform(np.column_stack([rights, tops])[there]))
    high[:, 0] = np.maximum(high[:, 0] - 1, low[:, 0] + 1)
    corners = [low, np.column_stack([low[:, 0], high[:, 1]]), high, np.column_stack([high[:, 0], low[:, 1]]), low]
    codes = np.array([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], Path.code_type)
    return Path(np.stack(corners, axis=1).reshape(-1, 2), np.tile(codes, len(low)))
