"""Tracked example of a diagram: its image and its label, and the passes in which one image comes again."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import SMALL, Canvas
from dropviz.charts.base.grey_images import framed_image
from dropviz.recording import Examples, Recording
from dropviz.style.labels import Labels
from dropviz.style.theme import blend

EXAMPLE = 0  # the first tracked example
COLONS = " :\N{FULLWIDTH COLON}"
LINE = 22  # distance of base lines, in points
MARGIN = 26  # how far words may reach beyond the image to the right, in points


def class_names(run: Recording, count: int, labels: Labels) -> list[str]:
    """Return the names of the `count` classes of a run; their numbers if it has no names of as many classes."""
    known = run.examples.class_names if run.examples is not None else ()
    return [labels.name(name) for name in (known if len(known) == count else map(str, range(count)))]


def same_image(run: Recording) -> NDArray[np.intp]:
    """Return the indices of the recorded iterations whose first example is the image that comes most often.

    Where the tracked rows are always the first ones, no image is followed, and there are none.
    """
    if run.examples is None or run.tracked_rows is None:
        return np.empty(0, np.intp)
    images, counts = np.unique(run.examples.index[:, EXAMPLE], return_counts=True)
    return np.flatnonzero(run.examples.index[:, EXAMPLE] == images[counts.argmax()])


def true_labels(run: Recording) -> NDArray[np.bool_]:
    """Return in which recorded iterations the label of the first example is known to be the true one, bool [T].

    With label noise, only that of the image that dropviz's own training follows is.
    """
    is_true = np.ones(len(run.recorded_iterations), bool)
    if run.experiment is not None and run.experiment.label_noise > 0:
        is_true[:] = False
        is_true[same_image(run)] = True
    return is_true


class TrackedExample:
    """Image of `side` points with its lower left corner at (left, bottom), and its label under it."""

    def __init__(
        self, canvas: Canvas, run: Recording, examples: Examples, left: float, bottom: float, side: float
    ) -> None:
        self.canvas, self.examples, self.side = canvas, examples, side
        self._is_true = true_labels(run)
        self.names = [canvas.labels.name(name) for name in examples.class_names]
        self.is_wrapped = max(map(self._width, self.names), default=0.0) > side + MARGIN
        self.lines = [canvas.moving_text(left, bottom - LINE * (number + 1), SMALL) for number in range(2)]
        self.image = self._make_image(left, bottom)
        self.moving: Sequence[Artist] = (*self.lines[: 1 + self.is_wrapped], self.image)

    def _width(self, name: str) -> float:
        """Return the width of the longest sentence about a label."""
        keys = ["its label"] if self._is_true.all() else ["its label", "its noisy label"]
        return max(self.canvas.width_of(self.canvas.labels(key, label=name), SMALL) for key in keys)

    def _make_image(self, left: float, bottom: float) -> GreyImage:
        (ground, ink), white = self.canvas.theme.image_colors, self.examples.white
        tones = [blend(ink, ground, value / white) for value in range(white + 1)]
        return framed_image(self.canvas, left, bottom, self.side, tones)

    def show(self, index: int) -> None:
        """Set image and label to the recorded iteration of `index`."""
        self.image.grey = self.examples.image[index, EXAMPLE]
        name = self.names[self.examples.label[index, EXAMPLE]]
        key = "its label" if self._is_true[index] else "its noisy label"
        words = [self.canvas.labels(key, label=name)]
        if self.is_wrapped:
            name, _size = self.canvas.fitted(name, SMALL, self.side + MARGIN)
            words = [self.canvas.labels(key, label="").strip(COLONS), name]
        for line, text in zip(self.lines, words, strict=False):
            line.set_text(text)
