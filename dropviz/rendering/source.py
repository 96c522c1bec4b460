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
from dropviz.recording.recording import Recording
from dropviz.rendering.options import Look

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

    def drawing(self, look: Look, form: Format) -> "AbstractContextManager[Drawing]":
        """Make a drawing for a file of the format; it is to be written before the block ends."""

    def last_image(self, look: Look) -> "Image":
        """The last moment."""

    def alt(self, look: Look) -> str:
        """What it shows, in words, for those who do not see it: made of recorded figures."""


@dataclass(frozen=True, eq=False)
class ChartSource:
    """A chart of a comparison."""

    comparison: Comparison
    chart: str

    @contextmanager
    def drawing(self, look: Look, form: Format) -> Iterator[Drawing]:
        """Draw with matplotlib's own defaults, whatever the user's are."""
        from dropviz.drawing.raster import default_style
        from dropviz.encoders.job import Job

        hold = 0 if form.numbered else look.hold  # one rate for all: whoever shows the files decides how long they stay
        with default_style():
            drawn = self._make(look, hold, vector=form.takes != "frames")
            made_from = provenance(self.comparison, self.chart)
            job = Job(look.size, _palette(drawn, look), len(drawn.timeline), look.loop, made_from, self.alt(look))
            yield Drawing(job, drawn.timeline, _content(drawn, form))

    def last_image(self, look: Look) -> "Image":
        """In the palette of the animation: the same picture, at a fifth of the bytes."""
        from PIL import Image

        from dropviz.drawing.raster import default_style, last_frame

        with default_style():
            drawn = self._make(look, look.hold)
            pixels = last_frame(drawn)
            if look.colors.see_through:
                return Image.fromarray(pixels)
            palette = _palette(drawn, look)
            image = Image.fromarray(palette.indices(pixels.view("<u4")[..., 0]))
        image.putpalette(palette.colors.tobytes())
        return image

    def alt(self, look: Look) -> str:
        """The arms, the settings, and what came of them."""
        answers = find_chart(self.chart).answers(self.comparison, look.labels)
        return describe(self.comparison, self.chart, look.labels, answers)

    def _make(self, look: Look, hold: float, *, vector: bool = False) -> "Chart":
        """The chart on a stage of the look's size; vectors have no pixels, and stand on one of scale 1."""
        from dropviz.charts.base.canvas import Stage

        look.labels.check(self.comparison.names)
        stage = Stage(look.size, look.colors, look.labels)
        drawn: Chart = find_chart(self.chart)(self.comparison, stage.unscaled() if vector else stage, look.frames, hold)
        return drawn


def _content(drawn: "Chart", form: Format) -> Any:
    from dropviz.drawing.raster import rasterise

    if form.takes == "frames":
        return rasterise(drawn)
    if form.takes == "pages":
        from dropviz.drawing.pages import draw_pages

        return draw_pages(drawn)
    return drawn


def _palette(drawn: "Chart", look: Look) -> "Palette":
    from dropviz.encoders.palette import ramps

    return ramps(look.colors.background, {ink: min(tones, look.tones) for ink, tones in drawn.inks.items()})


@dataclass(frozen=True, eq=False)
class PlotSource:
    """A function of the user's own; `natural` is the size of its figure in pixels, if that is to be kept."""

    recordings: Sequence[Recording]
    plot: "Plot"
    natural: tuple[int, int] | None = None

    def in_own_size(self, look: Look) -> "tuple[PlotSource, Look]":
        """The same in the size that the function draws in."""
        from dropviz.rendering.plots import PlotFrames

        look = PlotFrames(self.plot, self.recordings, look, None).own_look
        return replace(self, natural=look.size), look

    @contextmanager
    def drawing(self, look: Look, form: Format) -> Iterator[Drawing]:
        """Draw frame after frame with pyplot, in the user's own style."""
        from dropviz.encoders.job import Job

        frames = self._frames(replace(look, hold=0.0) if form.numbered else look)
        job = Job(
            look.size, frames.palette, len(frames.timeline), look.loop, self._made_from(frames.name), self.alt(look)
        )
        yield Drawing(job, frames.timeline, frames)

    def last_image(self, look: Look) -> "Image":
        """The last frame, in RGB."""
        return self._frames(look).last_image()

    def alt(self, look: Look) -> str:
        """As of a chart, where the recordings could be compared; else the names of the arms."""
        comparison = self._comparison()
        if comparison is not None:
            return describe(comparison, "plot", look.labels, verdicts(comparison, look.labels))
        return look.labels("alt plot", arms=", ".join(self._arms()))

    def _frames(self, look: Look) -> "PlotFrames":
        from dropviz.rendering.plots import PlotFrames

        return PlotFrames(self.plot, self.recordings, look, None if look.size == self.natural else look.size)

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
