"""Base of charts of rows: test errors of categories, at one snapshot after another."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.model_selection import select_arm
from dropviz.analysis.statistics import ahead, decided, mean_and_sd
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.rows import LEGEND_SIZE, Row, Rows
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.style.labels import Labels

FRAMES = 120
# Share of a run that is not drawn: its errors would make the axis, which is the same in all frames, too long.
WARM_UP = 0.2


class RowsChart(Chart):
    """Test errors, a row for each category. A subclass has a `key` and its own `answers`.

    The labels "KEY title" and, for the lower edge, "KEY legend" belong to it.
    """

    together = True
    key: ClassVar[str]

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms differ in seeds or iterations, or have no such rows."""
        _ = comparison.seeds
        _ = comparison.iterations
        cls.rows_of(comparison, Labels("en"))

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        labels, seeds = canvas.labels, comparison.seeds
        self.iterations = comparison.iterations
        start = warmed_up(self.iterations, WARM_UP)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=start), hold)
        self.text_index = readable(self.timeline)
        canvas.header(labels(f"{self.key} title"), facts(comparison.experiment, seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        rows = self.rows_of(comparison, labels)
        box = Box(40, 106, canvas.width - 80, canvas.height - 106 - 134 - self.answer_lines.height)
        self.rows = Rows(canvas, rows, range(start, len(self.iterations)), box, labels("rows axis"))
        self.inks = self.rows.inks
        top = box.bottom + box.height + 8
        self.counter = canvas.moving_text(canvas.width - 40, top, 18, "right", canvas.theme.muted)
        self._draw_legend()
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [*self.rows.moving, self.counter, *self.answer_lines.words]

    def _draw_legend(self) -> None:
        canvas = self.canvas
        words, size = canvas.fitted(canvas.labels(f"{self.key} legend"), LEGEND_SIZE, canvas.width - 80)
        canvas.text(40, 22, words, size, color=canvas.theme.muted)

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return the rows, by default one for each arm. Raises RecordingError if there are no such rows."""
        return [row_of([arm], labels) for arm in comparison.arms]

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all rows may change
        """Set all rows to the snapshot `index`."""
        is_last = index == self.timeline.indices[-1]
        self.rows.show(index, self.text_index[index], is_last=is_last)
        self.counter.set_text(self.canvas.iteration(self.iterations, self.text_index[index]))
        self.answer_lines.show(is_last)


def row_of(arms: list[ArmRuns], labels: Labels) -> Row:
    """Return the row of the arm that does best on held-out images; the others are its companions."""
    best = select_arm(arms)
    errors = 1 - best.values(FINAL)
    others = [1 - arm.values(FINAL).mean(axis=0) for arm in arms if arm is not best]
    companions = np.array(others).reshape(len(others), errors.shape[1])
    return Row(labels.name(best.name), errors, best.has_noise, companions)


def compare_rows(one: Row, other: Row, labels: Labels) -> Answer:
    """Return how far the error of `one` ends from that of `other`; it holds if it is lower in every seed."""
    differences = 100 * (one.errors[:, -1] - other.errors[:, -1])
    holds, count, mean = decided(-differences), len(differences), differences.mean()
    words = labels(
        "rows one seed" if count == 1 else "rows undecided" if holds is None else "rows decided",
        arm=one.name,
        base=other.name,
        points=mean_and_sd(differences * (1 if mean > 0 else -1)),
        side=labels("above" if mean > 0 else "below"),
        count=count,
        below=ahead(-differences),
    )
    return Answer(words, holds)
