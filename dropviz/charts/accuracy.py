"""Accuracy against iteration: train and test, mean and spread over seeds, one or more arms on one pair of axes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import NDArray

from dropviz.captions import best_snapshots, facts, verdicts
from dropviz.charts.stage import SMOOTH, Stage
from dropviz.comparison import ArmRuns, Comparison
from dropviz.errors import RecordingError
from dropviz.labels import percent
from dropviz.layout import calm, spread_apart
from dropviz.theme import Theme, blend
from dropviz.timeline import spread, timed

FRAMES = 120
SECONDS = 8.0
SLOWEST = 0.5
BAND = 0.25
# With more arms than this, bands lie over each other in more ways than a palette has room for.
MOST_CROSSED = 3
TEST_SIZE, TRAIN_SIZE = 18.0, 16.0
LABEL_GAP = 25.0
LABEL_TOLERANCE = 16.0
# The first tenth of a run, when accuracy jumps up from chance, does not decide the range of the axis.
WARM_UP = 0.1


class Curve:
    """One series of one arm: its line, the band of one standard deviation to each side, its head, and its label."""

    def __init__(self, axes: Axes, stage: Stage, arm: ArmRuns, series: str, name: str, color: str) -> None:
        values = arm.values(series)
        is_test = series == "test_accuracy"
        self.name, self.x, self.mean = name, arm.iterations, values.mean(axis=0)
        sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(self.mean)
        self.low, self.high = self.mean - sd, self.mean + sd
        self.band = Polygon(np.zeros((1, 2)), facecolor=color, alpha=BAND, linewidth=0, animated=True)
        axes.add_patch(self.band)
        (self.line,) = axes.plot([], [], color=color, animated=True, **_stroke(is_test))
        (self.head,) = axes.plot(
            [], [], "o", color=color, markersize=10 if is_test else 7, animated=True, clip_on=False
        )
        edge = axes.bbox.x1 / stage.scale + 16
        size, weight = (TEST_SIZE, "bold") if is_test else (TRAIN_SIZE, "normal")
        size = stage.fit(f"{percent(1)} {name}", size, stage.width - edge - 10, weight)
        self.label: Text = stage.text(edge, 0, size=size, weight=weight, color=color, va="center_baseline")

    def show(self, count: int) -> None:
        """Draw the first `count` snapshots."""
        x, mean = self.x[:count], self.mean[:count]
        self.line.set_data(x, mean)
        self.head.set_data(x[-1:], mean[-1:])
        self.band.set_xy(np.column_stack([np.r_[x, x[::-1]], np.r_[self.low[:count], self.high[:count][::-1]]]))
        self.label.set_text(f"{percent(mean[-1])} {self.name}")


def _stroke(is_test: bool) -> dict[str, Any]:
    return {"linewidth": 4, "zorder": 4} if is_test else {"linewidth": 2.2, "linestyle": (0, (3, 2)), "zorder": 3}


class AccuracyChart:
    """Each frame adds snapshots that were recorded; nothing is drawn between them but the line that joins them."""

    def __init__(self, comparison: Comparison, stage: Stage, frames: int | None, hold: float) -> None:
        self.comparison, self.stage = comparison, stage
        self.iterations = _common_iterations(comparison)
        moments = spread(len(self.iterations), frames or FRAMES)
        self.timeline = timed(moments, min(SECONDS, SLOWEST * len(moments)), hold)
        self.colors = stage.theme.arm_colors([arm.has_noise for arm in comparison.arms])
        self.inks = _inks(stage.theme, self.colors)
        self.figure = stage.figure
        said = verdicts(comparison, stage.labels)
        self._draw_words(said)
        self.axes = self._make_axes(lines=len(said) + bool(said))
        self.curves = [
            curve for arm, color in zip(comparison.arms, self.colors, strict=True) for curve in self._curves(arm, color)
        ]
        self._fit_y_axis()
        heights = self._place_labels()
        self.label_heights = dict(zip(self.timeline.moments, heights, strict=True))
        self.gap = Line2D([], [], color=stage.theme.ink, linewidth=2, linestyle=(0, (1, 1)), animated=True)
        self.axes.add_line(self.gap)
        self.moving = [
            *(curve.band for curve in self.curves),
            *([self.gap] if len(comparison.arms) == 2 else []),
            *(artist for curve in reversed(self.curves) for artist in (curve.line, curve.head)),
            *(curve.label for curve in self.curves),
            self.counter,
            *self.verdicts,
        ]

    def _draw_words(self, said: list[str]) -> None:
        stage, labels, arms = self.stage, self.stage.labels, self.comparison.arms
        title = labels("accuracy title") if len(arms) > 1 else labels("accuracy title one", arm=arms[0].name)
        stage.header(title, facts(self.comparison.experiment, _seeds(self.comparison), labels))
        self.counter = stage.text(0, 0, size=18, color=stage.theme.muted, ha="right")
        lines = [*said, best_snapshots(self.comparison, labels)] if said else []
        tops = [stage.height - 126 - 30 * number for number in range(len(lines))]
        self.verdicts = [stage.text(40, top, size=20, weight="bold") for top in tops]
        for text, words in zip(self.verdicts, lines, strict=True):
            text.set(text=words, fontsize=stage.fit(words, 20, stage.width - 80, "bold"))
        if lines:
            size = stage.fit(lines[-1], 17, stage.width - 80)
            self.verdicts[-1].set(fontsize=size, fontweight="normal", color=stage.theme.muted)

    def _make_axes(self, lines: int) -> Axes:
        stage, theme = self.stage, self.stage.theme
        left, bottom, right, top = 96, 76, self._label_width() + 40, 130 + 30 * lines
        width, height = stage.width - left - right, stage.height - bottom - top
        axes = self.figure.add_axes(
            (left / stage.width, bottom / stage.height, width / stage.width, height / stage.height)
        )
        axes.set(facecolor=theme.background, xlim=(0, self.iterations[-1]))
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set(color=theme.muted, linewidth=1.2)
        axes.grid(axis="y", color=theme.faint, linewidth=1)
        axes.set_axisbelow(True)
        axes.tick_params(colors=theme.muted, labelsize=16, length=5, labelfontfamily=stage.labels.fonts)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        words: dict[str, Any] = {"size": 17, "color": theme.muted, "fontfamily": stage.labels.fonts}
        axes.set_xlabel(self._x_label(), labelpad=8, **words)
        axes.set_ylabel(stage.labels("accuracy axis"), labelpad=8, **words)
        self.counter.set_position((left + width, bottom + height + 10))
        return axes

    def _label_width(self) -> float:
        """Room for the widest label at the end of a line, within what leaves the lines most of the picture."""
        words = [f"{percent(1)} {name}" for arm in self.comparison.arms for name in self._names(arm).values()]
        return min(max(self.stage.width_of(each, TEST_SIZE, "bold") for each in words), 0.4 * self.stage.width)

    def _names(self, arm: ArmRuns) -> dict[str, str]:
        """What the label of each series is called."""
        experiment, labels = self.comparison.experiment, self.stage.labels
        train = "train noisy" if experiment and experiment.label_noise else "train"
        return {"test_accuracy": labels("test", arm=arm.name), "train_accuracy": labels(train, arm=arm.name)}

    def _x_label(self) -> str:
        experiment, labels = self.comparison.experiment, self.stage.labels
        return labels("minibatch axis", batch=experiment.batch_size) if experiment else labels("iteration")

    def _curves(self, arm: ArmRuns, color: str) -> list[Curve]:
        return [Curve(self.axes, self.stage, arm, series, name, color) for series, name in self._names(arm).items()]

    def _fit_y_axis(self) -> None:
        settled = self.iterations >= WARM_UP * self.iterations[-1]
        low = min(curve.low[settled].min() for curve in self.curves)
        high = max(curve.high[settled].max() for curve in self.curves)
        margin = max(0.04 * (high - low), 0.002)
        self.axes.set_ylim(max(low - margin, 0), min(high + margin, 1 + margin / 4))
        self.axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))

    def show(self, moment: int) -> None:
        """Draw all snapshots up to the one at `moment`."""
        for curve in self.curves:
            curve.show(moment + 1)
        now, last = int(self.iterations[moment]), int(self.iterations[-1])
        self.counter.set_text(self.stage.labels("iteration now", now=now, last=last))
        tests = self.curves[::2]
        self.gap.set_data([now] * len(tests), [curve.mean[moment] for curve in tests])
        for text in self.verdicts:
            text.set_visible(moment == self.timeline.moments[-1])
        for curve, height in zip(self.curves, self.label_heights[moment], strict=True):
            curve.label.set_y(height)

    def _place_labels(self) -> list[list[float]]:
        """For each moment the heights of the labels.

        They are level with the heads of their lines, moved apart where they would overlap, and still while they are
        near enough to be read as theirs.
        """
        scale, box = self.stage.scale, self.axes.bbox
        low, high = box.y0 / scale, box.y1 / scale
        means = np.stack([curve.mean[list(self.timeline.moments)] for curve in self.curves], axis=1)
        heights = self.axes.transData.transform(np.stack([np.zeros(means.size), means.ravel()], axis=1))[:, 1] / scale
        heads = heights.reshape(means.shape).clip(low, high)
        held = np.stack([calm(list(column), LABEL_TOLERANCE) for column in heads.T], axis=1)
        return [spread_apart(list(row), LABEL_GAP, low + 8, high) for row in held]


def _inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """The colours of text and lines, and what comes of bands that lie over each other in the order of drawing."""
    crossed = [theme.background]
    for color in colors if len(colors) <= MOST_CROSSED else ():
        for _band in ("train", "test"):
            crossed += [blend(color, under, BAND) for under in crossed]
    return dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *crossed], 1)


def _seeds(comparison: Comparison) -> list[int]:
    return sorted({seed for arm in comparison.arms for seed in arm.seeds})


def _common_iterations(comparison: Comparison) -> NDArray[np.int64]:
    first = comparison.arms[0].iterations
    if not len(first):
        raise RecordingError("the recordings hold no snapshots: there is no accuracy to draw")
    if any(not np.array_equal(arm.iterations, first) for arm in comparison.arms):
        raise RecordingError("the arms have snapshots at different iterations: train them again alike")
    return first
