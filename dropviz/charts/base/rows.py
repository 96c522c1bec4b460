"""Rows of categories: the test error at the end of training, as a dot for each seed and a bar to the mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, MovingText, Points, Shape
from dropviz.charts.base.axes import make_axes, share_range
from dropviz.charts.base.canvas import SMALL, SMOOTH, TEXT, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.errors import RecordingError
from dropviz.style.labels import percent
from dropviz.style.theme import Theme, blend

MIN_ROW_HEIGHT = 20.0  # distance of rows, in points; names of closer ones would touch
REMARKED_ROW = 50.0  # minimum distance of rows with a remark, in points
BAR = 0.4  # share of its colour that a bar has; the rest is background
SPACE = 16.0  # between names, axes and values, in points
NAMES = 0.34  # largest share of the width that names take


@dataclass(frozen=True, eq=False)
class Row:
    """One category.

    errors        float [runs], shares from 0 to 1, at the end of training
    remark        words below the name, where they fit
    is_third      True for the colour of third arms, neither that of dropout nor that of no dropout
    is_undecided  True for a grey bar: the difference from the base may be chance
    """

    name: str
    errors: NDArray[np.float64]
    has_noise: bool
    remark: str = ""
    is_third: bool = False
    is_undecided: bool = False

    @property
    def mean(self) -> float:
        """Mean over the runs."""
        return float(self.errors.mean())


class Rows:
    """All rows in a box, with names on the left, values on the right, and the axis below.

    base  number of the row from whose mean, a dashed line, bars reach to the means of the others

    Raises RecordingError if the rows do not fit into the box.
    """

    def __init__(self, canvas: Canvas, rows: Sequence[Row], base: int, box: Box, axis: str) -> None:
        self.canvas, self.rows, self.base = canvas, rows, base
        pitch = box.height / len(rows)
        if pitch < MIN_ROW_HEIGHT:
            raise RecordingError(f"{len(rows)} rows do not fit into the picture: draw fewer arms")
        self.heights = [box.bottom + box.height - (place + 0.5) * pitch for place in range(len(rows))]
        self._pitch, self._size = pitch, min(TEXT, 0.8 * pitch)
        self.colors = [_color(row, canvas.theme) for row in rows]
        left, right = self._make_names(box.left), self._value_width()
        plot = Box(left, box.bottom, box.left + box.width - right - left, box.height)
        self.axes = make_axes(canvas, plot, axis, "", ("percent", "plain"), grid="x")
        self.axes.set_xlim(*_limits(rows))
        self.axes.set(ylim=(0, 1), yticks=[])
        self.axes.spines["left"].set_visible(False)
        self._make_artists(plot.left + plot.width + SPACE)

    @property
    def inks(self) -> dict[str, int]:
        """The colours drawn with."""
        theme, used = self.canvas.theme, dict.fromkeys(self.colors)
        smooth = dict.fromkeys([theme.ink, theme.muted, *used], SMOOTH)
        return smooth | dict.fromkeys([theme.faint, *self._bar_colors()], 1)

    def _bar_colors(self) -> list[str]:
        muted = self.canvas.theme.muted
        return [
            self._pale(muted if row.is_undecided else color) for row, color in zip(self.rows, self.colors, strict=True)
        ]

    def _pale(self, color: str) -> str:
        return blend(color, self.canvas.theme.background, BAR)

    def _make_names(self, left: float) -> float:
        """Make the names and remarks of the rows; return where the axes begin, in points."""
        canvas, theme = self.canvas, self.canvas.theme
        remarked = self._pitch >= REMARKED_ROW
        widths = [canvas.width_of(row.name, self._size) for row in self.rows]
        widths += [canvas.width_of(row.remark, SMALL) for row in self.rows if remarked]
        widest = min(max(widths), NAMES * canvas.width)
        self.names: list[list[MovingText]] = []
        for row, height in zip(self.rows, self.heights, strict=True):
            shift = 11 * (remarked and bool(row.remark))
            texts = [self._text(row.name, left + widest, height + shift, self._size, widest, theme.ink)]
            if shift:
                texts.append(self._text(row.remark, left + widest, height - shift, SMALL, widest, theme.muted))
            self.names.append(texts)
        return left + widest + SPACE

    def _text(self, words: str, right: float, height: float, size: float, width: float, color: str) -> MovingText:
        words, size = self.canvas.fitted(words, size, width)
        text = self.canvas.moving_text(right, height, size, "right", color, middle=True)
        text.set_text(words)
        return text

    def _value_width(self) -> float:
        """Return the width of the widest value, in points."""
        return max(self.canvas.width_of(percent(row.mean), self._size, "bold") for row in self.rows) + SPACE

    def _make_artists(self, right: float) -> None:
        canvas, scale = self.canvas, self.canvas.scale
        frame, base = self.axes.bbox, self._across(self.rows[self.base].mean)
        self.reference = Shape(edge=self.colors[self.base], width=1.6, dash=(4, 4))
        self.reference.set_lines(np.array([[[base, frame.y0], [base, frame.y1]]]))
        width = min(0.3 * self._pitch, 14.0)
        self.bars = [Shape(edge=color, width=width) for color in self._bar_colors()]
        self.means = [Shape(edge=color, width=4) for color in self.colors]
        radius = min(4.5, 0.16 * self._pitch) * scale
        self.dots = [Dots(radius, color, canvas.theme.background, 0.8) for color in self.colors]
        self.values = [
            canvas.moving_text(right, height, self._size, color=color, weight="bold", middle=True)
            for height, color in zip(self.heights, self.colors, strict=True)
        ]
        names = [text for texts in self.names for text in texts]
        self.moving: Sequence[Artist] = [self.reference, *self.bars, *self.dots, *self.means, *self.values, *names]

    def show(self, shares: Sequence[float]) -> None:
        """Set each row to a share of its way, from 0, not to be seen, to 1, as it ended."""
        for place, share in enumerate(shares):
            self._show_row(place, share)

    def _show_row(self, place: int, share: float) -> None:
        row, y = self.rows[place], self.heights[place] * self.canvas.scale
        start, end = self._across(self.rows[self.base].mean), self._across(row.mean)
        now = start + share * (end - start)
        half = min(0.34 * self._pitch, 16.0) * self.canvas.scale
        none, ended = np.empty((0, 2, 2)), share >= 1
        self.bars[place].set_lines(np.array([[[start, y], [now, y]]]) if share else none)
        self.means[place].set_lines(np.array([[[now, y - half], [now, y + half]]]) if share else none)
        self.dots[place].centres = self._pixels(row.errors, y) if ended else np.empty((0, 2))
        self.values[place].set_text(percent(row.mean) if ended else "")
        for text in self.names[place]:
            text.set_visible(share > 0)

    def _across(self, error: float) -> float:
        """Return the place of an error, in pixels."""
        return float(self.axes.transData.transform((error, 0.0))[0])

    def _pixels(self, errors: NDArray[np.float64], y: float) -> Points:
        """Return errors as points at a height in pixels."""
        return np.array([[self._across(each), y] for each in errors.tolist()])


def _color(row: Row, theme: Theme) -> str:
    return theme.noisy[1] if row.is_third else theme.noisy[0] if row.has_noise else theme.plain


def _limits(rows: Sequence[Row]) -> tuple[float, float]:
    """Return limits a little beyond the errors of all runs."""
    errors = np.concatenate([row.errors for row in rows])
    return share_range(float(errors.min()), float(errors.max()), 0.04)
