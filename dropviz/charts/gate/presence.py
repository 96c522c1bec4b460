"""One unit, in training there with probability keep, at test always; and the share of minibatches that it was there."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.network_panel import crosses
from dropviz.style.labels import percent

RADIUS, WIRE = 14.0, 26.0  # of the unit, and how long the edges to its left and right are
HEADS = 92.0  # points that unit and words take above the axes
UNDER = 52.0  # and the numbers and the name below them


class Presence:
    """`gate` bool [T]: whether the unit was there in each recorded minibatch."""

    def __init__(self, canvas: Canvas, box: Box, name: str, gate: NDArray[np.bool_], keep: float, color: str) -> None:
        self.canvas, self.gate, theme = canvas, gate, canvas.theme
        self.shares = gate.cumsum() / np.arange(1, len(gate) + 1)
        top, half = box.bottom + box.height, box.width / 2
        for key, left in (("gate training", box.left), ("gate test", box.left + half)):
            words, size = canvas.fitted(canvas.labels(key, unit=name), 15, half - 8)
            canvas.text(left, top - 12, words, size)
        y, scale = top - 38, canvas.scale
        self.centre = np.array([[box.left + WIRE + RADIUS, y]]) * scale
        reach = np.array([[[-WIRE - RADIUS, 0], [-RADIUS, 0]], [[RADIUS, 0], [WIRE + RADIUS, 0]]]) * scale
        self.edges = Shape(edge=color, width=2.4)
        self.lines = reach + self.centre[0]
        self.there = Dots(RADIUS * scale, color, color, 1.6)
        self.gone = Dots(RADIUS * scale, theme.background, theme.outline, 1.6)
        self.cross = Shape(edge=theme.muted, width=2.4, cap="round")
        self._draw_at_test(half * scale, color)
        self.said = canvas.moving_text(box.left, top - HEADS + 20, 15, weight="bold")
        self._draw_axes(Box(box.left + 50, box.bottom + UNDER, box.width - 66, box.height - HEADS - UNDER), keep)
        self.line = Shape(edge=color, width=2.4, cap="round")
        self.moving: Sequence[Artist] = [self.line, self.edges, self.there, self.gone, self.cross, self.said]

    def _draw_at_test(self, right: float, color: str) -> None:
        """The same unit with dropout off, that is always there."""
        edges, unit = Shape(edge=color, width=2.4), Dots(RADIUS * self.canvas.scale, color, color, 1.6)
        edges.set_lines(self.lines + np.array([right, 0]))
        unit.centres = self.centre + np.array([right, 0])
        self.canvas.figure.add_artist(edges)
        self.canvas.figure.add_artist(unit)

    def _draw_axes(self, box: Box, keep: float) -> None:
        """Shares up to each minibatch; the band is keep, and two standard deviations of a binomial count around it."""
        theme, count = self.canvas.theme, np.arange(1, len(self.gate) + 1)
        axes = make_axes(self.canvas, box, self.canvas.labels("gate axis"), "", ("count", "percent"))
        axes.xaxis.label.set_fontsize(self.canvas.fit(axes.get_xlabel(), 15, box.width))
        axes.set(xlim=(0, len(self.gate)), ylim=(0, 1))
        sd = np.sqrt(keep * (1 - keep) / count)
        axes.fill_between(count, keep - 2 * sd, keep + 2 * sd, color=theme.faint, linewidth=0)
        axes.axhline(keep, color=theme.muted, linewidth=1.2, linestyle=(0, (4, 3)))
        self.points = axes.transData.transform(np.column_stack([count, self.shares]))

    def show(self, index: int) -> None:
        """Set unit, words and line to a recorded minibatch."""
        there, nothing = bool(self.gate[index]), np.empty((0, 2))
        self.there.centres, self.gone.centres = (self.centre, nothing) if there else (nothing, self.centre)
        self.edges.set_lines(self.lines if there else np.empty((0, 2, 2)))
        self.cross.set_lines(crosses(self.gone.centres, 0.6 * RADIUS * self.canvas.scale))
        self.line.path = Path(self.points[: index + 1])
        count = int(self.gate[: index + 1].sum())
        share = percent(self.shares[index])
        self.said.set_text(self.canvas.labels("gate there", count=count, total=index + 1, share=share))
