"""Histogram of the share of units that two masks both keep."""

from collections.abc import Iterable

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Points, Shape, boxes
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.subnetworks.overlap import Overlap

MAX_BARS = 28
MIN_REACH = 4.5  # standard deviations of independent masks from the mean to each end of the axis


class SharesHistogram:
    """Histogram of all pairs among the first masks, and the normal curve that independent masks would give.

    draws  numbers of masks that frames show
    """

    def __init__(self, canvas: Canvas, box: Box, overlap: Overlap, draws: Iterable[int], color: str) -> None:
        self.overlap, self.gap = overlap, canvas.scale
        self.edges = _edges(overlap)
        self.heights = {count: self._heights(count) for count in draws}
        curve = self._curve()
        names = canvas.labels("subnetworks share axis"), canvas.labels("subnetworks pairs axis")
        self.axes = make_axes(canvas, box, *names, ("percent", "percent"))
        highest = max(curve[:, 1].max(), *(each.max() for each in self.heights.values()))
        self.axes.set(xlim=self._share(self.edges[[0, -1]]), ylim=(0, 1.05 * highest))
        self.bars, self.curve = Shape(face=color), Shape(edge=canvas.theme.ink, width=2, dash=(4, 3))
        self.curve.path = Path(self.axes.transData.transform(curve))

    def _share(self, units: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the left end on the axis of a bar whose lowest number of shared units this is."""
        return (units - 0.5) / self.overlap.units

    def _heights(self, draws: int) -> NDArray[np.float64]:
        """Return the share of pairs of the first masks in each bar."""
        counts = np.bincount(self.overlap.pairs(draws), minlength=int(self.edges[-1]))
        heights: NDArray[np.float64] = np.add.reduceat(counts, self.edges[:-1]) / counts.sum()
        return heights

    def _curve(self) -> Points:
        """Return the normal curve for bars of this width, float [points, 2]."""
        mean, sd = self.overlap.expected, self.overlap.expected_sd
        low, high = self._share(self.edges[[0, -1]])
        x = np.linspace(low, high, 100)
        width = (self.edges[1] - self.edges[0]) / self.overlap.units
        y = width * np.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        return np.column_stack([x, y])

    def show(self, draws: int) -> None:
        """Set the bars to the pairs of the first masks."""
        heights = self.heights[draws]
        ends, to_pixels = self._share(self.edges), self.axes.transData.transform
        low = to_pixels(np.column_stack([ends[:-1], 0 * heights]))
        high = to_pixels(np.column_stack([ends[1:], heights]))
        size, is_drawn = high - low, heights > 0
        width = np.maximum(size[is_drawn, 0] - self.gap, self.gap)
        self.bars.path = boxes(low[is_drawn, 0], low[is_drawn, 1], width, size[is_drawn, 1])


def _edges(overlap: Overlap) -> NDArray[np.int64]:
    """Return the lowest number of shared units of each bar, and the end of the last one; bars hold every pair."""
    around, shares = MIN_REACH * overlap.expected_sd, overlap.shares()
    low = max(int(np.floor(min(overlap.expected - around, shares.min()) * overlap.units)), 0)
    high = int(np.ceil(max(overlap.expected + around, shares.max()) * overlap.units)) + 1
    width = max(1, -(-(high - low) // MAX_BARS))
    return np.arange(low, high + width, width)
