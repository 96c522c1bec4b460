"""Chart of accuracy, or another metric, against iteration: mean and spread over seeds, arms on one pair of axes."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.captions import Answer, best_snapshots, curves_title, facts, verdicts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.metrics import split_of
from dropviz.charts.accuracy.orders import orders
from dropviz.charts.base.annotations import Readings
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.growing_curves import MAX_CROSSED, GrowingCurves
from dropviz.charts.base.timeline import paced, spread, warmed_up
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

FRAMES = 120


class AccuracyChart(Chart):
    """Curves to which each frame adds recorded snapshots, joined by straight lines.

    They are of train and test accuracy. Of recordings without, they are of another metric: see `curve_metrics`.
    """

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no snapshots to compare, or no metric that all arms have."""
        _ = comparison.all_iterations
        for metric in cls.metrics(comparison):
            for arm in comparison.arms:
                arm.measured(metric)
        _ = comparison.seeds

    @classmethod
    def metrics(cls, comparison: Comparison) -> tuple[str, ...]:
        """Return the metrics to draw; raise RecordingError if the arms have none in common."""
        if not comparison.curve_metrics:
            arms = "; ".join(f"{arm.name!r} has {', '.join(arm.metrics) or 'none'}" for arm in comparison.arms)
            raise RecordingError(f"the arms have no metric in common: arm {arms}")
        return comparison.curve_metrics

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        metrics = self.metrics(comparison)
        self.growing = GrowingCurves(canvas, comparison, [self._names(arm, metrics) for arm in comparison.arms])
        self.inks = self.growing.inks
        available = len(self.growing.iterations)
        self.timeline = paced(spread(available, frames or FRAMES, start=warmed_up(self.growing.iterations)), hold)
        self._draw_header()
        # One line for each answer: there are as many as arms with dropout.
        self.answer_lines = AnswerLines(canvas, self.sentences, best_snapshots(comparison, canvas.labels), rows=1)
        box = self._box()
        self.growing.place(box, self.timeline)
        self.curves, self.axes, self.gap = self.growing.curves, self.growing.axes, self.growing.gap
        top = box.bottom + box.height + 10
        self.counter = canvas.moving_text(box.left + box.width, top, 18, "right", canvas.theme.muted)
        self.trail: Sequence[Artist] = self.growing.trail
        self.moving: Sequence[Artist] = [*self.growing.moving, self.counter, *self.answer_lines.words]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return which order of drop probabilities is better, if two arms differ in it; else whether dropout is."""
        return orders(comparison, labels) or verdicts(comparison, labels)

    def _draw_header(self) -> None:
        comparison, labels = self.comparison, self.canvas.labels
        bands = len(comparison.arms) <= MAX_CROSSED
        words = facts(comparison.experiment, comparison.seeds, labels, bands=bands, logs=comparison.logs)
        self.canvas.header(curves_title(comparison, labels), words)

    def _box(self) -> Box:
        left, bottom, right, top = 96, 76, self.growing.label_width() + 40, 130 + self.answer_lines.height
        return Box(left, bottom, self.canvas.width - left - right, self.canvas.height - bottom - top)

    def _names(self, arm: ArmRuns, metrics: Sequence[str]) -> dict[str, str]:
        """Return the label of each metric."""
        experiment, labels = self.comparison.experiment, self.canvas.labels
        is_noisy, name = experiment is not None and experiment.label_noise > 0, labels.name(arm.name)
        splits = {metric: split_of(metric) for metric in metrics}
        return {
            metric: labels(f"{split} noisy" if split == "train" and is_noisy else split, arm=name) if split else name
            for metric, split in splits.items()
        }

    @property
    def label_heights(self) -> dict[int, list[float]]:
        """Heights of the labels, in points, for each index whose values are written."""
        return self.growing.label_heights

    def show(self, index: int, before: int | None = None) -> None:
        """Draw the snapshots up to `index`; with `before`, those since that index."""
        self.growing.show(index, 0 if before is None else self.settled(before))
        self.counter.set_text(self.growing.iteration_words(self.growing.text_index[index]))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """Return where the lines end at `index`, in pixels from the left."""
        return self.growing.front(index)

    def readings(self) -> Readings:
        """Return the values of every line at each snapshot."""
        return self.growing.readings()
