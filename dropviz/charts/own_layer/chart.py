"""Chart of the masks of two dropout layers, such as one's own and torch.nn.Dropout, bit for bit."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import agreed
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.cells import Cells
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.own_layer.pairs import METRICS, read_pairs
from dropviz.recording import Recording
from dropviz.style.labels import Labels

FRAMES = 30
BOTTOM = 96.0  # points below the masks


class OwnLayerChart(Chart):
    """Masks of one tracked example in each of two arms of the first seed, with marks where they differ.

    Below: the number of equal bits so far, and the largest difference of the metrics. The recordings must be of two
    arms with dropout that kept the masks of the same iterations. Source: Dive into Deep Learning, section 5.6,
    implementation from scratch.
    """

    experiment = "own-layer"
    together = True
    needs_masks = True
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no two arms with masks, or if their runs cannot be compared."""
        super().check(comparison)
        read_pairs(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the number of equal bits of all masks, and the largest differences of metrics, over all seeds.

        It holds if masks and metrics are equal in every seed, bit for bit.
        """
        pairs = read_pairs(comparison)
        accuracy, loss = (_number(max(pair.difference(name) for pair in pairs)) for name in METRICS)
        alike = [pair.is_equal for pair in pairs]
        words = labels(
            "own-layer answer",
            equal=sum(int(pair.equal.sum()) for pair in pairs),
            bits=sum(pair.masks[0].size for pair in pairs),
            accuracy=accuracy,
            loss=loss,
            same=sum(alike),
            seeds=len(pairs),
        )
        return [Answer(words, agreed(alike))]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, theme, labels = self.canvas, self.canvas.theme, self.canvas.labels
        self.pair = read_pairs(self.comparison)[0]
        self.iterations = self.pair.runs[0].recorded_iterations
        self.timeline = one_by_one(spread(len(self.iterations), frames or FRAMES), hold)
        self.colors = theme.arm_colors([True, True])
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH) | {theme.faint: 1, theme.plain: 1}
        self._write_header()
        devices = labels("comma").join(dict.fromkeys(_device(run) for run in self.pair.runs))
        self.answer_lines = AnswerLines(canvas, self.sentences, labels("own-layer note", device=devices))
        self.grids = self._make_grids()
        size = canvas.fit(self._count(len(self.iterations) - 1), 20, canvas.width - 80, "bold")
        self.count = canvas.moving_text(40, 62, size, weight="bold")
        self.gaps = canvas.moving_text(40, 34, min(size, 17), color=theme.muted)
        self.trail: Sequence[Artist] = ()
        cells = [artist for grid in self.grids for artist in grid.moving]
        self.moving: Sequence[Artist] = [*cells, self.count, self.gaps, self.counter, *self.answer_lines.words]

    def _write_header(self) -> None:
        """Draw title and settings, beside the counter of iterations."""
        canvas, labels = self.canvas, self.canvas.labels
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, 18, "right", weight="bold")
        right = canvas.width_of(labels("iteration only", now=int(self.iterations[-1])), 18, "bold") + 30
        settings = facts(self.comparison.experiment, [self.pair.runs[0].seed], labels)
        canvas.header(labels("own-layer title"), settings, right)

    def _make_grids(self) -> list[Cells]:
        """Make the cells of each arm, below its name."""
        canvas, units, grids = self.canvas, self.pair.masks[0].shape[2], []
        for box, run, color in zip(self._boxes(), self.pair.runs, self.colors, strict=True):
            name = canvas.labels("own-layer head", arm=canvas.labels.name(run.arm))
            words, size = canvas.fitted(name, 18, box.width, "bold")
            canvas.text(box.left, box.bottom + box.height - 16, words, size, color=color, weight="bold")
            inner = Box(box.left, box.bottom, box.width, box.height - 28)
            grids.append(Cells(canvas, inner, units, (color, canvas.theme.faint, canvas.theme.plain), size=0.6))
        return grids

    def _boxes(self) -> list[Box]:
        """Return the boxes of the arms: side by side, or one above the other in a high picture."""
        canvas = self.canvas
        width, height = canvas.width - 80, canvas.height - 134 - self.answer_lines.height - BOTTOM
        if canvas.height > canvas.width:
            return [Box(40, BOTTOM + height / 2, width, height / 2), Box(40, BOTTOM, width, height / 2 - 12)]
        return [Box(40 + side * (width + 30) / 2, BOTTOM, (width - 30) / 2, height) for side in (0, 1)]

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every cell may change
        """Set both masks to one recorded iteration, and count the equal bits up to it."""
        now, labels = int(self.iterations[index]), self.canvas.labels
        one, other = (masks[index, EXAMPLE] for masks in self.pair.masks)
        for grid, mask in zip(self.grids, (one, other), strict=True):
            grid.show(mask, ~mask, one != other)
        self.count.set_text(self._count(index))
        accuracy, loss = (_number(self.pair.difference(name, now)) for name in METRICS)
        self.gaps.set_text(labels("own-layer gaps", accuracy=accuracy, loss=loss))
        self.counter.set_text(labels("iteration only", now=now))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def _count(self, index: int) -> str:
        bits = self.pair.masks[0][0].size * (index + 1)
        return self.canvas.labels("own-layer count", equal=int(self.pair.equal[: index + 1].sum()), bits=bits)


def _number(difference: float) -> str:
    return f"{difference:.2g}"


def _device(run: Recording) -> str:
    device = str(run.provenance.get("device", "?"))
    return device.upper() if device in ("cpu", "mps") else device
