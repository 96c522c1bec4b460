"""Base of charts of rows: test errors of categories, at one snapshot after another."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer, make_answer
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.model_selection import select_arm
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.rows import Row, Rows
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.style.labels import Labels

FRAMES = 120
# Share of a run that is not drawn: its errors would make the axis, which is the same in all frames, too long.
WARM_UP = 0.2
BOTTOM = 58.0  # room for the axis, in points


class RowsChart(Chart):
    """Test errors, a row for each category. A subclass has a `key` and its own `answers`."""

    together = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms differ in seeds or iterations, or have no such rows."""
        _ = comparison.seeds
        _ = comparison.iterations
        cls.rows_of(comparison, Labels("en"))

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.iterations = comparison.iterations
        start = warmed_up(self.iterations, WARM_UP)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=start), hold)
        self.text_index = readable(self.timeline)
        rows, content = self.rows_of(comparison, canvas.labels), self.content
        box = Box(content.left, content.bottom + BOTTOM, content.width, content.height - BOTTOM)
        self.rows = Rows(canvas, rows, range(start, len(self.iterations)), box, canvas.labels("rows axis"))
        self.inks = self.rows.inks
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = self.rows.moving

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return the rows, by default one for each arm. Raises RecordingError if there are no such rows."""
        return [row_of([arm], labels) for arm in comparison.arms]

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all rows may change
        """Set all rows to the snapshot `index`."""
        self.rows.show(index, self.text_index[index], is_last=index == self.timeline.indices[-1])

    def counter(self, index: int) -> str:
        """Return the iteration of the written values at `index`."""
        return self.canvas.iteration(self.iterations, self.text_index[index])


def row_of(arms: list[ArmRuns], labels: Labels) -> Row:
    """Return the row of the arm that does best on held-out images; the others are its companions."""
    best = select_arm(arms)
    errors = 1 - best.values(FINAL)
    others = [1 - arm.values(FINAL).mean(axis=0) for arm in arms if arm is not best]
    companions = np.array(others).reshape(len(others), errors.shape[1])
    return Row(labels.name(best.name), errors, best.has_noise, companions)


def compare_rows(one: Row, other: Row, labels: Labels) -> Answer:
    """Return how far the error of `one` ends from that of `other`; it holds if that of `one` is lower."""
    differences = 100 * (other.errors[:, -1] - one.errors[:, -1])
    return make_answer("rows", differences, labels, arm=one.name, base=other.name)
