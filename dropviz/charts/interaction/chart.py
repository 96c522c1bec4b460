"""Weight decay and dropout, alone and together: a 2x2 grid, the effect of each, and how far both are from their sum.

After exercise 5 of the chapter on dropout in Dive into Deep Learning.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.model_selection import DROPOUT, Method, arms_by_method
from dropviz.analysis.statistics import ahead, decided, mean_and_sd
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.charts.interaction.cell import ROOM, Cell, arrow
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels
from dropviz.style.theme import blend

FRAMES = 120
HEAD = 62.0  # points above each cell
BETWEEN, MAX_BETWEEN = 150.0, 0.17  # points from column to column; and as a share of the width, at most
WIDEST = "+00.0 ± 00.0"  # of the effects


class Grid(NamedTuple):
    """The arms of the four cells."""

    neither: ArmRuns
    penalty: ArmRuns
    dropout: ArmRuns
    both: ArmRuns


class InteractionChart(Chart):
    """Left without, right with a penalty; above without, below with dropout. Arrows say what adding one does."""

    experiment = "interaction"
    together = True

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        labels, seeds = canvas.labels, comparison.seeds
        self.iterations = comparison.iterations
        self.grid = find_grid(comparison)
        start = warmed_up(self.iterations)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=start), hold)
        self.text_index = readable(self.timeline)
        canvas.header(labels("interaction title"), facts(comparison.experiment, seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self.counter = canvas.moving_text(canvas.width - 40, 20, 16, "right", canvas.theme.muted)
        self._make_cells(start)
        axes, size = canvas.fitted(labels("interaction axes"), 16, canvas.width - 290)
        canvas.text(40, 20, axes, size, color=canvas.theme.muted)
        self.effects = [self._effect(place) for place in range(4)]
        self.crossing = self._cross()
        theme, colors = canvas.theme, dict.fromkeys(cell.color for cell in self.cells)
        pale = [blend(color, theme.background, theme.band_opacity) for color in colors]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *pale], 1)
        self.trail: Sequence[Artist] = ()
        words = [*self.effects, self.crossing, self.counter, *self.answer_lines.words]
        self.moving: Sequence[Artist] = [*(mark for cell in self.cells for mark in cell.moving), *words]

    def _make_cells(self, start: int) -> None:
        canvas, left, bottom = self.canvas, 96.0, 74.0
        self.between = min(BETWEEN, MAX_BETWEEN * canvas.width)
        width = (canvas.width - left - 40 - self.between) / 2
        height = (canvas.height - bottom - 108 - self.answer_lines.height) / 2 - HEAD
        values = np.concatenate([_accuracy(arm)[:, start:] for arm in self.grid])
        low, high = 100 * float(values.min()), 100 * float(values.max())
        margin = max(0.05 * (high - low), 0.2)
        limits = max(low - margin, 0) / 100, min(high + margin, 101) / 100
        self.cells = []
        for place, arm in enumerate(self.grid):
            column, below = place % 2, place // 2
            box = Box(left + column * (width + self.between), bottom + (1 - below) * (height + HEAD), width, height)
            color = canvas.theme.noisy[0] if below else canvas.theme.plain
            self.cells.append(Cell(canvas, arm, box, color, limits, named=(not column, bool(below))))

    def _effect(self, place: int) -> MovingText:
        """The arrow of the effect of this number in `effects`, and its words, said later."""
        canvas, (one, _), ink = self.canvas, PAIRS[place], self.canvas.theme.muted
        box, beside = self.cells[one].box, PAIRS[place][1] - one == 1
        room = self.between if beside else (1 - ROOM) * box.width - 24
        size = max(canvas.fit(WIDEST, 17, room, "bold"), MIN_TYPE_SIZE)
        if beside:
            y, x = box.bottom + box.height / 2, box.left + box.width
            arrow(canvas, (x + 20, y), (x + self.between - 20, y), ink)
            return canvas.moving_text(x + self.between / 2, y + 10, size, "center", weight="bold")
        x, y = box.left + box.width - 8, box.bottom
        arrow(canvas, (x, y - 8), (x, y - HEAD + 8), ink)
        return canvas.moving_text(x - 12, y - HEAD / 2, size, "right", weight="bold", middle=True)

    def _cross(self) -> MovingText:
        """Say what stands where the arrows would meet; its figure, said later."""
        canvas, box = self.canvas, self.cells[0].box
        x, y = box.left + box.width + self.between / 2, box.bottom - HEAD / 2
        words = canvas.labels("interaction")
        size = max(canvas.fit(words, 15, self.between - 10), MIN_TYPE_SIZE)
        canvas.text(x, y + 6, words, size, color=canvas.theme.muted, ha="center")
        size = max(canvas.fit(WIDEST, 18, self.between, "bold"), MIN_TYPE_SIZE)
        return canvas.moving_text(x, y - 18, size, "center", weight="bold")

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether the two gains add up, and whether both are better than dropout alone."""
        grid = find_grid(comparison)
        _ = comparison.seeds
        alone, on_top = (_gain(grid[other], grid[one])[:, -1] for one, other in PAIRS[:2])
        extra = interaction(grid)[:, -1]
        holds, count = decided(extra), len(extra)
        key = "one seed" if count == 1 else {None: "unclear", True: "more", False: "less"}[holds]
        values = {"alone": _points(alone), "on_top": _points(on_top), "extra": _points(extra), "less": ahead(-extra)}
        names = {"penalty": labels.name(grid.penalty.name), "dropout": labels.name(grid.dropout.name)}
        return [
            Answer(labels("interaction gains", **values, **names), None),
            Answer(labels(f"interaction {key}", **values, count=count), holds),
        ]

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all cells change
        """Set all cells to one snapshot, and say the effects there."""
        text_index, is_last = self.text_index[index], index == self.timeline.indices[-1]
        for cell in self.cells:
            cell.show(index, text_index, is_last=is_last)
        for words, (one, other) in zip(self.effects, PAIRS, strict=True):
            gain = _gain(self.grid[other], self.grid[one])[:, text_index]
            words.set_text(_points(gain, is_last=is_last))
        extra = interaction(self.grid)[:, text_index]
        self.crossing.set_text(_points(extra, is_last=is_last))
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(is_last)


PAIRS = ((0, 1), (2, 3), (0, 2), (1, 3))  # from which cell to which an arrow leads


def find_grid(comparison: Comparison) -> Grid:
    """The arms with neither, with one penalty, with dropout, and with both; RecordingError if they are not these."""
    found = arms_by_method(comparison)
    single = [method for method in found if len(method) == 1 and DROPOUT not in method]
    penalty = single[0] if single else Method()
    wanted = (Method(), penalty, Method([DROPOUT]), penalty | {DROPOUT})
    fits = len(single) == 1 and set(found) == set(wanted) and all(len(arms) == 1 for arms in found.values())
    if not fits:
        raise RecordingError(
            "the arms are no 2x2 grid: it takes one with neither, one with a penalty such as weight decay, one with "
            "dropout, and one with both"
        )
    return Grid(*(found[method][0] for method in wanted))


def interaction(grid: Grid) -> NDArray[np.float64]:
    """(both - dropout) - (penalty - neither) of the test accuracy, float [runs, snapshots]: 0 where effects add up."""
    return _gain(grid.both, grid.dropout) - _gain(grid.penalty, grid.neither)


def _gain(arm: ArmRuns, base: ArmRuns) -> NDArray[np.float64]:
    return _accuracy(arm) - _accuracy(base)


def _accuracy(arm: ArmRuns) -> NDArray[np.float64]:
    return arm.values("test_accuracy")


def _points(differences: NDArray[np.float64], *, is_last: bool = True) -> str:
    """Percentage points with a sign and ± sd; without decimals while they fly past."""
    if is_last:
        return mean_and_sd(100 * differences, sign=True)
    return f"{100 * differences.mean():+.0f}".replace("-", "\N{MINUS SIGN}")
