"""Sources of an animation, and the one of a chart of recordings."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from dropviz._util.text import isolate
from dropviz._version import __version__
from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import describe, summarize
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.divergence import with_divergence
from dropviz.charts import find_chart
from dropviz.charts.base.timeline import Timeline
from dropviz.encoders.formats import AnyFormat
from dropviz.errors import RecordingError
from dropviz.rendering.options import HOLD, RenderOptions
from dropviz.style.labels import Labels

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from PIL.Image import Image

    from dropviz.charts.base.chart import Chart
    from dropviz.drawing.pages import Page
    from dropviz.drawing.raster import Frame
    from dropviz.encoders.job import Job
    from dropviz.encoders.palette import Palette

LETTERS_A_SECOND = 20.0  # that are read: 240 words a minute
MAX_READING = 8.0  # seconds


class Drawing(ABC):
    """An animation that is ready to be encoded."""

    def __init__(self, job: "Job", timeline: Timeline) -> None:
        self.job, self.timeline = job, timeline

    @abstractmethod
    def frames(self) -> "Iterable[Frame]":
        """Return the frames; each is drawn when it is read."""

    @abstractmethod
    def pages(self) -> "Iterable[Page]":
        """Return the pages of vectors; each is drawn when it is read."""

    @abstractmethod
    def chart(self) -> "Chart":
        """Return the chart itself."""


class Source(Protocol):
    """Recordings, and what is to be drawn of them."""

    def drawing(self, options: RenderOptions, form: AnyFormat) -> "AbstractContextManager[Drawing]":
        """Return a drawing for a file of the format, to be encoded before the block ends."""

    def last_image(self, options: RenderOptions) -> "Image":
        """Return the last frame."""

    def alt(self, options: RenderOptions) -> str:
        """Return the alternative text, made of recorded values."""

    def description(self, options: RenderOptions) -> str:
        """Return the long description, made of recorded values; "" if the alternative text says all."""


@dataclass(frozen=True, eq=False)
class ChartSource:
    """The chart named `chart` of a comparison. What the recordings answer is computed once for each language.

    Raises RecordingError if the chart cannot be drawn of these recordings.
    """

    comparison: Comparison
    chart: str
    _answers: dict[str, list[Answer]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            find_chart(self.chart).check(self.comparison)
        except RecordingError as error:
            raise with_divergence(error, self.comparison) from None

    @contextmanager
    def drawing(self, options: RenderOptions, form: AnyFormat) -> Iterator[Drawing]:
        """Yield a drawing in matplotlib's default style, whatever the user's is."""
        from dropviz.drawing.raster import default_style
        from dropviz.encoders.job import Job

        with default_style():
            chart = self._build(options, vector=form.is_vector, numbered=form.is_numbered)
            job = Job(
                options.size,
                _palette(chart, options),
                len(chart.timeline.all_durations),
                options.loop,
                provenance(self.comparison, self.chart),
                self.alt(options),
                self.description(options),
            )
            yield ChartDrawing(job, chart)

    def last_image(self, options: RenderOptions) -> "Image":
        """Return the last frame, in the palette of the animation: equal pixels at a fifth of the bytes."""
        from PIL import Image

        from dropviz.drawing.raster import default_style, last_frame

        with default_style():
            chart = self._build(options)
            pixels = last_frame(chart)
            if options.colors.is_transparent:
                return Image.fromarray(pixels)
            palette = _palette(chart, options)
            image = Image.fromarray(palette.indices(pixels.view("<u4")[..., 0]))
        image.putpalette(palette.colors.tobytes())
        return image

    def alt(self, options: RenderOptions) -> str:
        """Return what the picture shows, and its finding."""
        return summarize(
            self.comparison, self.chart, options.labels, self.question(options.labels), self.answers(options.labels)
        )

    def question(self, labels: Labels) -> str:
        """Return the question that the chart answers."""
        return find_chart(self.chart).question(self.comparison, labels)

    def description(self, options: RenderOptions) -> str:
        """Return the arms, the settings, and what the recordings answer."""
        return describe(self.comparison, self.chart, options.labels, self.answers(options.labels))

    def reading(self, labels: Labels) -> float:
        """Return how long the words of the last frame take to read, in seconds."""
        letters = sum(len(answer.headline + answer.evidence) for answer in self.answers(labels)[:1])
        return min(max(HOLD, letters / LETTERS_A_SECOND), MAX_READING)

    def answers(self, labels: Labels) -> list[Answer]:
        """Return what the recordings answer."""
        if labels.language not in self._answers:
            self._answers[labels.language] = find_chart(self.chart).findings(self.comparison, labels)
        return self._answers[labels.language]

    def _build(self, options: RenderOptions, *, vector: bool = False, numbered: bool = False) -> "Chart":
        """Build the chart on a canvas of the size of `options`; for vectors, which have no pixels, of scale 1.

        Pixels begin with a poster, which is one of the frames that `options` allow, if they allow more than two.
        Numbered files have none, and one rate: the program that shows them decides how long the last one stays.
        """
        from dropviz.charts.base.canvas import Canvas, PictureWords

        options.labels.add_fonts_for([*self.comparison.names, options.title, options.credit])
        words = PictureWords(options.title, options.credit, options.header)
        canvas = Canvas(options.size, options.colors, options.labels, words=words)
        canvas = canvas.unscaled() if vector else canvas
        poster = not (vector or numbered) and (options.frames is None or options.frames > 2)
        frames = options.frames - 1 if poster and options.frames is not None else options.frames
        pace = options.pace(self.reading(options.labels), poster=poster, constant=numbered)
        chart = find_chart(self.chart)(self.comparison, canvas, frames, pace, self.answers(options.labels))
        chart.timeline = chart.timeline.with_poster() if poster else chart.timeline
        return chart


class ChartDrawing(Drawing):
    """A chart that is ready to be encoded."""

    def __init__(self, job: "Job", chart: "Chart") -> None:
        super().__init__(job, chart.timeline)
        self._chart = chart

    def frames(self) -> "Iterable[Frame]":
        """Return the frames."""
        from dropviz.drawing.raster import rasterise

        return rasterise(self._chart)

    def pages(self) -> "Iterable[Page]":
        """Return the pages of vectors."""
        from dropviz.drawing.pages import draw_pages

        return draw_pages(self._chart)

    def chart(self) -> "Chart":
        """Return the chart."""
        return self._chart


def _palette(chart: "Chart", options: RenderOptions) -> "Palette":
    from dropviz.encoders.palette import ramp_palette

    return ramp_palette(
        options.colors.background, {ink: min(tones, options.tones) for ink, tones in chart.inks.items()}
    )


def provenance(comparison: Comparison, chart: str = "") -> str:
    """Return what a picture, or a file without a chart, was made from, as a comment for the file."""
    experiment = comparison.experiment
    arms = "; ".join(f"{isolate(arm.name)}: seeds {', '.join(map(str, arm.seeds))}" for arm in comparison.arms)
    source = f"experiment {experiment.name}" if experiment else "a custom training loop"
    versions = sorted(
        {f"torch {run.provenance['torch']}" for arm in comparison.arms for run in arm.runs if "torch" in run.provenance}
    )
    drawn = f"chart {chart}, " if chart else ""
    recorded = f", recorded with {', '.join(versions)}" if versions else ""
    return f"dropviz {__version__}, {drawn}{source} ({arms}){recorded}"
