"""Source of an animation that a plot function of the user's own draws."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dropviz._util.text import isolate
from dropviz._version import __version__
from dropviz.analysis.answers import verdicts
from dropviz.analysis.captions import describe
from dropviz.analysis.comparison import Comparison, gather
from dropviz.analysis.divergence import divergence
from dropviz.encoders.formats import AnyFormat
from dropviz.errors import RecordingError, UsageError
from dropviz.recording import Recording
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.source import Drawing, provenance

if TYPE_CHECKING:
    from PIL.Image import Image

    from dropviz.charts.base.chart import Chart
    from dropviz.drawing.pages import Page
    from dropviz.drawing.raster import Frame
    from dropviz.encoders.job import Job
    from dropviz.rendering.plots import Plot, PlotFrames


@dataclass(frozen=True, eq=False)
class PlotSource:
    """A plot function of the user's own.

    natural_size  size of its figure in pixels, if that is to be kept
    """

    recordings: Sequence[Recording]
    plot: "Plot"
    natural_size: tuple[int, int] | None = None

    def in_natural_size(self, options: RenderOptions) -> "tuple[PlotSource, RenderOptions]":
        """Return this source and the options in the size of the figure that the function draws."""
        from dropviz.rendering.plots import PlotFrames

        options = PlotFrames(self.plot, self.recordings, options, None).natural_options
        return replace(self, natural_size=options.size), options

    @contextmanager
    def drawing(self, options: RenderOptions, form: AnyFormat) -> Iterator[Drawing]:
        """Yield a drawing in the user's own style of pyplot."""
        from dropviz.encoders.job import Job

        frames = self._frames(options, form.is_numbered)
        texts = self._provenance(frames.name), self.alt(options), self.description(options)
        yield PlotDrawing(Job(options.size, frames.palette, len(frames.timeline), options.loop, *texts), frames)

    def last_image(self, options: RenderOptions) -> "Image":
        """Return the last frame, in RGB."""
        return self._frames(options).last_image()

    def alt(self, options: RenderOptions) -> str:
        """Return the names of the arms."""
        return options.labels("alt plot", arms=", ".join(self._arms()))

    def description(self, options: RenderOptions) -> str:
        """Return the text of a chart where the recordings can be compared; else nothing."""
        comparison = self._comparison()
        if comparison is not None:
            answers = divergence(comparison, options.labels) or verdicts(comparison, options.labels)
            return describe(comparison, "plot", options.labels, answers)
        return ""

    def _frames(self, options: RenderOptions, is_numbered: bool = False) -> "PlotFrames":
        from dropviz.rendering.plots import PlotFrames

        size = None if options.size == self.natural_size else options.size
        return PlotFrames(self.plot, self.recordings, options, size, is_numbered)

    def _provenance(self, name: str) -> str:
        comparison = self._comparison()
        if comparison is not None:
            return provenance(comparison, name)
        return f"dropviz {__version__}, chart {name}, {len(self.recordings)} recordings ({', '.join(self._arms())})"

    def _comparison(self) -> Comparison | None:
        """Return the recordings as a comparison; None if no chart could compare them."""
        try:
            return gather(self.recordings)
        except RecordingError:
            return None

    def _arms(self) -> list[str]:
        return list(dict.fromkeys(isolate(recording.arm) for recording in self.recordings))


class PlotDrawing(Drawing):
    """Frames of a plot function that are ready to be encoded."""

    def __init__(self, job: "Job", frames: "PlotFrames") -> None:
        super().__init__(job, frames.timeline)
        self._frames = frames

    def frames(self) -> "Iterable[Frame]":
        """Return the frames."""
        return self._frames

    def pages(self) -> "Iterable[Page]":
        """Raise UsageError: a plot function draws pixels."""
        raise no_vectors()

    def chart(self) -> "Chart":
        """Raise UsageError: a plot function draws pixels."""
        raise no_vectors()


def no_vectors() -> UsageError:
    """Return the error for a plot function in a format of vectors."""
    return UsageError("a plot of your own is a series of images: choose a format of images, such as .gif")
