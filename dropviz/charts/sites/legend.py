"""Legend of masks and noise along the lower edge, with what the recording did not see."""

from collections.abc import Sequence

import numpy as np

from dropviz.charts.base.artists import Shape, boxes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.sites.cells import has_mask
from dropviz.recording import Recording

SIZE, SIDE = 15.0, 13.0  # type size, and side of a sample, in points
LINE = 40.0  # height of the legend
MIN_NOTE = 200.0  # width of the notes, in points; they are left out where there is less room


def draw_legend(canvas: Canvas, run: Recording, color: str, levels: Sequence[str]) -> None:
    """Draw samples of kept and dropped cells and of noise, notes at the right, and a line about unseen noise."""
    y = LINE + 20 * bool(run.unseen)
    theme, x = canvas.theme, 40.0
    if any(has_mask(run, site) for site in run.sites):
        x = _sample(canvas, x, y, [color], theme.outline, canvas.labels("kept"))
        x = _sample(canvas, x, y, [""], theme.outline, canvas.labels("sites dropped"))
    if run.mask_sizes:
        x = _sample(canvas, x, y, [theme.faint], theme.outline, canvas.labels("sites not drawn"))
    if levels:
        x = _sample(canvas, x, y, levels, theme.outline, canvas.labels("sites levels"))
    note = canvas.labels(_note_key(run))
    room = canvas.width - 40 - x
    lines = canvas.wrap(note, 14, room)[:2] if room > MIN_NOTE else []
    for number, line in enumerate(reversed(lines)):
        words, size = canvas.fitted(line, 14, room)
        height = y + 17 * (number - (len(lines) - 1) / 2)
        canvas.text(canvas.width - 40, height, words, size, color=theme.muted, ha="right", va="center_baseline")
    if run.unseen:
        words, size = canvas.fitted(canvas.labels("sites unseen", what=" · ".join(run.unseen)), 14, canvas.width - 80)
        canvas.text(40, 28, words, size, color=theme.plain, va="center_baseline")


def _note_key(run: Recording) -> str:
    """Return the key of a note on whose masks are drawn."""
    if not any(site.has_examples for site in run.sites):
        return "sites follows none"
    return "sites follows" if any(has_mask(run, site) for site in run.sites) else "sites follows noise"


def _sample(canvas: Canvas, x: float, y: float, colors: Sequence[str], edge: str, words: str) -> float:
    """Draw a sample of cells with its meaning; return where the next one begins, in points."""
    scale = canvas.scale
    for number, color in enumerate(colors):
        left, bottom, side = np.round(np.array([x + number * SIDE, y - SIDE / 2, SIDE]) * scale)
        cell = Shape(face=color or None, edge="none" if color else edge, width=0 if color else 1.2)
        cell.path = boxes(*(np.array([value]) for value in (left, bottom, side, side)))
        canvas.figure.add_artist(cell)
    x += SIDE * len(colors) + 7
    words, size = canvas.fitted(words, SIZE, canvas.width - 40 - x)
    canvas.text(x, y, words, size, va="center_baseline")
    return x + canvas.width_of(words, size) + 22
