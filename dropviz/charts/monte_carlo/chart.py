"""Chart of averages of thinned networks at test time (Srivastava et al. 2014, section 7.5, figure 11)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer, make_answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import agreed
from dropviz.charts.base.artists import Points
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH, TEXT
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves
from dropviz.charts.base.grey_images import greys
from dropviz.charts.base.growing_line import GrowingLine
from dropviz.charts.base.timeline import Pace, one_by_one, spread_log
from dropviz.charts.base.tracked_example import class_names
from dropviz.charts.monte_carlo.prediction_bars import PredictionBars, tint
from dropviz.charts.monte_carlo.sampled import Sampled, read_prediction, read_sampled
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

FRAMES = 24
LEFT, BOTTOM, TOP, BETWEEN = 66.0, 58.0, 12.0, 40.0  # room around the axes, and beside them, in points
SHARE = 0.58  # of the width, for the axes
NEAR = 14.0  # from a point to its words, in points
BELOW = 0.25  # of the height of the axes, free for text below the line
FEW = 10  # networks, the error of whose average an answer names


class MonteCarloChart(Chart):
    """Test error of the average of k sampled networks against weight scaling, the one pass with dropout off.

    Left the error, mean ± sd over groups of networks; right the predictions of one image by one network after another,
    and their mean. The recordings must be of one arm with dropout, with the probe `samples`: each network is a recorded
    pass with dropout on. Source: Srivastava et al. 2014, section 7.5, figure 11.
    """

    key = "monte-carlo"
    experiment = "monte-carlo"
    probes = ("samples",)

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are several arms, or if the probe does not fit."""
        arm = _single_arm(comparison)
        read_sampled(arm.runs)
        read_prediction(arm.runs[0])

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the errors of averages of 1, FEW and all networks, and the number of networks that equals scaling.

        The first holds if one network has a higher error than weight scaling; the second, if the average of all
        networks is within one standard deviation of weight scaling in every seed.
        """
        sampled = read_sampled(_single_arm(comparison).runs)
        return [_one_network(sampled, labels), _averages(sampled, labels)]

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:  # noqa: ARG003  # always the same one
        """Return the question that the first answer is about."""
        return labels("question test-time-masks")

    def settings(self) -> str:
        """Return the settings, with the number of seeds and of groups of networks."""
        labels, arm = self.canvas.labels, _single_arm(self.comparison)
        draws = read_sampled(arm.runs).errors.shape[1]
        spread = labels("seeds and draws", count=len(arm.seeds), draws=draws)
        return facts(self.comparison.experiment, arm.seeds, labels, spread=spread)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        canvas, arm = self.canvas, _single_arm(self.comparison)
        self.sampled = read_sampled(arm.runs)
        self.networks = np.arange(1, self.sampled.errors.shape[2] + 1)
        self.timeline = one_by_one(spread_log(len(self.networks), frames or FRAMES), pace)
        (style,) = canvas.theme.arm_styles([True])
        self.inks = _inks(canvas.theme, style.color)
        left, right = halves(self.content, SHARE, BETWEEN)
        width, height = left.width - LEFT, left.height - BOTTOM - TOP
        self.axes = self._make_axes(Box(left.left + LEFT, left.bottom + BOTTOM, width, height))
        self.trace = GrowingLine(canvas, self.networks, self.sampled.mean, self.sampled.sd, style)
        self.trace.place(self.axes)
        self.value = canvas.moving_text(0, 0, TEXT, color=style.color, weight="bold")
        self._draw_first(style.color)
        self.predictions = self._make_predictions(right, style.color, arm)
        self.trail: Sequence[Artist] = (self.trace.band, self.trace.line)
        self.moving: Sequence[Artist] = (self.trace.head, self.value, *self.predictions.moving)

    def _make_axes(self, box: Box) -> Axes:
        """Make the axes, with the error of weight scaling as a line across."""
        canvas, labels, theme = self.canvas, self.canvas.labels, self.canvas.theme
        off, mean, sd = float(self.sampled.scaled.mean()), self.sampled.mean, self.sampled.sd
        axes = make_axes(canvas, box, labels("networks axis"), labels("sampled error axis"), ("log", "percent"))
        low, high = min((mean - sd).min(), off), max((mean + sd).max(), off + 0.001)
        axes.set(xlim=(0.93, self.networks[-1] * 1.08), ylim=(low - BELOW * (high - low), high + 0.04 * (high - low)))
        axes.axhline(off, color=theme.ink, linewidth=2.5, dashes=(4, 2))
        y = axes.transData.transform((1, off))[1] / canvas.scale
        words, size = canvas.fitted(labels("scaled line", error=percent(off)), TEXT, box.width - 24, "bold")
        self.still = [canvas.text(box.left + 14, y - 26, words, size, weight="bold")]
        return axes

    def _draw_first(self, color: str) -> None:
        """Draw the error of a single mask beside the first point of the line."""
        canvas, (x, y) = self.canvas, self.trace.points[0] / self.canvas.scale
        words = canvas.labels("one mask", error=percent(float(self.sampled.mean[0])))
        words, size = canvas.fitted(words, TEXT, self.axes.bbox.x1 / canvas.scale - x - NEAR, "bold")
        self.still.append(canvas.text(x + NEAR, y, words, size, color=color, weight="bold", va="center_baseline"))
        self.still.sort(key=lambda text: float(text.get_window_extent().y0))

    def _make_predictions(self, box: Box, color: str, arm: ArmRuns) -> PredictionBars:
        """Make the predictions of one image in the first run."""
        run, prediction = arm.runs[0], read_prediction(arm.runs[0])
        names = class_names(run, len(prediction.scaled), self.canvas.labels)
        words = self.canvas.labels("disputed", seed=run.seed, label=names[prediction.label])
        return PredictionBars(self.canvas, box, color, words, names, prediction)

    def update(self, index: int, before: int | None = None) -> None:
        """Set the line to the averages of up to `index` + 1 networks, and the bars to the last of them."""
        self.trace.show(index, 0 if before is None else self.settled(before))
        error = percent(float(self.sampled.mean[index]))
        self.value.set_text(self.canvas.labels("average error now", count=index + 1, error=error) if index else "")
        self._place_value(self.trace.points[: index + 1])
        self.predictions.show(index)

    def _place_value(self, line: Points) -> None:
        """Place the written error above the end of a line in pixels, and above words that it would lie over."""
        value, scale = self.value, self.canvas.scale
        value.x = line[-1, 0] + NEAR * scale
        value.x -= max(value.get_window_extent().x1 - self.axes.bbox.x1, 0)
        value.y = line[line[:, 0] >= min(value.x, line[-1, 0]), 1].max() + NEAR * scale
        for text in self.still:
            box = text.get_window_extent()
            if value.get_text() and value.get_window_extent().overlaps(box):
                value.y += box.y1 - value.get_window_extent().y0 + 2 * scale

    def counter(self, index: int) -> str:
        """Return the number of networks at `index`."""
        return self.canvas.labels("networks now", count=index + 1)

    def front(self, index: int) -> float:
        """Return the x of the end of the line, in pixels."""
        return float(self.trace.points[index, 0])


def _single_arm(comparison: Comparison) -> ArmRuns:
    if len(comparison.arms) > 1:
        raise RecordingError("monte-carlo is of the networks of one arm: draw it without --compare")
    return comparison.arms[0]


def _one_network(sampled: Sampled, labels: Labels) -> Answer:
    """Return by how much one network errs more than weight scaling, and the errors of averages."""
    networks, means = sampled.errors.shape[2], sampled.errors.mean(axis=1)
    counts = sorted({1, min(FEW, networks), networks})
    errors = [percent(means[:, count - 1].mean()) for count in counts]
    evidence = labels(
        "masks errors",
        counts=" / ".join(map(str, counts)),
        errors=" / ".join(errors),
        off=percent(sampled.scaled.mean()),
    )
    return make_answer("masks", 100 * (means[:, 0] - sampled.scaled), labels, evidence)


def _averages(sampled: Sampled, labels: Labels) -> Answer:
    """Return the number of networks whose average equals weight scaling; it holds if that of all does in every seed."""
    inside = agreed([bool(each.within()[-1]) for each in sampled.each()])
    within, most = sampled.within(), sampled.errors.shape[2]
    key = "averages level" if within.any() else "averages none"
    evidence = labels(
        "averages evidence",
        within=_first(within, labels),
        low=_first(sampled.as_low(), labels),
        most=most,
        error=percent(float(sampled.mean[-1])),
        off=percent(sampled.scaled.mean()),
    )
    return Answer(labels(key, count=int(within.argmax()) + 1), inside, evidence)


def _first(holds: NDArray[np.bool_], labels: Labels) -> str:
    """Return the lowest number of networks for which it holds, in words."""
    return labels("first at", count=int(holds.argmax()) + 1) if holds.any() else labels("at none")


def _inks(theme: Theme, color: str) -> dict[str, int]:
    band = blend(color, theme.background, theme.band_opacity)
    return dict.fromkeys([theme.ink, theme.muted, color], SMOOTH) | dict.fromkeys(
        [theme.faint, band, tint(color, theme), *greys(theme)], 1
    )
