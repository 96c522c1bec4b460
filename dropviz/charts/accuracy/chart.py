"""Chart of accuracy, or another metric, against iteration: mean and spread over seeds, arms on one pair of axes."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer, verdicts
from dropviz.analysis.captions import arm_names, facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.metrics import is_share, quantity_name, split_of
from dropviz.charts.accuracy.orders import orders
from dropviz.charts.base.annotations import Readings
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.growing_curves import MAX_CROSSED, GrowingCurves
from dropviz.charts.base.timeline import Pace, paced, spread, warmed_up
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

FRAMES = 120
LEFT, BOTTOM = 74.0, 58.0  # room for the axes, in points
LABEL_SPACE = 18.0  # between a curve and its label


class AccuracyChart(Chart):
    """Curves to which each frame adds recorded snapshots, joined by straight lines.

    They are of train and test accuracy. Of recordings without, they are of another metric: see `curve_metrics`.
    """

    key = "accuracy"

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

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        comparison = self.comparison
        metrics = self.metrics(comparison)
        self.growing = GrowingCurves(self.canvas, comparison, [self._names(arm, metrics) for arm in comparison.arms])
        self.inks = self.growing.inks
        available = len(self.growing.iterations)
        self.timeline = paced(spread(available, frames or FRAMES, start=warmed_up(self.growing.iterations)), pace)
        self.growing.place(self._box(), self.timeline)
        self.curves, self.axes, self.gap = self.growing.curves, self.growing.axes, self.growing.gap
        self.trail: Sequence[Artist] = self.growing.trail
        self.moving: Sequence[Artist] = self.growing.moving

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return which order of drop probabilities is better, if two arms differ in it; else whether dropout is."""
        return orders(comparison, labels) or verdicts(comparison, labels)

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:
        """Return which order is better, whether dropout helps, or how the metric changes."""
        if orders(comparison, labels):
            return labels("question swap")
        metrics = cls.metrics(comparison)
        what = "accuracy" if is_share(metrics[0]) else "metric"
        count = "" if len({arm.has_noise for arm in comparison.arms}) == 2 else " one"
        metric = quantity_name(metrics[0], labels)
        return labels(f"question {what}{count}", metric=metric, arm=arm_names(comparison, labels))

    def settings(self) -> str:
        """Return the settings, and that bands are drawn, if they are."""
        comparison = self.comparison
        bands = len(comparison.arms) <= MAX_CROSSED
        return facts(comparison.experiment, comparison.seeds, self.canvas.labels, bands=bands, logs=comparison.logs)

    def counter(self, index: int) -> str:
        """Return the iteration of the labels at `index`."""
        return self.growing.iteration_words(self.growing.text_index[index])

    def _box(self) -> Box:
        content, left, bottom = self.content, LEFT, BOTTOM
        width = content.width - left - self.growing.label_width() - LABEL_SPACE
        return Box(content.left + left, content.bottom + bottom, width, content.height - bottom - 8)

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

    def update(self, index: int, before: int | None = None) -> None:
        """Draw the snapshots up to `index`; with `before`, those since that index."""
        self.growing.show(index, 0 if before is None else self.settled(before))

    def front(self, index: int) -> float:
        """Return where the lines end at `index`, in pixels from the left."""
        return self.growing.front(index)

    def readings(self) -> Readings:
        """Return the values of every line at each snapshot."""
        return self.growing.readings()
