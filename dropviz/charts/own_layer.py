"""A dropout layer of one's own beside torch.nn.Dropout: masks bit for bit, and what comes of training with them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import agreed
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.cells import Cells, whole_masks
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.errors import RecordingError
from dropviz.recording import Recording
from dropviz.style.labels import Labels

FRAMES = 30
MEASURES = ("test_accuracy", "test_loss")


class Pair(NamedTuple):
    """Two runs of one seed, and their masks, bool [T, examples, units]."""

    runs: tuple[Recording, Recording]
    masks: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    @property
    def equal(self) -> NDArray[np.int64]:
        """How many bits of each kept minibatch are equal, int [T]."""
        equal: NDArray[np.int64] = (self.masks[0] == self.masks[1]).sum(axis=(1, 2))
        return equal

    def gap(self, measure: str, until: float = np.inf) -> float:
        """The largest difference of a series of the snapshots up to an iteration."""
        one, other = (run.snapshots[measure][run.snapshots["iteration"] <= until] for run in self.runs)
        return float(np.abs(one - other).max(initial=0))

    @property
    def is_equal(self) -> bool:
        """Whether nothing that was recorded differs."""
        return int(self.equal.sum()) == self.masks[0].size and not any(self.gap(each) for each in MEASURES)


class OwnLayerChart(Chart):
    """The masks of one example in each of two arms of the first seed; an orange mark where they differ."""

    experiment = "own-layer"
    together = True
    needs_masks = True

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.pair = _pairs(comparison)[0]
        self.steps, theme, labels = self.pair.runs[0].recorded_iterations, canvas.theme, canvas.labels
        indices = spread(len(self.steps), frames or FRAMES)
        self.timeline = one_by_one(indices, hold)
        self.colors = theme.arm_colors([True, True])
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH) | {theme.faint: 1, theme.plain: 1}
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, 18, "right", weight="bold")
        self.now = "iteration only"
        right = canvas.width_of(labels(self.now, now=int(self.steps[-1])), 18, "bold") + 30
        canvas.header(labels("own-layer title"), facts(comparison.experiment, [self.pair.runs[0].seed], labels), right)
        said = self.sentences
        devices = labels("comma").join(dict.fromkeys(_device(run) for run in self.pair.runs))
        self.answer_lines = AnswerLines(canvas, said, labels("own-layer note", device=devices))
        self.grids = self._make_grids()
        size = canvas.fit(self._count(len(self.steps) - 1), 20, canvas.width - 80, "bold")
        self.count = canvas.moving_text(40, 62, size, weight="bold")
        self.gaps = canvas.moving_text(40, 34, min(size, 17), color=theme.muted)
        self.trail: Sequence[Artist] = ()
        grids = [artist for grid in self.grids for artist in grid.moving]
        self.moving: Sequence[Artist] = [*grids, self.count, self.gaps, self.counter, *self.answer_lines.words]

    def _make_grids(self) -> list[Cells]:
        """One below the name of each arm, side by side, or in a high picture one above the other."""
        canvas, bottom = self.canvas, 96.0
        width, height = canvas.width - 80, canvas.height - 134 - self.answer_lines.height - bottom
        if canvas.height > canvas.width:
            boxes = [Box(40, bottom + height / 2, width, height / 2), Box(40, bottom, width, height / 2 - 12)]
        else:
            boxes = [Box(40 + side * (width + 30) / 2, bottom, (width - 30) / 2, height) for side in (0, 1)]
        grids = []
        for box, run, color in zip(boxes, self.pair.runs, self.colors, strict=True):
            words, size = canvas.fitted(self._head(run), 18, box.width, "bold")
            canvas.text(box.left, box.bottom + box.height - 16, words, size, color=color, weight="bold")
            inner = Box(box.left, box.bottom, box.width, box.height - 28)
            colors = (color, canvas.theme.faint, canvas.theme.plain)
            grids.append(Cells(canvas, inner, self.pair.masks[0].shape[2], colors, size=0.6))
        return grids

    def _head(self, run: Recording) -> str:
        return self.canvas.labels("own-layer head", arm=self.canvas.labels.name(run.arm))

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every cell may change
        """Set both masks to one recorded minibatch, and count up to it."""
        now, labels = int(self.steps[index]), self.canvas.labels
        one, other = (masks[index, EXAMPLE] for masks in self.pair.masks)
        for grid, mask in zip(self.grids, (one, other), strict=True):
            grid.show(mask, ~mask, one != other)
        self.count.set_text(self._count(index))
        accuracy, loss = (_number(self.pair.gap(each, now)) for each in MEASURES)
        self.gaps.set_text(labels("own-layer gaps", accuracy=accuracy, loss=loss))
        self.counter.set_text(labels(self.now, now=now))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def _count(self, index: int) -> str:
        bits = self.pair.masks[0][0].size * (index + 1)
        return self.canvas.labels("own-layer count", equal=int(self.pair.equal[: index + 1].sum()), bits=bits)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """How many bits of all masks are equal, and how far the snapshots are apart, over all seeds."""
        pairs = _pairs(comparison)
        equal, bits = sum(int(pair.equal.sum()) for pair in pairs), sum(pair.masks[0].size for pair in pairs)
        accuracy, loss = (_number(max(pair.gap(each) for pair in pairs)) for each in MEASURES)
        alike = [pair.is_equal for pair in pairs]
        said = {"equal": equal, "bits": bits, "same": sum(alike), "seeds": len(pairs)}
        words = labels("own-layer answer", accuracy=accuracy, loss=loss, **said)
        return [Answer(words, agreed(alike))]


def _pairs(comparison: Comparison) -> list[Pair]:
    """The runs of the first two arms with masks, seed by seed."""
    noisy = [arm for arm in comparison.arms if arm.runs[0].masks]
    if len(noisy) < 2:
        raise RecordingError("no two layers to compare: name recordings of two arms with dropout that kept their masks")
    found = {run.seed: run for run in noisy[1].runs}
    runs = [(run, found[run.seed]) for run in noisy[0].runs if run.seed in found]
    if not runs:
        raise RecordingError(f"arms {noisy[0].name!r} and {noisy[1].name!r} have no seed in common: train them alike")
    pairs = [Pair(each, (whole_masks(each[0]), whole_masks(each[1]))) for each in runs]
    for pair in pairs:
        if not _are_alike(pair):
            names = " and ".join(repr(run.arm) for run in pair.runs)
            raise RecordingError(f"arms {names} kept different minibatches or snapshots: train them alike")
    return pairs


def _are_alike(pair: Pair) -> bool:
    """Whether the same was recorded of both runs, so that it can be compared one by one."""
    one, other = pair.runs
    times = [
        (one.recorded_iterations, other.recorded_iterations),
        (one.snapshots["iteration"], other.snapshots["iteration"]),
    ]
    return pair.masks[0].shape == pair.masks[1].shape and all(np.array_equal(*each) for each in times)


def _number(gap: float) -> str:
    return f"{gap:.2g}"


def _device(run: Recording) -> str:
    device = str(run.provenance.get("device", "?"))
    return device.upper() if device in ("cpu", "mps") else device
