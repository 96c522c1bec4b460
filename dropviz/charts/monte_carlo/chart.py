"""Chart of averages of thinned networks at test time (Srivastava et al. 2014, section 7.5, figure 11)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts, mean_sd
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import agreed
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves
from dropviz.charts.base.grey_images import greys
from dropviz.charts.base.growing_line import GrowingLine
from dropviz.charts.base.timeline import one_by_one, spread_log
from dropviz.charts.base.tracked_example import class_names
from dropviz.charts.monte_carlo.prediction_bars import PredictionBars, tint
from dropviz.charts.monte_carlo.sampled import Sampled, read_prediction, read_sampled
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

FRAMES = 24
BELOW = 0.25  # of the height of the axes, free for text below the line
FEW = 10  # networks, the error of whose average an answer names


class MonteCarloChart(Chart):
    """Test error of the average of k sampled networks against weight scaling, the one pass with dropout off.

    Left the error, mean ± sd over groups of networks; right the predictions of one image by one network after another,
    and their mean. The recordings must be of one arm with dropout, with the probe `samples`: each network is a recorded
    pass with dropout on. Source: Srivastava et al. 2014, section 7.5, figure 11.
    """

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

        The first holds if one network has a higher error than weight scaling in every seed; the second, if the average
        of all networks is within one standard deviation of weight scaling in every seed.
        """
        sampled = read_sampled(_single_arm(comparison).runs)
        return [_one_network(sampled, labels), _averages(sampled, labels)]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, arm = self.canvas, _single_arm(self.comparison)
        self.sampled = read_sampled(arm.runs)
        self.networks = np.arange(1, self.sampled.errors.shape[2] + 1)
        self.timeline = one_by_one(spread_log(len(self.networks), frames or FRAMES), hold)
        (style,) = canvas.theme.arm_styles([True])
        self.inks = _inks(canvas.theme, style.color)
        self._write_header(arm)
        self.answer_lines = AnswerLines(canvas, self.sentences)
        room = Box(40, 34, canvas.width - 80, canvas.height - 34 - 116 - self.answer_lines.height)
        left, right = halves(room, 0.56, 44)
        self.axes = self._make_axes(Box(left.left + 60, left.bottom + 44, left.width - 60, left.height - 44 - 32))
        self.trace = GrowingLine(canvas, self.networks, self.sampled.mean, self.sampled.sd, style)
        self.trace.place(self.axes)
        top = left.bottom + left.height - 18
        self.counter = canvas.moving_text(left.left + left.width, top, 17, "right", style.color, "bold")
        self.predictions = self._make_predictions(right, style.color, arm)
        self.trail: Sequence[Artist] = (self.trace.band, self.trace.line)
        self.moving: Sequence[Artist] = (
            self.trace.head,
            self.counter,
            *self.predictions.moving,
            *self.answer_lines.words,
        )

    def _write_header(self, arm: ArmRuns) -> None:
        """Draw title and settings, with the number of seeds and of groups of networks."""
        labels = self.canvas.labels
        spread = labels("seeds and draws", count=len(arm.seeds), draws=self.sampled.errors.shape[1])
        settings = facts(self.comparison.experiment, arm.seeds, labels, spread=spread)
        self.canvas.header(labels("monte-carlo title"), settings)

    def _make_axes(self, box: Box) -> Axes:
        """Make the axes, with the error of weight scaling as a line across."""
        canvas, labels, theme = self.canvas, self.canvas.labels, self.canvas.theme
        off, mean, sd = float(self.sampled.scaled.mean()), self.sampled.mean, self.sampled.sd
        axes = make_axes(canvas, box, labels("networks axis"), labels("sampled error axis"), ("log", "percent"))
        low, high = min((mean - sd).min(), off), max((mean + sd).max(), off + 0.001)
        axes.set(xlim=(0.93, self.networks[-1] * 1.08), ylim=(low - BELOW * (high - low), high + 0.04 * (high - low)))
        axes.axhline(off, color=theme.ink, linewidth=2.5, dashes=(4, 2))
        y = axes.transData.transform((1, off))[1] / canvas.scale
        words, size = canvas.fitted(labels("scaled line", error=percent(off)), 16, box.width - 24)
        canvas.text(box.left + 14, y - 22, words, size=size)
        return axes

    def _make_predictions(self, box: Box, color: str, arm: ArmRuns) -> PredictionBars:
        """Make the predictions of one image in the first run."""
        run, prediction = arm.runs[0], read_prediction(arm.runs[0])
        names = class_names(run, len(prediction.scaled), self.canvas.labels)
        words = self.canvas.labels("disputed", seed=run.seed, label=names[prediction.label])
        return PredictionBars(self.canvas, box, color, words, names, prediction)

    def show(self, index: int, before: int | None = None) -> None:
        """Set the line to the averages of up to `index` + 1 networks, and the bars to the last of them."""
        self.trace.show(index, 0 if before is None else self.settled(before))
        words = {"count": index + 1, "error": 100 * self.sampled.mean[index], "sd": 100 * self.sampled.sd[index]}
        self.counter.set_text(self.canvas.labels("average error now", **words))
        self.predictions.show(index)
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """Return the x of the end of the line, in pixels."""
        return float(self.trace.points[index, 0])


def _single_arm(comparison: Comparison) -> ArmRuns:
    if len(comparison.arms) > 1:
        raise RecordingError("monte-carlo is of the networks of one arm: draw it without --compare")
    return comparison.arms[0]


def _one_network(sampled: Sampled, labels: Labels) -> Answer:
    """Return the errors of averages; it holds if one network has a higher error than weight scaling in every seed."""
    networks, means = sampled.errors.shape[2], sampled.errors.mean(axis=1)
    counts = sorted({1, min(FEW, networks), networks})
    errors = [labels("colon", name=count, value=mean_sd(means[:, count - 1])) for count in counts]
    worse = means[:, 0] > sampled.scaled
    words = labels(
        "answer one mask",
        errors=labels("comma").join(errors),
        off=mean_sd(sampled.scaled),
        count=int(worse.sum()),
        seeds=len(worse),
    )
    return Answer(words, agreed(worse))


def _averages(sampled: Sampled, labels: Labels) -> Answer:
    """Return the number of networks whose average equals weight scaling; it holds if that of all does in every seed."""
    inside = np.array([each.within()[-1] for each in sampled.each()])
    words = labels(
        "answer averages",
        low=_first(sampled.as_low(), labels),
        within=_first(sampled.within(), labels),
        most=sampled.errors.shape[2],
        count=int(inside.sum()),
        seeds=len(inside),
    )
    return Answer(words, agreed(inside))


def _first(holds: NDArray[np.bool_], labels: Labels) -> str:
    """Return the lowest number of networks for which it holds, in words."""
    return labels("first at", count=int(holds.argmax()) + 1) if holds.any() else labels("at none")


def _inks(theme: Theme, color: str) -> dict[str, int]:
    band = blend(color, theme.background, theme.band_opacity)
    return dict.fromkeys([theme.ink, theme.muted, color], SMOOTH) | dict.fromkeys(
        [theme.faint, band, tint(color, theme), *greys(theme)], 1
    )
