"""What is drawn: a chart of recordings, or a plot of one's own. Either becomes a drawing, which an encoder writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from dropviz.analysis.captions import describe, verdicts
from dropviz.analysis.comparison import Comparison, gather
from dropviz.charts import find_chart
from dropviz.charts.base.timeline import Timeline
from dropviz.encoders import Format
from dropviz.errors import RecordingError
from dropviz.recording import Recording
from dropviz.rendering.options import RenderOptions

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from PIL.Image import Image

    from dropviz.charts.base.chart import Chart
    from dropviz.encoders.job import Job
    from dropviz.encoders.palette import Palette
    from dropviz.rendering.plots import Plot, PlotFrames


@dataclass(frozen=True, eq=False)
class Drawing:
    """Ready to be written: `content` is what the format takes, a stream that is drawn as it is read, or a chart."""

    job: "Job"
    timeline: Timeline
    content: Any


class Source(Protocol):
    """Recordings, and what is to be drawn of them."""

    def drawing(self, options: RenderOptions, form: Format) -> "AbstractContextManager[Drawing]":
        """Make a drawing for a file of the format; it is to be written before the block ends."""

    def last_image(self, options: RenderOptions) -> "Image":
        """The last moment."""

    def alt(self, options: RenderOptions) -> str:
        """What it shows, in words, for those who do not see it: made of recorded figures."""


@dataclass(frozen=True, eq=False)
class ChartSource:
    """A chart of a comparison."""

    comparison: Comparison
    chart: str

    @contextmanager
    def drawing(self, options: RenderOptions, form: Format) -> Iterator[Drawing]:
        """Draw with matplotlib's own defaults, whatever the user's are."""
        from dropviz.drawing.raster import default_style
        from dropviz.encoders.job import Job

        hold = (
            0 if form.numbered else options.hold
        )  # one rate for all: whoever shows the files decides how long they stay
        with default_style():
            drawn = self._make(options, hold, vector=form.takes != "frames")
            made_from = provenance(self.comparison, self.chart)
            job = Job(
                options.size, _palette(drawn, options), len(drawn.timeline), options.loop, made_from, self.alt(options)
            )
            yield Drawing(job, drawn.timeline, _content(drawn, form))

    def last_image(self, options: RenderOptions) -> "Image":
        """In the palette of the animation: the same picture, at a fifth of the bytes."""
        from PIL import Image

        from dropviz.drawing.raster import default_style, last_frame

        with default_style():
            drawn = self._make(options, options.hold)
            pixels = last_frame(drawn)
            if options.colors.is_transparent:
                return Image.fromarray(pixels)
            palette = _palette(drawn, options)
            image = Image.fromarray(palette.indices(pixels.view("<u4")[..., 0]))
        image.putpalette(palette.colors.tobytes())
        return image

    def alt(self, options: RenderOptions) -> str:
        """The arms, the settings, and what came of them."""
        answers = find_chart(self.chart).answers(self.comparison, options.labels)
        return describe(self.comparison, self.chart, options.labels, answers)

    def _make(self, options: RenderOptions, hold: float, *, vector: bool = False) -> "Chart":
        """The chart on a stage of the look's size; vectors have no pixels, and stand on one of scale 1."""
        from dropviz.charts.base.canvas import Canvas

        options.labels.add_fonts_for(self.comparison.names)
        canvas = Canvas(options.size, options.colors, options.labels)
        drawn: Chart = find_chart(self.chart)(
            self.comparison, canvas.unscaled() if vector else canvas, options.frames, hold
        )
        return drawn


def _content(drawn: "Chart", form: Format) -> Any:
    from dropviz.drawing.raster import rasterise

    if form.takes == "frames":
        return rasterise(drawn)
    if form.takes == "pages":
        from dropviz.drawing.pages import draw_pages

        return draw_pages(drawn)
    return drawn


def _palette(drawn: "Chart", options: RenderOptions) -> "Palette":
    from dropviz.encoders.palette import ramp_palette

    inks = {ink: min(tones, options.tones) for ink, tones in drawn.inks.items()}
    return ramp_palette(options.colors.background, inks)


@dataclass(frozen=True, eq=False)
class PlotSource:
    """A function of the user's own; `natural` is the size of its figure in pixels, if that is to be kept."""

    recordings: Sequence[Recording]
    plot: "Plot"
    natural: tuple[int, int] | None = None

    def in_own_size(self, options: RenderOptions) -> "tuple[PlotSource, RenderOptions]":
        """The same in the size that the function draws in."""
        from dropviz.rendering.plots import PlotFrames

        options = PlotFrames(self.plot, self.recordings, options, None).own_look
        return replace(self, natural=options.size), options

    @contextmanager
    def drawing(self, options: RenderOptions, form: Format) -> Iterator[Drawing]:
        """Draw frame after frame with pyplot, in the user's own style."""
        from dropviz.encoders.job import Job

        frames = self._frames(replace(options, hold=0.0) if form.numbered else options)
        job = Job(
            options.size,
            frames.palette,
            len(frames.timeline),
            options.loop,
            self._made_from(frames.name),
            self.alt(options),
        )
        yield Drawing(job, frames.timeline, frames)

    def last_image(self, options: RenderOptions) -> "Image":
        """The last frame, in RGB."""
        return self._frames(options).last_image()

    def alt(self, options: RenderOptions) -> str:
        """As of a chart, where the recordings could be compared; else the names of the arms."""
        comparison = self._comparison()
        if comparison is not None:
            return describe(comparison, "plot", options.labels, verdicts(comparison, options.labels))
        return options.labels("alt plot", arms=", ".join(self._arms()))

    def _frames(self, options: RenderOptions) -> "PlotFrames":
        from dropviz.rendering.plots import PlotFrames

        return PlotFrames(self.plot, self.recordings, options, None if options.size == self.natural else options.size)

    def _made_from(self, name: str) -> str:
        comparison = self._comparison()
        if comparison is not None:
            return provenance(comparison, name)
        return f"{_version()}, chart {name}, {len(self.recordings)} recordings ({', '.join(self._arms())})"

    def _comparison(self) -> Comparison | None:
        """None for recordings that no chart could compare."""
        try:
            return gather(self.recordings)
        except RecordingError:
            return None

    def _arms(self) -> list[str]:
        return list(dict.fromkeys(recording.arm for recording in self.recordings))


def provenance(comparison: Comparison, chart: str = "") -> str:
    """What a picture, or a file without a chart, was made from, as a comment in the file."""
    experiment = comparison.experiment
    arms = "; ".join(f"{arm.name}: seeds {', '.join(map(str, arm.seeds))}" for arm in comparison.arms)
    source = f"experiment {experiment.name}" if experiment else "a training loop of its own"
    made = sorted(
        {f"torch {run.provenance['torch']}" for arm in comparison.arms for run in arm.runs if "torch" in run.provenance}
    )
    drawn = f"chart {chart}, " if chart else ""
    return f"{_version()}, {drawn}{source} ({arms}){', recorded with ' if made else ''}{', '.join(made)}"


def _version() -> str:
    from dropviz._version import __version__

    return f"dropviz {__version__}"
