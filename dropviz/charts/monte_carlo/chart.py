"""The average of k thinned networks at test time against weight scaling: Srivastava et al. 2014, figure 11.

Each network is a recorded pass with dropout on; weight scaling is the one pass with dropout off.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH, Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves
from dropviz.charts.base.grey_images import greys
from dropviz.charts.base.growing_line import GrowingLine
from dropviz.charts.base.timeline import one_by_one, spread_log
from dropviz.charts.base.tracked_example import class_names
from dropviz.charts.monte_carlo.sampled import answers_of, read_sampled
from dropviz.charts.monte_carlo.votes import Votes, tint
from dropviz.errors import RecordingError
from dropviz.recording.validation import require
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

FRAMES = 24
BELOW = 0.25  # of the height of the curve, left free below it for words


class MonteCarloChart(Chart):
    """Left the error of the average, right the predictions of one image; each frame is of one network more, or some."""

    experiment = "monte-carlo"
    probes = ("samples",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        arm = _only(comparison)
        self.sampled = read_sampled(arm.runs)
        self.networks = np.arange(1, self.sampled.errors.shape[2] + 1)
        indices = spread_log(len(self.networks), frames or FRAMES)
        self.timeline = one_by_one(indices, hold)
        (style,) = canvas.theme.arm_styles([True])
        self.inks = _inks(canvas.theme, style.color)
        draws = {"count": len(arm.seeds), "draws": self.sampled.errors.shape[1]}
        spread = canvas.labels("seeds and draws", **draws)
        canvas.header(
            canvas.labels("monte-carlo title"), facts(comparison.experiment, arm.seeds, canvas.labels, spread=spread)
        )
        self.answer_lines = AnswerLines(canvas, [answer.words for answer in answers_of(self.sampled, canvas.labels)])
        room = Box(40, 34, canvas.width - 80, canvas.height - 34 - 116 - self.answer_lines.height)
        left, right = halves(room, 0.56, 44)
        self.axes = self._make_axes(Box(left.left + 60, left.bottom + 44, left.width - 60, left.height - 44 - 32))
        self.trace = GrowingLine(canvas, self.networks, self.sampled.mean, self.sampled.sd, style)
        self.trace.place(self.axes)
        top = left.bottom + left.height - 18
        self.counter = canvas.moving_text(left.left + left.width, top, 17, "right", style.color, "bold")
        self.votes = _make_votes(canvas, right, style.color, arm, len(self.networks))
        self.trail: Sequence[Artist] = (self.trace.band, self.trace.line)
        self.moving: Sequence[Artist] = (self.trace.head, self.counter, *self.votes.moving, *self.answer_lines.words)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether one mask does as well as dropout off, and how many have to be averaged for that."""
        return answers_of(read_sampled(_only(comparison).runs), labels)

    def _make_axes(self, box: Box) -> Axes:
        """The axes, with the error of weight scaling as a line across."""
        canvas, theme, off = self.canvas, self.canvas.theme, float(self.sampled.scaled.mean())
        axes = make_axes(
            canvas, box, canvas.labels("networks axis"), canvas.labels("sampled error axis"), ("log", "percent")
        )
        mean, sd = self.sampled.mean, self.sampled.sd
        low, high = min((mean - sd).min(), off), max((mean + sd).max(), off + 0.001)
        axes.set(xlim=(0.93, self.networks[-1] * 1.08), ylim=(low - BELOW * (high - low), high + 0.04 * (high - low)))
        axes.axhline(off, color=theme.ink, linewidth=2.5, dashes=(4, 2))
        y = axes.transData.transform((1, off))[1] / canvas.scale
        said, size = canvas.fitted(canvas.labels("scaled line", error=percent(off)), 16, box.width - 24)
        canvas.text(box.left + 14, y - 22, said, size=size)
        return axes

    def show(self, index: int, before: int | None = None) -> None:
        """Draw averages up to that of the moment, and its newest network."""
        self.trace.show(index, 0 if before is None else self.settled(before))
        words = {"count": index + 1, "error": 100 * self.sampled.mean[index], "sd": 100 * self.sampled.sd[index]}
        self.counter.set_text(self.canvas.labels("average error now", **words))
        self.votes.show(index)
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """The line ends at the average of the moment."""
        return float(self.trace.points[index, 0])


def _only(comparison: Comparison) -> ArmRuns:
    if len(comparison.arms) > 1:
        raise RecordingError("monte-carlo is of the networks of one arm: draw it without --compare")
    return comparison.arms[0]


def _make_votes(canvas: Canvas, box: Box, color: str, arm: ArmRuns, networks: int) -> Votes:
    """Of the first run, and there of the image that its networks agree on least."""
    run = arm.runs[0]
    shares = run.probe("samples/prediction", networks, -1, -1)
    tracked, classes = shares.shape[1:]
    scaled = run.probe("samples/scaled prediction", tracked, classes)
    images, labels = run.probe("samples/image", tracked, -1, -1), run.probe("samples/label", tracked)
    good = all(each.size and np.all((each >= 0) & (each <= 1)) for each in (shares, scaled))
    good = good and images.dtype == np.uint8 and images.size > 0 and 0 <= labels[0] < classes
    require(good, "its samples are no shares of an image of one of its classes")
    names = class_names(run, classes, canvas.labels)
    words = canvas.labels("disputed", seed=run.seed, label=names[int(labels[0])])
    return Votes(canvas, box, color, words, names, images[0], shares[:, 0], scaled[0])


def _inks(theme: Theme, color: str) -> dict[str, int]:
    band = blend(color, theme.background, theme.band_opacity)
    return dict.fromkeys([theme.ink, theme.muted, color], SMOOTH) | dict.fromkeys(
        [theme.faint, band, tint(color, theme), *greys(theme)], 1
    )
