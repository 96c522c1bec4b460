"""Rows of categories: the test error at a snapshot, as a dot for each seed and a bar of mean ± sd."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.analysis.captions import mean_sd
from dropviz.analysis.statistics import sd_over_runs
from dropviz.charts.base.artists import Dots, MovingText, Points, Shape, boxes
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, SMALL, SMOOTH, TEXT, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.errors import RecordingError
from dropviz.style.labels import percent
from dropviz.style.theme import blend

MIN_ROW_HEIGHT = 20.0  # distance of rows, in points; labels of closer ones would touch
NAME_SIZE, REMARK_SIZE = TEXT, SMALL
REMARKED_ROW = 46.0  # minimum distance of rows with a remark, in points
BAR = 0.4  # share of its colour that a bar has; the rest is background


@dataclass(frozen=True, eq=False)
class Row:
    """One category.

    errors      float [runs, snapshots], shares from 0 to 1
    companions  float [arms, snapshots], means of arms that were not selected, drawn in grey
    remarks     words for each snapshot, below the name if they fit
    """

    name: str
    errors: NDArray[np.float64]
    has_noise: bool
    companions: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    remarks: Sequence[str] = ()

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean over the runs, float [snapshots]."""
        return np.asarray(self.errors.mean(axis=0))

    @property
    def sd(self) -> NDArray[np.float64]:
        """Standard deviation over the runs, float [snapshots]; 0 of a single run."""
        return sd_over_runs(self.errors)


class Rows:
    """All rows in a box, with names on the left, values on the right, and the axis below.

    The mean of the first row is a dashed line through the others. `indices` are those of all snapshots that are shown.

    Raises RecordingError if the rows do not fit into the box.
    """

    def __init__(self, canvas: Canvas, rows: Sequence[Row], indices: Sequence[int], box: Box, axis: str) -> None:
        self.canvas, self.rows = canvas, rows
        pitch = box.height / len(rows)
        if pitch < MIN_ROW_HEIGHT:
            raise RecordingError(f"{len(rows)} rows do not fit into the picture: draw fewer arms")
        self.heights = [box.bottom + box.height - (place + 0.5) * pitch for place in range(len(rows))]
        self._pitch, self._bar = pitch, min(0.42 * pitch, 22.0)
        self.colors = [canvas.theme.noisy[0] if row.has_noise else canvas.theme.plain for row in rows]
        left, right = self._draw_names(box.left), self._value_width()
        plot = Box(left, box.bottom, box.left + box.width - right - left, box.height)
        self.axes = make_axes(canvas, plot, axis, "", ("percent", "plain"), grid="x")
        self.axes.set_xlim(*_limits(rows, list(indices)))
        self.axes.set_ylim(0, 1)
        self.axes.set_yticks([])
        self.axes.spines["left"].set_visible(False)
        self._make_artists(plot.left + plot.width + 16)

    @property
    def inks(self) -> dict[str, int]:
        """The colours drawn with."""
        theme, used = self.canvas.theme, dict.fromkeys(self.colors)
        smooth = dict.fromkeys([theme.ink, theme.muted, *used], SMOOTH)
        return smooth | dict.fromkeys([theme.faint, theme.outline, *map(self._pale, used)], 1)

    def _pale(self, color: str) -> str:
        return blend(color, self.canvas.theme.background, BAR)

    def _draw_names(self, left: float) -> float:
        """Draw the names of the rows; return where the axes begin, in points."""
        canvas = self.canvas
        size = min(NAME_SIZE, 0.8 * self._pitch)
        widest = min(max(canvas.width_of(row.name, size) for row in self.rows), 0.34 * canvas.width)
        remarked = self._pitch >= REMARKED_ROW and any(row.remarks for row in self.rows)
        for row, height in zip(self.rows, self.heights, strict=True):
            words, fits = canvas.fitted(row.name, size, widest)
            canvas.text(left + widest, height + 10 * remarked, words, fits, ha="right", va="center_baseline")
        self.remarks = [
            self._remark(row, left + widest, height - 12, widest)
            for row, height in zip(self.rows, self.heights, strict=True)
            if remarked
        ]
        return left + widest + 20

    def _remark(self, row: Row, right: float, height: float, width: float) -> MovingText:
        size = max(min((self.canvas.fit(words, REMARK_SIZE, width) for words in row.remarks), default=0), MIN_TYPE_SIZE)
        return self.canvas.moving_text(right, height, size, "right", self.canvas.theme.muted, middle=True)

    def _value_width(self) -> float:
        """Return the width of the widest value, in points."""
        return max(self.canvas.width_of(mean_sd(row.errors[:, -1]), NAME_SIZE, "bold") for row in self.rows) + 20

    def _make_artists(self, right: float) -> None:
        canvas, scale = self.canvas, self.canvas.scale
        grey = canvas.theme.outline
        self.reference = Shape(edge=self.colors[0], width=1.6, dash=(4, 4))
        self.companions = Dots(3 * scale, canvas.theme.background, grey, 1.4)
        self.bars = {color: Shape(face=self._pale(color)) for color in dict.fromkeys(self.colors)}
        self.means = {color: Shape(edge=color, width=4) for color in self.bars}
        self.dots = {
            color: Dots(min(4.0, 0.16 * self._pitch) * scale, color, canvas.theme.background, 0.8)
            for color in self.bars
        }
        self.values = [
            canvas.moving_text(
                right, height, min(NAME_SIZE, 0.8 * self._pitch), color=color, weight="bold", middle=True
            )
            for height, color in zip(self.heights, self.colors, strict=True)
        ]
        self.moving: Sequence[Artist] = [
            *self.bars.values(),
            self.reference,
            self.companions,
            *self.dots.values(),
            *self.means.values(),
            *self.values,
            *self.remarks,
        ]

    def show(self, index: int, text_index: int, *, is_last: bool) -> None:
        """Set the artists to the snapshot `index`, and the written values to that of `text_index`."""
        for color in self.bars:
            places = [place for place, its in enumerate(self.colors) if its == color]
            self.bars[color].path = self._bars(places, index)
            self.means[color].set_lines(self._ticks(places, index))
            at = [self._pixels(self.rows[place].errors[:, index], self.heights[place]) for place in places]
            self.dots[color].centres = np.concatenate(at)
        below = min(self._bar / 2 + 6, 0.38 * self._pitch)
        others = [
            self._pixels(row.companions[:, index], height - below)
            for row, height in zip(self.rows, self.heights, strict=True)
            if len(row.companions)
        ]
        self.companions.centres = np.concatenate([np.empty((0, 2)), *others])
        x = self._across(self.rows[0].mean[index])
        self.reference.set_lines(np.array([[[x, self.heights[0] * self.canvas.scale], [x, self.axes.bbox.y0]]]))
        for row, words in zip(self.rows, self.values, strict=True):
            # Decimals of values that change from frame to frame cannot be read.
            words.set_text(mean_sd(row.errors[:, -1]) if is_last else percent(row.mean[text_index], 0))
        for row, words in zip(self.rows, self.remarks, strict=bool(self.remarks)):
            words.set_text(row.remarks[text_index] if row.remarks else "")

    def _bars(self, places: Sequence[int], index: int) -> Path | None:
        """Return a bar of mean ± sd for each of the rows."""
        half, bars = self._bar * self.canvas.scale / 2, []
        for place in places:
            row, y = self.rows[place], self.heights[place] * self.canvas.scale
            ends = row.mean[index] - row.sd[index], row.mean[index] + row.sd[index]
            low, high = (self._across(end) for end in ends)
            bars.append((low, y - half, high - low, 2 * half))
        return boxes(*np.array(bars).reshape(-1, 4).T)

    def _ticks(self, places: Sequence[int], index: int) -> Points:
        """Return a line across each of the rows at its mean."""
        half = (self._bar / 2 + 2) * self.canvas.scale
        xs = [self._across(self.rows[place].mean[index]) for place in places]
        ys = [self.heights[place] * self.canvas.scale for place in places]
        return np.array([[[x, y - half], [x, y + half]] for x, y in zip(xs, ys, strict=True)])

    def _across(self, error: float) -> float:
        """Return the place of an error, in pixels, within the axis."""
        frame = self.axes.bbox
        return float(np.clip(self.axes.transData.transform((error, 0.0))[0], frame.x0, frame.x1))

    def _pixels(self, errors: NDArray[np.float64], height: float) -> Points:
        """Return errors as points at a height, without those beyond the axis."""
        low, high = self.axes.get_xlim()
        inside = errors[(low <= errors) & (errors <= high)]
        return np.array([[self._across(each), height * self.canvas.scale] for each in inside]).reshape(-1, 2)


def _limits(rows: Sequence[Row], indices: list[int]) -> tuple[float, float]:
    """Return limits a little beyond the errors of all runs at the snapshots `indices`."""
    errors = np.concatenate([row.errors[:, indices].ravel() for row in rows])
    low, high = float(errors.min()), float(errors.max())
    margin = max(0.04 * (high - low), 0.002)
    return max(low - margin, 0.0), min(high + margin, 1.0 + margin)
