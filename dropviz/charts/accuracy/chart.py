"""Accuracy against iteration: train and test, mean and spread over seeds, one or more arms on one pair of axes."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.captions import Answer, best_snapshots, facts, names, verdicts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.accuracy.orders import orders
from dropviz.charts.base.annotations import Readings
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.growing_curves import MAX_CROSSED, GrowingCurves
from dropviz.charts.base.timeline import paced, spread, warmed_up
from dropviz.style.labels import Labels

FRAMES = 120


class AccuracyChart(Chart):
    """Each frame adds snapshots that were recorded; nothing is drawn between them but the line that joins them."""

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.growing = GrowingCurves(canvas, comparison, [self._names(arm) for arm in comparison.arms])
        self.inks = self.growing.inks
        available = len(self.growing.iterations)
        self.timeline = paced(spread(available, frames or FRAMES, start=warmed_up(self.growing.iterations)), hold)
        self._draw_header()
        said = self.sentences
        # One line each: there are as many as arms with dropout.
        self.answer_lines = AnswerLines(canvas, said, best_snapshots(comparison, canvas.labels), rows=1)
        box = self._box()
        self.growing.place(box, self.timeline)
        self.curves, self.axes, self.gap = self.growing.curves, self.growing.axes, self.growing.gap
        top = box.bottom + box.height + 10
        self.counter = canvas.moving_text(box.left + box.width, top, 18, "right", canvas.theme.muted)
        self.trail: Sequence[Artist] = self.growing.trail
        self.moving: Sequence[Artist] = [*self.growing.moving, self.counter, *self.answer_lines.words]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Which order of drop probabilities is better, where two arms have either; else, whether dropout is."""
        return orders(comparison, labels) or verdicts(comparison, labels)

    def _draw_header(self) -> None:
        canvas, labels, arms = self.canvas, self.canvas.labels, self.comparison.arms
        mixed = len({each.has_noise for each in arms}) == 2
        title = labels("accuracy title") if mixed else labels("accuracy title one", arm=names(self.comparison, labels))
        bands = len(arms) <= MAX_CROSSED
        canvas.header(title, facts(self.comparison.experiment, self.comparison.seeds, labels, bands=bands))

    def _box(self) -> Box:
        left, bottom, right, top = 96, 76, self.growing.label_width() + 40, 130 + self.answer_lines.height
        return Box(left, bottom, self.canvas.width - left - right, self.canvas.height - bottom - top)

    def _names(self, arm: ArmRuns) -> dict[str, str]:
        """What the label of each series is called."""
        experiment, labels = self.comparison.experiment, self.canvas.labels
        train = "train noisy" if experiment and experiment.label_noise else "train"
        return {
            "test_accuracy": labels("test", arm=labels.name(arm.name)),
            "train_accuracy": labels(train, arm=labels.name(arm.name)),
        }

    @property
    def label_heights(self) -> dict[int, list[float]]:
        """For each moment that is spoken of, the heights of the labels, in points."""
        return self.growing.label_heights

    def show(self, index: int, before: int | None = None) -> None:
        """Draw the snapshots up to the one at `moment`; with `before`, those since that one."""
        self.growing.show(index, 0 if before is None else self.settled(before))
        self.counter.set_text(self.growing.now(self.growing.text_index[index]))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """All lines end at the snapshot of the moment."""
        return self.growing.front(index)

    def readings(self) -> Readings:
        """The recorded figures of every line at each snapshot."""
        return self.growing.readings()
