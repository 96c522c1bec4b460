"""Chart of noise on the input against an L2 penalty (Bishop 1995)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer, interval_words
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import interval
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.timeline import Pace, paced, readable, spread_log
from dropviz.charts.base.weight_tones import weight_tones
from dropviz.charts.tikhonov.templates import Templates
from dropviz.charts.tikhonov.weights import read_weights
from dropviz.style.labels import Labels, percent

FRAMES = 48
NEAR = 0.5  # largest ratio of two distances of which the first is much smaller


class TikhonovChart(Chart):
    """Weights of linear models with neither, with noise on the input, and with an L2 penalty, by snapshot.

    The weights of the first run are images; beside the names stands ‖W - W'‖/‖W'‖, the distance of the weights from
    W', those with the penalty, mean over seeds. The recordings must be of an experiment with these three arms, with the
    probe `weights` and inputs that are square images. Source: Bishop 1995: for a linear model with squared error,
    noise and penalty give the same expected loss.
    """

    key = "tikhonov"
    experiment = "tikhonov"
    together = True
    probes = ("weights",)

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if an arm is missing, or if the probe does not fit."""
        read_weights(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the distances from the weights with the penalty at the end, with noise and with neither.

        It holds if the distance with noise is decidedly less than NEAR times the other.
        """
        plain, noise = 100 * read_weights(comparison).distances[:, :, -1]
        found = interval(NEAR * plain - noise)
        outcome = {True: "yes", False: "no", None: "open"}[found.holds]
        values = {"noise": percent(noise.mean() / 100, 0), "plain": percent(plain.mean() / 100, 0)}
        words = interval_words(interval(noise - plain), len(plain), labels, 0)
        headline = labels(f"tikhonov {outcome if len(plain) > 1 else 'one run'}", **values)
        return [Answer(headline, found.holds, labels("tikhonov evidence", interval=words, **values), found.p_value)]

    def settings(self) -> str:
        """Return the settings, and which run the images are of."""
        labels, seeds = self.canvas.labels, self.comparison.arms[0].seeds
        words = labels("tikhonov seeds", seed=seeds[0], count=len(seeds)) if len(seeds) > 1 else ""
        return facts(self.comparison.experiment, seeds, labels, spread=words)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        canvas, labels = self.canvas, self.canvas.labels
        self.weights = weights = read_weights(self.comparison)
        self.distances = weights.distances
        self.timeline = paced(spread_log(len(weights.plain.iterations), frames or FRAMES), pace)
        self.text_index = readable(self.timeline)
        # In the order of the arms: with neither, with noise, with the penalty.
        colors = canvas.theme.arm_colors([False, True, True])
        heads = [(labels.name(arm.name), color) for arm, color in zip(weights.arms, colors, strict=True)]
        limit = float(np.abs(weights.images[-1, -1]).max()) or 1.0
        self.templates = Templates(canvas, self.content, heads, weights.images, limit)
        smooth = dict.fromkeys([canvas.theme.ink, canvas.theme.muted, *colors], SMOOTH)
        self.inks = dict.fromkeys([canvas.theme.faint, *weight_tones(canvas.theme)], 1) | smooth
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = self.templates.moving

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all images may change
        """Set images and distances to the snapshot of this index."""
        means = self.distances[:, :, self.text_index[index]].mean(axis=1)
        words = [self.canvas.labels("tikhonov away", distance=percent(mean, 0)) for mean in means.tolist()]
        self.templates.show(index, [*words, ""])

    def counter(self, index: int) -> str:
        """Return the iteration of the distances at `index`."""
        return self.canvas.iteration(self.weights.plain.iterations, self.text_index[index])
