"""What every chart is: a figure that does not change, with a timeline of what does."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from dropviz.analysis.captions import Answer, verdicts
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.canvas import REACH, Canvas
from dropviz.charts.base.notes import Note, Readings
from dropviz.charts.base.timeline import Timeline
from dropviz.style.labels import Labels


class Chart(Protocol):
    """A figure that does not change, with a timeline of what does.

    `show` sets the artists to a moment. The `trail` is drawn first, and stays where it is `settled`; the `moving`
    artists are drawn over it, and taken off again. `inks` are the colours drawn with, and how many tones of each there
    are between it and the background. What has a value or a body here need not be written by a chart that has nothing
    of the kind.

    experiment   the preset that it is drawn of where none is named
    together     it is always of all arms: --compare is implied
    needs_masks  the recordings must hold masks
    probes       names of the probes, the further measurements, that the recordings must hold
    """

    experiment: ClassVar[str] = "digits"
    together: ClassVar[bool] = False
    needs_masks: ClassVar[bool] = False
    probes: ClassVar[tuple[str, ...]] = ()
    canvas: Canvas
    figure: Figure
    timeline: Timeline
    trail: Sequence[Artist]
    moving: Sequence[Artist]
    inks: Mapping[str, int]

    def __init__(self, comparison: Comparison, canvas: Canvas, frames: int | None, hold: float) -> None: ...

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """What the recordings answer; if nothing else, whether networks are more accurate with dropout."""
        return verdicts(comparison, labels)

    def show(self, index: int, before: int | None = None) -> None:
        """Set the artists to the state at `moment`; the trail, to what is new since the moment `before`."""

    def front(self, index: int) -> float:  # noqa: ARG002  # of no trail
        """How far, in pixels from the left, the trail has come at `moment`."""
        return 0.0

    def settled(self, index: int) -> int:
        """How many columns of pixels, from the left, the trail will never change again after `moment`."""
        return max(int(self.front(index) - REACH * self.canvas.scale), 0)

    def notes(self) -> Mapping[str, Note]:
        """What there is to say of the parts that marks name, by name."""
        return {}

    def readings(self) -> Readings | None:
        """What lines say at each snapshot, where there are lines along an axis."""
        return None
