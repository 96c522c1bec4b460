"""Chart of all recorded metrics against iteration: a small plot for each quantity, with the arms in each."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import MaxNLocator

from dropviz.analysis.answers import Answer, capitalized, verdicts
from dropviz.analysis.captions import arm_names, facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.metrics import families, quantity_name, split_of
from dropviz.charts.base.arm_names import ROW, arm_rows, draw_arm_names
from dropviz.charts.base.canvas import SMALL, TEXT
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.growing_curves import MAX_CROSSED, GrowingCurves
from dropviz.charts.base.timeline import Pace, paced, spread, warmed_up
from dropviz.charts.metrics.grid import LEFT, TITLE, Grid, fit_grid
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

FRAMES = 120
TICK = 80.0  # distance of ticks of iterations, in points
THICKNESS = 0.75  # of lines, where there are several plots


class MetricsChart(Chart):
    """A plot for each quantity: `train_loss` and `test_loss` share one, `perplexity` has its own.

    A metric is drawn where it was measured, and joined by straight lines. Values that are not finite are left out, and
    counted beside the title. Plots that do not fit into the picture, or have no finite value, are named below it.
    """

    key = "metrics"

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no snapshots, no metric has a finite value, or seeds differ."""
        _ = comparison.all_iterations
        if not _plots(comparison):
            raise RecordingError("the recordings hold no metric with a finite value: there is nothing to draw")
        _ = comparison.seeds

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return whether networks are more accurate with dropout, where that was measured."""
        return verdicts(comparison, labels) if comparison.curve_metrics else []

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:
        """Return how the metrics change with dropout, or those of the arms that there are."""
        if len({arm.has_noise for arm in comparison.arms}) == 2:
            return labels("question metrics")
        return labels("question metrics one", arm=arm_names(comparison, labels))

    def settings(self) -> str:
        """Return the settings, and that bands are drawn, if they are."""
        comparison = self.comparison
        bands = len(comparison.arms) <= MAX_CROSSED
        return facts(comparison.experiment, comparison.seeds, self.canvas.labels, bands=bands, logs=comparison.logs)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        curves = {
            name: GrowingCurves(canvas, comparison, [self._names(arm, metrics) for arm in comparison.arms], SMALL, True)
            for name, metrics in _plots(comparison).items()
        }
        iterations = comparison.all_iterations
        self.timeline = paced(spread(len(iterations), frames or FRAMES, start=warmed_up(iterations)), pace)
        room = min(max(each.label_width() for each in curves.values()) + 22, 0.24 * canvas.width)
        endless = [name for name, count in _infinite(comparison).items() if count and name not in curves]
        grid = self._fit_grid(len(curves), room, has_more=bool(endless))
        self.plots = dict(list(curves.items())[: len(grid.boxes)])
        self._place(grid, room)
        self._name_left_out([*(name for name in curves if name not in self.plots), *endless])
        first = next(iter(self.plots.values()))
        self.inks = first.inks
        # No trail: the lines of all plots do not grow from left to right of the picture.
        self.trail: Sequence[Artist] = []
        self.moving: Sequence[Artist] = list(self._artists())
        self._draw_arms(first)

    def _fit_grid(self, count: int, room: float, has_more: bool) -> Grid:
        """Return the grid of plots between the names of the arms and those of plots that are left out.

        has_more  keep the room for names, also if `count` plots fit
        """
        content, names = self.content, self._arm_names()
        self.rows = arm_rows(self.canvas, names, content.width, content.height) if len(names) > 1 else []
        head = ROW * len(self.rows)
        area = Box(content.left, content.bottom, content.width, content.height - head)
        grid = fit_grid(area, count, room)
        if len(grid.boxes) == count and not has_more:
            return grid
        return fit_grid(Box(area.left, area.bottom + ROW, area.width, area.height - ROW), count, room)

    def _artists(self) -> Iterator[Artist]:
        """Yield the artists of the plots. Bands are drawn of data held out only: the plots are small."""
        for plot in self.plots.values():
            hidden = {curve.band for curve in plot.curves if not curve.is_test}
            yield from (artist for artist in plot.trail if artist not in hidden)
            yield from plot.moving

    def _arm_names(self) -> list[str]:
        return [self.canvas.labels.name(arm.name) for arm in self.comparison.arms]

    def _draw_arms(self, curves: GrowingCurves) -> None:
        """Draw the names of several arms above the plots."""
        canvas, names, content = self.canvas, self._arm_names(), self.content
        if len(names) > 1:
            y = content.bottom + content.height - ROW / 2
            draw_arm_names(canvas, names, curves.styles, self.rows, content.left, y, content.width)

    def _names(self, arm: ArmRuns, metrics: Sequence[str]) -> Mapping[str, str]:
        """Return the label of each metric of a plot that an arm has: the part of the data."""
        experiment, labels = self.comparison.experiment, self.canvas.labels
        noisy = " noisy" if experiment is not None and experiment.label_noise > 0 else ""
        splits = {metric: split_of(metric) for metric in metrics if _is_drawn(arm, metric)}
        return {
            metric: labels(f"metrics {split}{noisy if split == 'train' else ''}") if split else ""
            for metric, split in splits.items()
        }

    def _place(self, grid: Grid, room: float) -> None:
        labels = self.canvas.labels
        axis = labels("epoch" if self.comparison.counts_epochs else "iteration")
        for (name, plot), box, is_last in zip(self.plots.items(), grid.boxes, grid.is_last, strict=True):
            for curve in plot.curves:
                curve.thickness = THICKNESS if len(grid.boxes) > 1 else 1.0
            plot.place(box, self.timeline, x=axis if is_last else "", y="", room=room)
            plot.axes.xaxis.set_major_locator(MaxNLocator(max(int(box.width / TICK), 1), integer=True))
            self._draw_title(name, box)

    def _draw_title(self, name: str, box: Box) -> None:
        """Draw the title of a plot, with the number of values that are not finite."""
        canvas, labels, comparison = self.canvas, self.canvas.labels, self.comparison
        left, right, y = box.left - LEFT + 8, box.left + box.width, box.bottom + box.height + TITLE - 24
        title = capitalized(quantity_name(name, labels), labels)
        words, size = canvas.fitted(title, TEXT, right - left, "bold")
        canvas.text(left, y, words, size, weight="bold")
        count = _infinite(comparison)[name]
        left += canvas.width_of(words, size, "bold") + 10
        if count and right > left:
            words, size = canvas.fitted(labels("not finite", count=count), SMALL, right - left)
            canvas.text(left, y, words, size, color=canvas.theme.muted)

    def _name_left_out(self, names: Sequence[str]) -> None:
        if names:
            canvas, labels = self.canvas, self.canvas.labels
            quantities = labels("comma").join(quantity_name(name, labels) for name in names)
            words, size = canvas.fitted(labels("metrics not drawn", names=quantities), SMALL, self.content.width)
            canvas.text(self.content.left, self.content.bottom + 4, words, size, color=canvas.theme.muted)

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # there is no trail
        """Draw the snapshots up to `index`."""
        for plot in self.plots.values():
            plot.show(index, 0)

    def counter(self, index: int) -> str:
        """Return the iteration of the labels at `index`."""
        plot = next(iter(self.plots.values()))
        return plot.iteration_words(plot.text_index[index])


def _plots(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """Return the metrics of each quantity that an arm has finite values of."""
    drawn = {metric for arm in comparison.arms for metric in arm.metrics if _is_drawn(arm, metric)}
    return families(drawn)


def _is_drawn(arm: ArmRuns, metric: str) -> bool:
    return metric in arm.metrics and bool(np.isfinite(arm.values(metric)).all(axis=0).any())


def _infinite(comparison: Comparison) -> dict[str, int]:
    """Return how many values of each quantity are not finite, by its name."""

    def count(arm: ArmRuns, metric: str) -> int:
        return int(np.isinf(arm.values(metric)).sum()) if metric in arm.metrics else 0

    quantities = families(comparison.all_metrics).items()
    return {name: sum(count(arm, each) for arm in comparison.arms for each in metrics) for name, metrics in quantities}
