"""Tracked example of a diagram: its image, and under it its label and the prediction of the thinned network."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.charts.base.artists import GreyImage, MovingText
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import framed_image
from dropviz.recording import Examples, Recording
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import blend

EXAMPLE = 0  # the first row of each minibatch
LINE = 22  # distance of base lines, in points
MAX_SIZE, MIN_SIZE = 17.0, 14.0  # type sizes; if sentences would be smaller, names have lines of their own
MARGIN = 13  # how far words may reach beyond the image to each side, in points


def class_names(run: Recording, count: int, labels: Labels) -> list[str]:
    """Return the names of the `count` classes of a run; their numbers if it has no names of as many classes."""
    known = run.examples.class_names if run.examples is not None else ()
    return [labels.name(name) for name in (known if len(known) == count else map(str, range(count)))]


class TrackedExample:
    """Image of `side` points at the left edge of `box`, in its middle, with words under it."""

    def __init__(self, canvas: Canvas, run: Recording, examples: Examples, box: Box, side: float) -> None:
        self.canvas, self.examples, self.side = canvas, examples, side
        # With label noise, some labels were redrawn, and a recording does not hold which.
        noisy = run.experiment is not None and run.experiment.label_noise > 0
        self.label_key = "its noisy label" if noisy else "its label"
        self.names = [canvas.labels.name(name) for name in examples.class_names]
        self.is_wrapped = min(self._size(self.label_key, "normal"), self._size("says", "bold")) < MIN_SIZE
        keys = ("label", "its label", "says", "its says") if self.is_wrapped else ("label", "says")
        under = LINE * (2 + len(keys)) + 4
        bottom = max(box.bottom + box.height / 2 - side / 2, min(box.bottom + under, box.bottom + box.height - side))
        x = box.left + side / 2
        self.name_size = max(min((self._fit(name, "bold") for name in self.names), default=MAX_SIZE), MIN_TYPE_SIZE)
        self.example = canvas.moving_text(x, bottom - 22, 14, "center", canvas.theme.muted)
        self.lines = [self._line(key, x, bottom - 22 - LINE * (number + 1)) for number, key in enumerate(keys)]
        self.confidence = canvas.moving_text(x, bottom - 22 - LINE * (len(keys) + 1), MAX_SIZE, "center", weight="bold")
        self.image = self._make_image(box.left, bottom)
        self.moving: Sequence[Artist] = (self.example, *self.lines, self.confidence, self.image)

    def _line(self, key: str, x: float, y: float) -> MovingText:
        weight = "bold" if "says" in key else "normal"
        sentence = "says" if "says" in key else self.label_key
        size = self.name_size if self.is_wrapped else self._size(sentence, weight)
        return self.canvas.moving_text(x, y, size, "center", weight=weight)

    def _size(self, key: str, weight: str) -> float:
        """Return a type size at which a sentence with any of the class names fits under the image."""
        return min((self._fit(self.canvas.labels(key, label=name), weight) for name in self.names), default=MAX_SIZE)

    def _fit(self, words: str, weight: str) -> float:
        return self.canvas.fit(words, MAX_SIZE, self.side + 2 * MARGIN, weight)

    def _make_image(self, left: float, bottom: float) -> GreyImage:
        (ground, ink), white = self.canvas.theme.image_colors, self.examples.white
        tones = [blend(ink, ground, value / white) for value in range(white + 1)]
        return framed_image(self.canvas, left, bottom, self.side, tones)

    def show(self, index: int) -> None:
        """Set image and words to the recorded iteration of `index`."""
        examples, labels = self.examples, self.canvas.labels
        self.image.grey = examples.image[index, EXAMPLE]
        self.example.set_text(labels("example", index=int(examples.index[index, EXAMPLE])))
        shares = examples.prediction[index, EXAMPLE]
        best, finite = int(shares.argmax()), bool(np.isfinite(shares).all())
        label, says = self.names[examples.label[index, EXAMPLE]], self.names[best] if finite else "?"
        for line, words in zip(self.lines, self._words(self.label_key, label) + self._words("says", says), strict=True):
            line.set_text(words)
        self.confidence.set_text(percent(shares[best], 0) if finite else "")

    def _words(self, key: str, name: str) -> list[str]:
        """Return a sentence about a class, in two lines if it is too long for one."""
        if not self.is_wrapped:
            return [self.canvas.labels(key, label=name)]
        name, _size = self.canvas.fitted(name, self.name_size, self.side + 2 * MARGIN, "bold")
        return [self.canvas.labels(key, label="").strip(), name]
