"""Interface of a chart: a figure that does not change, and artists that do, with a timeline."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer, verdicts
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.divergence import divergence
from dropviz.charts.base.annotations import Annotation, Readings
from dropviz.charts.base.canvas import REACH, SMOOTH, Canvas
from dropviz.charts.base.header import Header
from dropviz.charts.base.timeline import NATURAL, Pace, Timeline
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels


class Chart(ABC):
    """A figure with a timeline.

    A subclass makes its artists once, in `build`, within the box `content`, and sets them to a state in `update`. The
    `trail` is drawn first and is kept where it is `settled`; the `moving` artists are drawn over it and removed again.
    The header is that of all charts: the question, and with the last frame the first answer.

    comparison   recordings to draw
    canvas       figure, theme and labels
    frames       maximum number of frames; None for the chart's own default
    pace         how long frames are shown
    answers      what the recordings answer, where that is computed already; see `answers`

    Raises RecordingError if the recordings cannot be drawn. Classes say:

    key          prefix of the keys of its labels, such as "question KEY"
    experiment   the preset that is drawn where none is named
    together     True if all arms are always drawn, so that `compare` is implied
    needs_masks  True if the recordings must hold masks
    needs_layers True if the recordings must be of chains of linear modules
    probes       names of the probes that the recordings must hold

    Instances have, after `build`:

    timeline     the index that each frame shows, of a snapshot or a recorded iteration
    trail        artists that grow from left to right
    moving       artists that change
    inks         for each colour, the number of tones between it and the background that it is drawn in
    answered     what the recordings answer
    """

    key: ClassVar[str]
    experiment: ClassVar[str] = "digits"
    together: ClassVar[bool] = False
    needs_masks: ClassVar[bool] = False
    needs_layers: ClassVar[bool] = False
    probes: ClassVar[tuple[str, ...]] = ()
    timeline: Timeline
    trail: Sequence[Artist]
    moving: Sequence[Artist]
    inks: Mapping[str, int]

    def __init__(
        self,
        comparison: Comparison,
        canvas: Canvas,
        frames: int | None = None,
        pace: Pace = NATURAL,
        answers: Sequence[Answer] | None = None,
    ) -> None:
        self.comparison, self.canvas, self.figure = comparison, canvas, canvas.figure
        canvas.names[:] = [canvas.labels.name(arm.name) for arm in comparison.arms]
        if answers is None:
            self.check(comparison)
            answers = self.findings(comparison, canvas.labels)
        self.answered = list(answers)
        question = self.question(comparison, canvas.labels)
        self.header = Header(canvas, question, self.answered[0] if self.answered else None, self.settings())
        self.content = self.header.content
        self.build(frames, pace)
        self.moving = [*self.moving, *self.header.moving]
        self.inks = {**self.inks, **dict.fromkeys([canvas.theme.ink, canvas.theme.muted], SMOOTH)}

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the recordings cannot be drawn. No figure is made.

        Charts that need layers call this rule before their own.
        """
        if cls.needs_layers:
            require_layers(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return what the recordings answer; by default, whether networks are more accurate with dropout."""
        return verdicts(comparison, labels)

    @classmethod
    def findings(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the answers; of recordings some of which diverged, which ones instead."""
        return divergence(comparison, labels) or cls.answers(comparison, labels)

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:  # noqa: ARG003  # some charts have several
        """Return the question that the chart answers, up to 60 characters in English."""
        return labels(f"question {cls.key}")

    def settings(self) -> str:
        """Return the settings, for the line at the lower edge."""
        comparison = self.comparison
        return facts(comparison.experiment, comparison.arms[0].seeds, self.canvas.labels, logs=comparison.logs)

    @abstractmethod
    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""

    def show(self, index: int, before: int | None = None) -> None:
        """Set all artists to the state at `index`; the trail, to what is new since the index `before`."""
        self.update(index, before)
        self.header.show(self.counter(index), is_last=index == self.timeline.indices[-1])

    @abstractmethod
    def update(self, index: int, before: int | None = None) -> None:
        """Set the chart's own artists to the state at `index`; the trail, to what is new since the index `before`."""

    def counter(self, index: int) -> str:  # noqa: ARG002  # of no counter
        """Return the words below the question at `index`, such as the iteration."""
        return ""

    def front(self, index: int) -> float:  # noqa: ARG002  # of no trail
        """Return how far the trail has come at `index`, in pixels from the left."""
        return 0.0

    def settled(self, index: int) -> int:
        """Return how many columns of pixels, from the left, the trail no longer changes after `index`."""
        return max(int(self.front(index) - REACH * self.canvas.scale), 0)

    def annotations(self) -> Mapping[str, Annotation]:
        """Return the annotations of the parts that artists name, by name."""
        return {}

    def readings(self) -> Readings | None:
        """Return the values of lines at each snapshot; None for a chart without lines along an axis."""
        return None


def require_layers(comparison: Comparison) -> None:
    """Raise RecordingError if a recording holds no layers: its model is no chain, or examples share a mask of units."""
    other = next((run for arm in comparison.arms for run in arm.runs if not run.layers), None)
    if other is None:
        return
    if not other.sites:
        raise RecordingError(
            f"{other.arm!r} holds neither layers nor masks: draw its metrics, with the chart 'metrics'"
        )
    is_shared = any(site.kind == "units" and not site.has_examples for site in other.sites)
    reason = "has a mask that all examples share" if is_shared else "is no chain of linear modules"
    raise RecordingError(f"{other.arm!r} {reason}: draw it with the chart 'sites'")
