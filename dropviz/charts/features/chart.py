"""Chart of the weights into hidden units as images (Srivastava et al. 2014, section 7.1, figure 7)."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.answers import OUTCOMES, Answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import interval
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves
from dropviz.charts.base.timeline import Pace, paced, readable, spread
from dropviz.charts.base.weight_tones import MINUS, draw_scale, tones, weight_tones
from dropviz.charts.features.grid import Grid
from dropviz.charts.features.weights import read_features
from dropviz.style.labels import Labels

FRAMES = 40
BETWEEN, LEGEND = 40.0, 30.0  # between the grids, and height of the legend below them, in points
VISIBLE = 1.5  # ratio of kurtoses from which on a difference is expected to be seen


class FeaturesChart(Chart):
    """Weights into hidden units of the first seed as images, without dropout and with it, by snapshot.

    Shown are the units whose features are the most local, by kurtosis, in both arms by the same rule. The recordings
    must be of one arm without dropout and one with it, with the probe `features` and inputs that are square images.
    Source: Srivastava et al. 2014, section 7.1, figure 7, which is of an autoencoder with 256 hidden units.
    """

    key = "features"
    experiment = "features"
    together = True
    probes = ("features",)
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are other arms, or if the probe does not fit."""
        super().check(comparison)
        read_features(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the kurtosis of what training adds to the weights, mean over all units, of both arms.

        It holds if the kurtosis ends higher with dropout. Kurtosis measures how local and sparse features are
        (Olshausen and Field 1996, Bell and Sejnowski 1997), and does not depend on the size of weights.
        """
        plain, noisy = (each[:, -1] for each in read_features(comparison).kurtoses)
        found, count = interval(noisy - plain), len(plain)
        means = {"noisy": _signed(noisy.mean()), "plain": _signed(plain.mean())}
        higher, lower = sorted((noisy.mean(), plain.mean()), reverse=True)
        outcome = "one run" if count == 1 else OUTCOMES[found.holds]
        if outcome == "yes" and lower > 0 and higher < VISIBLE * lower:
            outcome = "barely"
        ends = {"low": _signed(found.low, sign="+"), "high": _signed(found.high, sign="+"), "count": count}
        spread_words = labels("no interval") if count == 1 else labels("features interval", **ends)
        evidence = labels("features evidence", interval=spread_words, **means)
        return [Answer(labels(f"features {outcome}", **means), found.holds, evidence, found.p_value)]

    def settings(self) -> str:
        """Return the settings and the seed of the runs that are drawn."""
        seeds = read_features(self.comparison).pair.plain.seeds[:1]
        return facts(self.comparison.experiment, seeds, self.canvas.labels)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        theme = self.canvas.theme
        self.features = features = read_features(self.comparison)
        self.iterations, self.limit = features.pair.iterations, features.limit
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES), pace)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([False, True])
        smooth = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH)
        self.inks = dict.fromkeys([theme.faint, *weight_tones(theme)], 1) | smooth
        self.grids = self._make_grids()
        draw_scale(self.canvas, self.content.left, self.content.bottom, self.limit)
        self.trail: Sequence[Artist] = ()
        pictures = [picture for grid in self.grids for picture in grid.pictures]
        self.moving: Sequence[Artist] = [*pictures, *(grid.kurtosis for grid in self.grids)]

    def _make_grids(self) -> list[Grid]:
        content = self.content
        room = Box(content.left, content.bottom + LEGEND, content.width, content.height - LEGEND)
        names = [self.canvas.labels.name(arm.name) for arm in self.features.pair.arms]
        numbers = [tones(each, self.limit) for each in self.features.images]
        parts = zip(halves(room, 0.5, BETWEEN), numbers, names, self.colors, strict=True)
        return [Grid(self.canvas, *each) for each in parts]

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all images may change
        """Set all images to the snapshot of this index."""
        text_index = self.text_index[index]
        for grid, kurtosis in zip(self.grids, self.features.kurtoses, strict=True):
            grid.show(index)
            value = _signed(float(kurtosis[0, text_index]))
            grid.kurtosis.set_text(value if grid.is_brief else self.canvas.labels("features kurtosis", value=value))

    def counter(self, index: int) -> str:
        """Return the iteration of the written values at `index`."""
        return self.canvas.iteration(self.iterations, self.text_index[index])


def _signed(value: float, sign: str = "") -> str:
    return f"{value:{sign}.2f}".replace("-", MINUS)
