"""One unit in training and at test (Srivastava et al. 2014, figure 2), and the share of passes in which it was kept."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.network_units import crosses
from dropviz.style.labels import percent

RADIUS, EDGE = 14.0, 26.0  # of the unit, and length of the edges to its left and right, in points
HEADS, FOOT = 92.0, 52.0  # height of unit and text above the axes, and of numbers and name below them, in points


class UnitView:
    """Left a unit in training, kept or dropped; right the same unit at test; below, the share of passes that kept it.

    mask  bool [T], True = kept
    """

    def __init__(self, canvas: Canvas, box: Box, name: str, mask: NDArray[np.bool_], keep: float, color: str) -> None:
        self.canvas, self.mask, theme = canvas, mask, canvas.theme
        self.shares = mask.cumsum() / np.arange(1, len(mask) + 1)
        top, half, scale = box.bottom + box.height, box.width / 2, canvas.scale
        for key, left in (("gate training", box.left), ("gate test", box.left + half)):
            words, size = canvas.fitted(canvas.labels(key, unit=name), 15, half - 8)
            canvas.text(left, top - 12, words, size)
        self.centre = np.array([[box.left + EDGE + RADIUS, top - 38]]) * scale
        reach = np.array([[[-EDGE - RADIUS, 0], [-RADIUS, 0]], [[RADIUS, 0], [EDGE + RADIUS, 0]]]) * scale
        self.edge_lines = reach + self.centre[0]
        self.edges = Shape(edge=color, width=2.4)
        self.kept = Dots(RADIUS * scale, color, color, 1.6)
        self.dropped = Dots(RADIUS * scale, theme.background, theme.outline, 1.6)
        self.cross = Shape(edge=theme.muted, width=2.4, cap="round")
        self._draw_at_test(half * scale, color)
        self.text = canvas.moving_text(box.left, top - HEADS + 20, 15, weight="bold")
        self._draw_axes(Box(box.left + 50, box.bottom + FOOT, box.width - 66, box.height - HEADS - FOOT), keep)
        self.line = Shape(edge=color, width=2.4, cap="round")
        self.moving: Sequence[Artist] = [self.line, self.edges, self.kept, self.dropped, self.cross, self.text]

    def _draw_at_test(self, right: float, color: str) -> None:
        """Draw the unit with dropout off, when it is always kept."""
        edges, unit = Shape(edge=color, width=2.4), Dots(RADIUS * self.canvas.scale, color, color, 1.6)
        edges.set_lines(self.edge_lines + np.array([right, 0]))
        unit.centres = self.centre + np.array([right, 0])
        self.canvas.figure.add_artist(edges)
        self.canvas.figure.add_artist(unit)

    def _draw_axes(self, box: Box, keep: float) -> None:
        """Draw the axes of shares; the band is keep ± 2 standard deviations of a binomial share."""
        theme, count = self.canvas.theme, np.arange(1, len(self.mask) + 1)
        axes = make_axes(self.canvas, box, self.canvas.labels("gate axis"), "", ("count", "percent"))
        axes.xaxis.label.set_fontsize(self.canvas.fit(axes.get_xlabel(), 15, box.width))
        axes.set(xlim=(0, len(self.mask)), ylim=(0, 1))
        sd = np.sqrt(keep * (1 - keep) / count)
        axes.fill_between(count, keep - 2 * sd, keep + 2 * sd, color=theme.faint, linewidth=0)
        axes.axhline(keep, color=theme.muted, linewidth=1.2, linestyle=(0, (4, 3)))
        self.points = axes.transData.transform(np.column_stack([count, self.shares]))

    def show(self, index: int) -> None:
        """Set unit, text and line to the recorded iteration of this index."""
        is_kept, nothing = bool(self.mask[index]), np.empty((0, 2))
        self.kept.centres, self.dropped.centres = (self.centre, nothing) if is_kept else (nothing, self.centre)
        self.edges.set_lines(self.edge_lines if is_kept else np.empty((0, 2, 2)))
        self.cross.set_lines(crosses(self.dropped.centres, 0.6 * RADIUS * self.canvas.scale))
        self.line.path = Path(self.points[: index + 1])
        count = int(self.mask[: index + 1].sum())
        share = percent(self.shares[index])
        self.text.set_text(self.canvas.labels("gate there", count=count, total=index + 1, share=share))
