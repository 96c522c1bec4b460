"""The weights into hidden units as images that emerge, with and without dropout (Srivastava et al. 2014, figure 7).

Theirs are of an autoencoder with 256 hidden units; these are of a classifier. The units are the first ones, whatever
they look like, of the first seed.
"""

from collections.abc import Sequence
from math import isqrt

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.arm_pair import compare_ends, find_arm_pair
from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import SMOOTH, Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import rgba
from dropviz.charts.base.timeline import paced, readable, spread
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import blend

FRAMES = 40
COLUMNS, ROWS = 8, 6
GREYS = [blend("#ffffff", "#000000", step / 16) for step in range(17)]  # from the lowest weight to the highest
BEYOND = 99.5  # percent of all weights lie within the scale: a few strong ones would leave all others grey
MARGIN, BETWEEN, NAME, LEGEND = 40.0, 44.0, 34.0, 66.0  # in points; NAME is the room above a grid


GAP = 3.0  # between two images, in points
NAMES = 380.0  # the room that name and figure have above a grid, if it is narrower than that
MINUS = "\N{MINUS SIGN}"


class Grid:
    """The images of one arm in a box, the first unit at the top left, with the arm's name above."""

    def __init__(self, canvas: Canvas, box: Box, grey: NDArray[np.uint8], name: str, color: str) -> None:
        """`grey` uint8 [S, units, height, width], the number of a grey of each pixel."""
        self.grey, size, scale = grey, grey.shape[-1], canvas.scale
        pitch = min(box.width / COLUMNS, (box.height - NAME) / ROWS) * scale
        side = pitch - GAP * scale
        side = side // size * size if side >= size else side  # every pixel of an image is as large as the others
        pitch = side + GAP * scale
        left, top = (box.left + box.width / 2) * scale - COLUMNS * pitch / 2, (box.bottom + box.height - NAME) * scale
        self.pictures = [
            GreyImage(left + unit % COLUMNS * pitch, top - unit // COLUMNS * pitch - side, side, rgba(GREYS))
            for unit in range(grey.shape[1])
        ]
        span, middle = max(COLUMNS * pitch / scale, min(box.width, NAMES)), box.left + box.width / 2
        said, size = canvas.fitted(canvas.labels("features kurtosis", value=MINUS + "0.00"), 15, 0.5 * span)
        self.kurtosis = canvas.moving_text(middle + span / 2, top / scale + 10, size, "right", canvas.theme.muted)
        words, size = canvas.fitted(name, 20, span - canvas.width_of(said, size) - 16, "bold")
        canvas.text(middle - span / 2, top / scale + 10, words, size, color=color, weight="bold")

    def show(self, index: int) -> None:
        """Set every image to a snapshot."""
        for unit, picture in enumerate(self.pictures):
            picture.grey = self.grey[index, unit]


class FeaturesChart(Chart):
    """Two grids of the same units, side by side, or one above the other where the picture is high."""

    experiment = "features"
    together = True
    probes = ("features",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.pair = find_arm_pair(comparison, "features")
        self.iterations, theme, labels = self.pair.iterations, canvas.theme, canvas.labels
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES), hold)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([False, True])
        smooth = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH)
        self.inks = dict.fromkeys([theme.faint, *GREYS], 1) | smooth
        weights = [_images(arm, len(self.iterations)) for arm in self.pair.arms]
        self.limit = float(np.percentile(np.abs(weights), BEYOND)) or 1.0
        self.beyond = max(float((np.abs(each) > self.limit).mean(axis=(1, 2, 3)).max()) for each in weights)
        seeds = self.pair.plain.seeds
        words = facts(comparison.experiment, seeds[:1], labels)
        canvas.header(labels("features title", count=weights[0].shape[1]), words)
        said = self.sentences
        self.answer_lines = AnswerLines(canvas, said, labels("features note"))
        self.grids = self._make_grids([shades(each, self.limit) for each in weights])
        self.kurtoses = [_kurtosis(arm, len(self.iterations)) for arm in self.pair.arms]
        self._draw_scale()
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [
            *(picture for grid in self.grids for picture in grid.pictures),
            *(grid.kurtosis for grid in self.grids),
            self.counter,
            *self.answer_lines.words,
        ]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether what training adds to the weights has a higher kurtosis with dropout, mean over all units.

        Kurtosis is the usual measure of how local and sparse features are (Olshausen and Field 1996, Bell and Sejnowski
        1997), does not depend on how large weights are, and a unit that looks for a spot or a stroke has a high one.
        """
        pair = find_arm_pair(comparison, "features")
        ends = [_kurtosis(arm, len(pair.iterations))[:, -1] for arm in pair.arms]
        return [compare_ends(pair, labels("features measure"), ends, rises=True, labels=labels)]

    def _make_grids(self, greys: list[NDArray[np.uint8]]) -> list[Grid]:
        canvas, names = self.canvas, [self.canvas.labels.name(arm.name) for arm in self.pair.arms]
        top, width = canvas.height - 126 - self.answer_lines.height, canvas.width - 2 * MARGIN
        self.counter = canvas.moving_text(canvas.width - MARGIN, 30, 18, "right", canvas.theme.muted)
        if canvas.height > canvas.width:
            each = (top - LEGEND) / 2
            boxes = [Box(MARGIN, LEGEND + (1 - number) * each, width, each - 10) for number in range(2)]
        else:
            each = (width - BETWEEN) / 2
            boxes = [Box(MARGIN + number * (each + BETWEEN), LEGEND, each, top - LEGEND) for number in range(2)]
        return [Grid(canvas, *parts) for parts in zip(boxes, greys, names, self.colors, strict=True)]

    def _draw_scale(self) -> None:
        """What the greys mean, at the lower left."""
        canvas, width, left = self.canvas, 8.0, MARGIN
        for sign, words in ((-1, f"{MINUS}{self.limit:.2f}"), (1, f"+{self.limit:.2f}")):
            canvas.text(left, 30, words, 15, color=canvas.theme.muted)
            left += canvas.width_of(words, 15) + 8
            if sign < 0:
                for step, color in enumerate(GREYS):
                    box = Rectangle((left + step * width, 28), width, 16, color=color, linewidth=0)
                    canvas.figure.add_artist(box).set_transform(canvas.points())
                frame = Rectangle((left, 28), len(GREYS) * width, 16, fill=False, edgecolor=canvas.theme.muted)
                canvas.figure.add_artist(frame).set_transform(canvas.points())
                left += len(GREYS) * width + 8
        room = canvas.width - left - MARGIN - 30 - canvas.width_of(canvas.iteration(self.iterations, -1), 18)
        words, size = canvas.fitted(canvas.labels("features scale", beyond=percent(self.beyond)), 15, room)
        canvas.text(left + 4, 30, words, size, color=canvas.theme.muted)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all images may change
        """Set all images to a snapshot."""
        text_index, labels = self.text_index[index], self.canvas.labels
        for grid, kurtosis in zip(self.grids, self.kurtoses, strict=True):
            grid.show(index)
            value = f"{kurtosis[0, text_index]:.2f}".replace("-", MINUS)
            grid.kurtosis.set_text(labels("features kurtosis", value=value))
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(index == self.timeline.indices[-1])


def shades(weights: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """The number of the grey of each weight, the middle one for 0, the ends for `limit` and beyond."""
    share = np.clip(weights / limit, -1, 1)
    return np.round((share + 1) / 2 * (len(GREYS) - 1)).astype(np.uint8)


def _kurtosis(arm: ArmRuns, snapshots: int) -> NDArray[np.float64]:
    """The mean over the units that have moved, float [runs, S]."""
    units = next(layer.units for layer in arm.runs[0].layers if layer.kind != "input")
    values = np.stack([run.probe("features/kurtosis", snapshots, units) for run in arm.runs]).astype(float)
    moved = np.isfinite(values)
    if not moved.any(axis=2).all():
        raise RecordingError(f"no unit of arm {arm.name!r} has moved, or the run has diverged: train it again")
    return np.asarray(np.where(moved, values, 0).sum(axis=2) / moved.sum(axis=2))


def _images(arm: ArmRuns, snapshots: int) -> NDArray[np.float64]:
    """The weights into the units of the first run as images, float [S, units, height, width]."""
    pixels = arm.runs[0].layers[0].units
    weights = arm.runs[0].probe("features/weights", snapshots, -1, pixels)[:, : COLUMNS * ROWS].astype(float)
    side = isqrt(pixels)
    if side * side != pixels or not weights.size or not np.isfinite(weights).all():
        raise RecordingError(f"the weights of arm {arm.name!r} are no square images of finite numbers")
    return weights.reshape(*weights.shape[:2], side, side)
