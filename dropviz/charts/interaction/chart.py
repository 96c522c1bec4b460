"""Chart of weight decay and dropout, alone and together (Dive into Deep Learning, section 5.6, exercise 5)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import ahead, decided, mean_and_sd
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.charts.interaction.cell import ROOM, Cell, draw_arrow
from dropviz.charts.interaction.grid import PAIRS, accuracy, read_grid
from dropviz.style.labels import Labels
from dropviz.style.theme import blend

FRAMES = 120
LEFT, BOTTOM = 96.0, 74.0  # of the cells, in points
HEAD = 62.0  # points above each cell
BETWEEN, MAX_BETWEEN = 150.0, 0.17  # points from column to column, and their largest share of the width
WIDEST = "+00.0 ± 00.0"  # of the effects


class InteractionChart(Chart):
    """Test accuracy in a 2x2 grid: without and with a penalty, without and with dropout, by snapshot.

    Arrows have the effect of adding one of them; between them is the interaction, by how much both together differ
    from the sum of their effects; mean ± sd over seeds. The recordings must be of an experiment with these four arms.
    Source: Dive into Deep Learning, section 5.6, exercise 5.
    """

    experiment = "interaction"
    together = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if seeds or snapshots differ, or if the arms are not a 2x2 grid."""
        _ = comparison.seeds, comparison.iterations
        for arm in read_grid(comparison):
            accuracy(arm)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the effects of the penalty without and with dropout, and the interaction at the end.

        The interaction holds if it is above 0 in every seed; the effects make no claim.
        """
        grid = read_grid(comparison)
        alone, on_top = (effect[:, -1] for effect in grid.effects()[:2])
        extra = grid.interaction()[:, -1]
        holds, count = decided(extra), len(extra)
        key = "one seed" if count == 1 else {None: "unclear", True: "more", False: "less"}[holds]
        values = {"alone": _points(alone), "on_top": _points(on_top), "extra": _points(extra), "less": ahead(-extra)}
        names = {"penalty": labels.name(grid.penalty.name), "dropout": labels.name(grid.dropout.name)}
        return [
            Answer(labels("interaction gains", **values, **names), None),
            Answer(labels(f"interaction {key}", **values, count=count), holds),
        ]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas, labels = self.comparison, self.canvas, self.canvas.labels
        self.iterations, self.grid = comparison.iterations, read_grid(comparison)
        start = warmed_up(self.iterations)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=start), hold)
        self.text_index = readable(self.timeline)
        canvas.header(labels("interaction title"), facts(comparison.experiment, comparison.seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self.counter = canvas.moving_text(canvas.width - 40, 20, 16, "right", canvas.theme.muted)
        self.cells = self._make_cells(self._limits(start))
        axes, size = canvas.fitted(labels("interaction axes"), 16, canvas.width - 290)
        canvas.text(40, 20, axes, size, color=canvas.theme.muted)
        self.effects = [self._make_effect(one, other) for one, other in PAIRS]
        self.crossing = self._make_crossing()
        theme, colors = canvas.theme, dict.fromkeys(cell.color for cell in self.cells)
        pale = [blend(color, theme.background, theme.band_opacity) for color in colors]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *pale], 1)
        self.trail: Sequence[Artist] = ()
        texts = [*self.effects, self.crossing, self.counter, *self.answer_lines.words]
        self.moving: Sequence[Artist] = [*(artist for cell in self.cells for artist in cell.moving), *texts]

    def _limits(self, start: int) -> tuple[float, float]:
        """Return the range of the accuracy of all cells from the snapshot `start`, with a margin."""
        values = np.concatenate([accuracy(arm)[:, start:] for arm in self.grid])
        low, high = 100 * float(values.min()), 100 * float(values.max())
        margin = max(0.05 * (high - low), 0.2)
        return max(low - margin, 0) / 100, min(high + margin, 101) / 100

    def _make_cells(self, limits: tuple[float, float]) -> list[Cell]:
        canvas, cells = self.canvas, []
        self.between = min(BETWEEN, MAX_BETWEEN * canvas.width)
        width = (canvas.width - LEFT - 40 - self.between) / 2
        height = (canvas.height - BOTTOM - 108 - self.answer_lines.height) / 2 - HEAD
        for place, arm in enumerate(self.grid):
            column, row = place % 2, place // 2
            box = Box(LEFT + column * (width + self.between), BOTTOM + (1 - row) * (height + HEAD), width, height)
            color = canvas.theme.noisy[0] if row else canvas.theme.plain
            cells.append(Cell(canvas, arm, box, color, limits, edges=(not column, bool(row))))
        return cells

    def _make_effect(self, one: int, other: int) -> MovingText:
        """Draw the arrow from one cell to another, and make the text of the effect."""
        canvas, ink, box = self.canvas, self.canvas.theme.muted, self.cells[one].box
        is_beside = other - one == 1
        room = self.between if is_beside else (1 - ROOM) * box.width - 24
        size = max(canvas.fit(WIDEST, 17, room, "bold"), MIN_TYPE_SIZE)
        if is_beside:
            y, x = box.bottom + box.height / 2, box.left + box.width
            draw_arrow(canvas, (x + 20, y), (x + self.between - 20, y), ink)
            return canvas.moving_text(x + self.between / 2, y + 10, size, "center", weight="bold")
        x, y = box.left + box.width - 8, box.bottom
        draw_arrow(canvas, (x, y - 8), (x, y - HEAD + 8), ink)
        return canvas.moving_text(x - 12, y - HEAD / 2, size, "right", weight="bold", middle=True)

    def _make_crossing(self) -> MovingText:
        """Draw the name of the interaction in the middle of the grid, and make the text of its value."""
        canvas, box = self.canvas, self.cells[0].box
        x, y = box.left + box.width + self.between / 2, box.bottom - HEAD / 2
        words = canvas.labels("interaction")
        size = max(canvas.fit(words, 15, self.between - 10), MIN_TYPE_SIZE)
        canvas.text(x, y + 6, words, size, color=canvas.theme.muted, ha="center")
        size = max(canvas.fit(WIDEST, 18, self.between, "bold"), MIN_TYPE_SIZE)
        return canvas.moving_text(x, y - 18, size, "center", weight="bold")

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all cells change
        """Set all cells and effects to the snapshot of this index."""
        text_index, is_last = self.text_index[index], index == self.timeline.indices[-1]
        for cell in self.cells:
            cell.show(index, text_index, is_last=is_last)
        for text, effect in zip(self.effects, self.grid.effects(), strict=True):
            text.set_text(_points(effect[:, text_index], is_last=is_last))
        self.crossing.set_text(_points(self.grid.interaction()[:, text_index], is_last=is_last))
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(is_last)


def _points(differences: NDArray[np.float64], *, is_last: bool = True) -> str:
    """Return percentage points with a sign and ± sd; without decimals before the last frame."""
    if is_last:
        return mean_and_sd(100 * differences, sign=True)
    return f"{100 * differences.mean():+.0f}".replace("-", "\N{MINUS SIGN}")
