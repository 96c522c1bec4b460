"""Chart of the weights into hidden units as images (Srivastava et al. 2014, section 7.1, figure 7)."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.arm_pair import compare_ends
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import paced, readable, spread
from dropviz.charts.features.grid import GREYS, MINUS, Grid, draw_scale, shades
from dropviz.charts.features.weights import read_features
from dropviz.style.labels import Labels, percent

FRAMES = 40
MARGIN, BETWEEN, LEGEND = 40.0, 44.0, 66.0  # around the grids, between them, and below them, in points


class FeaturesChart(Chart):
    """Weights into the first hidden units of the first seed as images, without dropout and with it, by snapshot.

    The recordings must be of one arm without dropout and one with it, with the probe `features` and inputs that are
    square images. Source: Srivastava et al. 2014, section 7.1, figure 7, which is of an autoencoder with 256 hidden
    units.
    """

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

        It holds if the kurtosis ends higher with dropout in every seed. Kurtosis measures how local and sparse features
        are (Olshausen and Field 1996, Bell and Sejnowski 1997), and does not depend on the size of weights.
        """
        features = read_features(comparison)
        ends = [each[:, -1] for each in features.kurtoses]
        return [compare_ends(features.pair, labels("features measure"), ends, rises=True, labels=labels)]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, labels, theme = self.canvas, self.canvas.labels, self.canvas.theme
        self.features = features = read_features(self.comparison)
        self.iterations, self.limit = features.pair.iterations, features.limit
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES), hold)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([False, True])
        smooth = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH)
        self.inks = dict.fromkeys([theme.faint, *GREYS], 1) | smooth
        settings = facts(self.comparison.experiment, features.pair.plain.seeds[:1], labels)
        canvas.header(labels("features title", count=features.images[0].shape[1]), settings)
        self.answer_lines = AnswerLines(canvas, self.sentences, labels("features note"))
        self.counter = canvas.moving_text(canvas.width - MARGIN, 30, 18, "right", theme.muted)
        self.grids = self._make_grids()
        self._draw_legend()
        self.trail: Sequence[Artist] = ()
        pictures = [picture for grid in self.grids for picture in grid.pictures]
        texts = [grid.kurtosis for grid in self.grids]
        self.moving: Sequence[Artist] = [*pictures, *texts, self.counter, *self.answer_lines.words]

    def _make_grids(self) -> list[Grid]:
        names = [self.canvas.labels.name(arm.name) for arm in self.features.pair.arms]
        greys = [shades(each, self.limit) for each in self.features.images]
        return [Grid(self.canvas, *parts) for parts in zip(self._boxes(), greys, names, self.colors, strict=True)]

    def _boxes(self) -> list[Box]:
        """Return the boxes of the grids: side by side, or one above the other in a high picture."""
        canvas = self.canvas
        top, width = canvas.height - 126 - self.answer_lines.height, canvas.width - 2 * MARGIN
        if canvas.height > canvas.width:
            each = (top - LEGEND) / 2
            return [Box(MARGIN, LEGEND + (1 - number) * each, width, each - 10) for number in range(2)]
        each = (width - BETWEEN) / 2
        return [Box(MARGIN + number * (each + BETWEEN), LEGEND, each, top - LEGEND) for number in range(2)]

    def _draw_legend(self) -> None:
        """Draw the scale of greys, and the share of weights beyond it."""
        canvas = self.canvas
        left = draw_scale(canvas, MARGIN, self.limit)
        room = canvas.width - left - MARGIN - 30 - canvas.width_of(canvas.iteration(self.iterations, -1), 18)
        words = canvas.labels("features scale", beyond=percent(self.features.beyond))
        words, size = canvas.fitted(words, 15, room)
        canvas.text(left + 4, 30, words, size, color=canvas.theme.muted)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all images may change
        """Set all images to the snapshot of this index."""
        text_index, labels = self.text_index[index], self.canvas.labels
        for grid, kurtosis in zip(self.grids, self.features.kurtoses, strict=True):
            grid.show(index)
            value = f"{kurtosis[0, text_index]:.2f}".replace("-", MINUS)
            grid.kurtosis.set_text(labels("features kurtosis", value=value))
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(index == self.timeline.indices[-1])
