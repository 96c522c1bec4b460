"""Legend of masks and noise along the lower edge, with what the recording did not see."""

from collections.abc import Sequence

import numpy as np

from dropviz.charts.base.artists import Shape, boxes
from dropviz.charts.base.canvas import SMALL, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.sites.cells import has_mask
from dropviz.recording import Recording

SIDE, PITCH = 14.0, 26.0  # side of a sample, and distance of lines, in points
MIN_NOTE = 200.0  # width of the note, in points; it is left out where there is less room


class Legend:
    """Samples of kept and dropped cells and of noise, a note at the right, and a line about unseen noise.

    content  box of the chart, at whose lower edge the legend is
    height   of the legend, in points
    """

    def __init__(self, canvas: Canvas, run: Recording, content: Box) -> None:
        self._canvas, self._run, self._content = canvas, run, content
        self.height = PITCH * (1 + bool(run.unseen)) + 6

    def draw(self, color: str, levels: Sequence[str]) -> None:
        """Draw the legend; `color` is that of kept cells, `levels` are those of noise."""
        canvas, run, content = self._canvas, self._run, self._content
        theme, x, y = canvas.theme, content.left, content.bottom + PITCH * (0.5 + bool(run.unseen))
        if any(has_mask(run, site) for site in run.sites):
            x = self._sample(x, y, [color], canvas.labels("kept"))
            x = self._sample(x, y, [""], canvas.labels("sites dropped"))
        if run.mask_sizes:
            x = self._sample(x, y, [theme.faint], canvas.labels("sites not drawn"))
        if levels:
            x = self._sample(x, y, levels, canvas.labels("sites levels"))
        right = content.left + content.width
        if right - x > MIN_NOTE:
            words, size = canvas.fitted(canvas.labels(_note_key(run)), SMALL, right - x)
            canvas.text(right, y, words, size, color=theme.muted, ha="right", va="center_baseline")
        if run.unseen:
            words = canvas.labels("sites unseen", what=" · ".join(run.unseen))
            words, size = canvas.fitted(words, SMALL, content.width)
            canvas.text(content.left, content.bottom + PITCH / 2, words, size, color=theme.plain, va="center_baseline")

    def _sample(self, x: float, y: float, colors: Sequence[str], words: str) -> float:
        """Draw a sample of cells with its meaning; return where the next one begins, in points."""
        canvas, edge = self._canvas, self._canvas.theme.outline
        for number, color in enumerate(colors):
            left, bottom, side = np.round(np.array([x + number * SIDE, y - SIDE / 2, SIDE]) * canvas.scale)
            cell = Shape(face=color or None, edge="none" if color else edge, width=0 if color else 1.2)
            cell.path = boxes(*(np.array([value]) for value in (left, bottom, side, side)))
            canvas.figure.add_artist(cell)
        x += SIDE * len(colors) + 7
        words, size = canvas.fitted(words, SMALL, self._content.left + self._content.width - x)
        canvas.text(x, y, words, size, va="center_baseline")
        return x + canvas.width_of(words, size) + 20


def _note_key(run: Recording) -> str:
    """Return the key of a note on whose masks are drawn."""
    if not any(site.has_examples for site in run.sites):
        return "sites follows none"
    return "sites follows" if any(has_mask(run, site) for site in run.sites) else "sites follows noise"
