"""Accuracy against iteration: train and test, mean and spread over seeds, one or more arms on one pair of axes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.captions import Answer, best_snapshots, facts, names, verdicts
from dropviz.charts.axes import make_axes
from dropviz.charts.chart import Chart
from dropviz.charts.closing import Closing
from dropviz.charts.curve import Curve
from dropviz.charts.marks import Shape
from dropviz.charts.notes import Readings
from dropviz.charts.orders import orders
from dropviz.charts.stage import SMOOTH, Stage
from dropviz.comparison import ArmRuns, Comparison
from dropviz.labels import Labels
from dropviz.layout import Box, calm, spread_apart
from dropviz.theme import Theme, blend
from dropviz.timeline import paced, readable, spread

FRAMES = 120
# With more arms than this, bands lie over each other in more ways than a palette has room for.
MOST_CROSSED = 3
LABEL_GAP = 25.0
LABEL_TOLERANCE = 22.0
# The first tenth of a run, when accuracy jumps up from chance, does not decide the range of the axis, and is there from
# the first frame on.
WARM_UP = 0.1


class AccuracyChart(Chart):
    """Each frame adds snapshots that were recorded; nothing is drawn between them but the line that joins them."""

    def __init__(self, comparison: Comparison, stage: Stage, frames: int | None, hold: float) -> None:
        self.comparison, self.stage = comparison, stage
        self.iterations = comparison.iterations
        moments = spread(len(self.iterations), frames or FRAMES, start=self._warmed_up())
        self.timeline = paced(moments, hold)
        styles = stage.theme.arm_styles([arm.has_noise for arm in comparison.arms])
        self.inks = _inks(stage.theme, [style.color for style in styles])
        self.figure = stage.figure
        self._draw_header()
        said = [answer.words for answer in self.answers(comparison, stage.labels)]
        # One line each: there are as many as arms with dropout.
        self.closing = Closing(stage, said, best_snapshots(comparison, stage.labels), rows=1)
        self.curves = [
            Curve(stage, arm, series, name, style)
            for arm, style in zip(comparison.arms, styles, strict=True)
            for series, name in self._names(arm).items()
        ]
        self.axes = self._make_axes()
        self._fit_y_axis()
        for curve in self.curves:
            curve.place(self.axes)
        # The words are of one recorded moment too, but change only as often as can be read.
        self.spoken = readable(self.timeline)
        self.label_heights = self._place_labels()
        self.gap = Shape(edge=stage.theme.ink, width=2, dash=(2, 2))
        self.trail: Sequence[Artist] = [
            *(curve.band for curve in self.curves if len(comparison.arms) <= MOST_CROSSED),
            *(curve.line for curve in reversed(self.curves)),
        ]
        self.moving: Sequence[Artist] = [
            *([self.gap] if len(comparison.arms) == 2 else []),
            *(curve.head for curve in reversed(self.curves)),
            *(curve.label for curve in self.curves),
            self.counter,
            *self.closing.words,
        ]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Which order of drop probabilities is better, where two arms have either; else, whether dropout is."""
        return orders(comparison, labels) or verdicts(comparison, labels)

    def _warmed_up(self) -> int:
        """The first snapshot after the warm-up: the first frame shows all until then, not an empty pair of axes."""
        return int(np.searchsorted(self.iterations, WARM_UP * self.iterations[-1]))

    def _draw_header(self) -> None:
        stage, labels, arms = self.stage, self.stage.labels, self.comparison.arms
        mixed = len({each.has_noise for each in arms}) == 2
        title = labels("accuracy title") if mixed else labels("accuracy title one", arm=names(self.comparison, labels))
        bands = len(arms) <= MOST_CROSSED
        stage.header(title, facts(self.comparison.experiment, self.comparison.seeds, labels, bands=bands))

    def _make_axes(self) -> Axes:
        stage = self.stage
        left, bottom, right, top = 96, 76, self._label_width() + 40, 130 + self.closing.height
        width, height = stage.width - left - right, stage.height - bottom - top
        box = Box(left, bottom, width, height)
        axes = make_axes(stage, box, self._x_label(), stage.labels("accuracy axis"), ("count", "percent"))
        axes.set_xlim(0, self.iterations[-1])
        self.counter = stage.words(left + width, bottom + height + 10, 18, "right", stage.theme.muted)
        return axes

    def _label_width(self) -> float:
        """Room for the widest label at the end of a line, within what leaves the lines most of the picture."""
        widest = max(curve.label_width() for curve in self.curves)
        return min(widest, 0.4 * self.stage.width)

    def _names(self, arm: ArmRuns) -> dict[str, str]:
        """What the label of each series is called."""
        experiment, labels = self.comparison.experiment, self.stage.labels
        train = "train noisy" if experiment and experiment.label_noise else "train"
        return {
            "test_accuracy": labels("test", arm=labels.name(arm.name)),
            "train_accuracy": labels(train, arm=labels.name(arm.name)),
        }

    def _x_label(self) -> str:
        experiment, labels = self.comparison.experiment, self.stage.labels
        return labels("minibatch axis", batch=experiment.batch_size) if experiment else labels("iteration")

    def _fit_y_axis(self) -> None:
        settled = self.iterations >= WARM_UP * self.iterations[-1]
        low = min(curve.low[settled].min() for curve in self.curves)
        high = max(curve.high[settled].max() for curve in self.curves)
        margin = max(0.04 * (high - low), 0.002)
        self.axes.set_ylim(max(low - margin, 0), min(high + margin, 1 + margin / 4))

    def show(self, moment: int, before: int | None = None) -> None:
        """Draw the snapshots up to the one at `moment`; with `before`, those since that one."""
        column = 0 if before is None else self.settled(before)
        spoken, is_last = self.spoken[moment], moment == self.timeline.moments[-1]
        for curve, height in zip(self.curves, self.label_heights[spoken], strict=True):
            curve.show(moment, column)
            curve.say(spoken, height, digits=1 if is_last else 0)  # nobody reads decimals that fly past
        now, last = int(self.iterations[spoken]), int(self.iterations[-1])
        self.counter.set_text(self.stage.labels("iteration now", now=now, last=last))
        tests = [curve.points[moment] for curve in self.curves if curve.is_test]
        self.gap.set_lines(np.array([tests]) if is_last and len(tests) == 2 else np.empty((0, 2, 2)))
        self.closing.show(is_last)

    def front(self, moment: int) -> float:
        """All lines end at the snapshot of the moment."""
        return float(self.curves[0].points[moment, 0])

    def readings(self) -> Readings:
        """The recorded figures of every line at each snapshot."""
        last = int(self.iterations[-1])
        heads = [self.stage.labels("iteration now", now=int(now), last=last) for now in self.iterations]
        return Readings(heads, [curve.readings() for curve in self.curves])

    def _place_labels(self) -> dict[int, list[float]]:
        """For each moment that is spoken of, the heights of the labels.

        They are level with the heads of their lines, moved apart where they would overlap, and still while they are
        near enough to be read as theirs.
        """
        scale, box = self.stage.scale, self.axes.bbox
        low, high = box.y0 / scale, box.y1 / scale
        moments = list(dict.fromkeys(self.spoken.values()))
        heads = [curve.points[moments, 1] / scale for curve in self.curves]
        held = np.stack([calm(list(heights), LABEL_TOLERANCE) for heights in heads], axis=1)
        rows = [spread_apart(list(row), LABEL_GAP, low + 8, high) for row in held]
        return dict(zip(moments, rows, strict=True))


def _inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """The colours of text and lines, and what comes of bands that lie over each other in the order of drawing."""
    crossed = [theme.background]
    for color in colors if len(colors) <= MOST_CROSSED else ():
        for _band in ("train", "test"):
            crossed += [blend(color, under, theme.band) for under in crossed]
    return dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *crossed], 1)
