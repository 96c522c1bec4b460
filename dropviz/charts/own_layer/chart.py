"""Chart of the masks of two dropout layers, such as one's own and torch.nn.Dropout, bit for bit."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import agreed
from dropviz.charts.base.canvas import SMALL, SMOOTH, TEXT
from dropviz.charts.base.cells import Cells
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves
from dropviz.charts.base.timeline import Pace, one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.own_layer.pairs import METRICS, read_pairs
from dropviz.recording import Recording
from dropviz.style.labels import Labels

FRAMES = 30
HEAD, BELOW, BETWEEN = 34.0, 40.0, 44.0  # points above and below the masks, and between them
MARK = 0.6  # size of the mark of a unit that differs, in sizes of a cell


class OwnLayerChart(Chart):
    """Masks of one tracked example in each of two arms of the first seed, with marks where they differ.

    Below: the number of equal bits so far. The recordings must be of two arms with dropout that kept the masks of the
    same iterations. Source: Dive into Deep Learning, section 5.6, implementation from scratch.
    """

    key = "own-layer"
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
        evidence = labels(
            "own-layer evidence",
            equal=sum(int(pair.equal.sum()) for pair in pairs),
            bits=sum(pair.masks[0].size for pair in pairs),
            accuracy=accuracy,
            loss=loss,
            device=labels("comma").join(dict.fromkeys(_device(run) for pair in pairs for run in pair.runs)),
        )
        names = {key: labels.name(run.arm) for key, run in zip(("one", "other"), pairs[0].runs, strict=True)}
        return [Answer(labels("own-layer yes" if all(alike) else "own-layer no", **names), agreed(alike), evidence)]

    def settings(self) -> str:
        """Return the settings and the seed of the runs that are drawn."""
        seed = read_pairs(self.comparison)[0].runs[0].seed
        return facts(self.comparison.experiment, [seed], self.canvas.labels)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        theme, content = self.canvas.theme, self.content
        self.pair = read_pairs(self.comparison)[0]
        self.iterations = self.pair.runs[0].recorded_iterations
        self.timeline = one_by_one(spread(len(self.iterations), frames or FRAMES), pace)
        self.colors = theme.arm_colors([True, True])
        self.inks = dict.fromkeys([theme.ink, *self.colors], SMOOTH) | {theme.faint: 1, theme.wrong: 1}
        self.grids = self._make_grids()
        size = self.canvas.fit(self._count(len(self.iterations) - 1), TEXT, content.width, "bold")
        self.count = self.canvas.moving_text(content.left, content.bottom + 8, max(size, SMALL), weight="bold")
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [*(artist for grid in self.grids for artist in grid.moving), self.count]

    def _make_grids(self) -> list[Cells]:
        """Make the cells of each arm, below its name."""
        canvas, content, units, grids = self.canvas, self.content, self.pair.masks[0].shape[2], []
        room = Box(content.left, content.bottom + BELOW, content.width, content.height - BELOW)
        for box, run, color in zip(halves(room, 0.5, BETWEEN), self.pair.runs, self.colors, strict=True):
            words, size = canvas.fitted(canvas.labels.name(run.arm), TEXT, box.width, "bold")
            canvas.text(box.left, box.bottom + box.height - TEXT, words, size, color=color, weight="bold")
            inner = Box(box.left, box.bottom, box.width, box.height - HEAD)
            grids.append(Cells(canvas, inner, units, (color, canvas.theme.faint, canvas.theme.wrong), size=MARK))
        return grids

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every cell may change
        """Set both masks to one recorded iteration, and count the equal bits up to it."""
        one, other = (masks[index, EXAMPLE] for masks in self.pair.masks)
        for grid, mask in zip(self.grids, (one, other), strict=True):
            grid.show(mask, ~mask, one != other)
        self.count.set_text(self._count(index))

    def counter(self, index: int) -> str:
        """Return the recorded iteration at `index`."""
        return self.canvas.labels("iteration only", now=int(self.iterations[index]))

    def _count(self, index: int) -> str:
        bits = self.pair.masks[0][0].size * (index + 1)
        return self.canvas.labels("own-layer count", equal=int(self.pair.equal[: index + 1].sum()), bits=bits)


def _number(difference: float) -> str:
    return f"{difference:.2g}"


def _device(run: Recording) -> str:
    device = str(run.provenance.get("device", "?"))
    return device.upper() if device in ("cpu", "mps") else device
