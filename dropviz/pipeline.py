"""The pipeline in one place: recordings -> chart -> frames -> encoder -> file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dropviz.animation import Animation, Source
from dropviz.captions import describe
from dropviz.charts import find_chart
from dropviz.comparison import Comparison, gather
from dropviz.encoders import ENCODERS, check_suffix
from dropviz.errors import RecordingError, UsageError
from dropviz.files import replace_whole
from dropviz.look import HOLD, SIZE, Look
from dropviz.recording import Recording

if TYPE_CHECKING:
    from PIL.Image import Image

    from dropviz.encoders.job import Job
    from dropviz.plots import Plot
    from dropviz.raster import Frame

Tick = Callable[[int, int], None]


def animate(
    recordings: Sequence[Recording] | Recording,
    chart: str | None = None,
    compare: bool = False,
    out: str | Path | None = None,
    size: tuple[int, int] | None = None,
    frames: int | None = None,
    theme: str = "light",
    lang: str = "en",
    loop: int = 0,
    hold: float = HOLD,
    tick: Tick = lambda _done, _total: None,
    plot: "Plot | None" = None,
) -> Animation:
    """Draw `recordings` as an animation in the file `out`, which is replaced whole or not at all.

    chart    `accuracy` if not given
    compare  draw all arms together; without it the recordings must be of one arm
    out      its suffix says the format; `out/<chart>.gif` if not given
    size     width and height in pixels, each from 160 to 8,192; 1280x720, or a plot's own, if not given
    frames   how many moments are drawn at most; the chart's own default if not given
    loop     number of plays, 0 for ever
    hold     seconds that the last frame stays longer
    tick     told of each frame done: 1, and how many there are
    plot     instead of a chart, a function of your own: `plot(recordings, frame)` draws with pyplot, or is decorated
             with `@gif.frame`; it gets the list of recordings, and the number of a snapshot, counted from 1

    Raises a DropvizError, before the file is begun, if an argument or the recordings cannot be used, and PlotError,
    which names function and frame, if a plot of your own fails.
    """
    path = Path(out) if out is not None else Path("out") / default_name(chart, compare, plot)
    check_suffix(path)
    look = Look(size or SIZE, frames, theme, lang, loop, hold)
    if plot is None:
        return render(pick(recordings, compare), chart or "accuracy", look, path, tick)
    check_plot(chart, look)
    if compare:
        pick(recordings, compare)
    runs = [recordings] if isinstance(recordings, Recording) else list(recordings)
    return render_plot(runs, plot, look, size, path, tick)


def render(
    comparison: Comparison, chart: str, look: Look, path: Path, tick: Tick = lambda _done, _total: None
) -> Animation:
    """Draw a chart of `comparison` into the file `path`."""
    make_chart = find_chart(chart)

    from dropviz.charts.stage import Stage
    from dropviz.encoders.job import Job
    from dropviz.encoders.palette import ramps
    from dropviz.raster import default_style, rasterise

    alt = describe(comparison, chart, look.labels)
    with default_style():
        drawn = make_chart(comparison, Stage(look.size, look.colors, look.labels), look.frames, look.hold)
        palette = ramps(look.colors.background, drawn.inks)
        job = Job(look.size, palette, len(drawn.timeline), look.loop, provenance(comparison, chart), alt)
        return _write(path, rasterise(drawn), job, tick, _OfChart(comparison, chart, look))


def render_plot(
    recordings: Sequence[Recording],
    plot: "Plot",
    look: Look,
    size: tuple[int, int] | None,
    path: Path,
    tick: Tick = lambda _done, _total: None,
) -> Animation:
    """Draw what the function `plot` makes of `recordings` into the file `path`; `size` None: as large as its figure."""
    from dropviz.encoders.job import Job
    from dropviz.plots import PlotFrames

    frames = PlotFrames(plot, recordings, look, size)
    alt, comment = _words_of_plot(recordings, frames.name, look)
    look = frames.own_look
    job = Job(look.size, frames.palette, len(frames.timeline), look.loop, comment, alt)
    return _write(path, frames, job, tick, _OfPlot(recordings, plot, look, size))


def _write(path: Path, frames: "Iterable[Frame]", job: "Job", tick: Tick, source: Source) -> Animation:
    """Give frames to the encoder of the file's suffix."""
    write = ENCODERS[path.suffix.lower()].load()
    with replace_whole(path) as file:
        written = write(file, _ticking(frames, tick, job.frames), job)
    return Animation(path, written.frames, written.duration / 100, written.bytes, job.alt, _source=source)


@dataclass(frozen=True, eq=False)
class _OfChart:
    """An animation's source: a chart."""

    comparison: Comparison
    chart: str
    look: Look

    def draw(self, path: Path) -> Animation:
        return render(self.comparison, self.chart, self.look, path)

    def last_image(self) -> "Image":
        return last_image(self.comparison, self.chart, self.look)


@dataclass(frozen=True, eq=False)
class _OfPlot:
    """An animation's source: a plot function of the user's own. The look has the size that its frames came out in."""

    recordings: Sequence[Recording]
    plot: "Plot"
    look: Look
    size: tuple[int, int] | None

    def draw(self, path: Path) -> Animation:
        return render_plot(self.recordings, self.plot, self.look, self.size, path)

    def last_image(self) -> "Image":
        from dropviz.plots import PlotFrames

        return PlotFrames(self.plot, self.recordings, self.look, self.size).last_image()


def last_image(comparison: Comparison, chart: str, look: Look) -> "Image":
    """The last moment of a chart, in RGB."""
    make_chart = find_chart(chart)

    from PIL import Image

    from dropviz.charts.stage import Stage
    from dropviz.raster import default_style, last_frame

    with default_style():
        drawn = make_chart(comparison, Stage(look.size, look.colors, look.labels), look.frames, look.hold)
        return Image.fromarray(last_frame(drawn)).convert("RGB")


def draw_still(comparison: Comparison, chart: str, look: Look, path: Path) -> Path:
    """Draw the last moment of a chart as a PNG into the file `path`."""
    image = last_image(comparison, chart, look)
    with replace_whole(path) as file:
        image.save(file, "PNG", optimize=True)
    return path


def check_plot(chart: str | None, look: Look) -> None:
    """UsageError if something is asked of a plot function that only the charts can do."""
    if chart is not None:
        raise UsageError(f"chart {chart!r} and a plot of your own: name one of them")
    if (look.theme, look.lang) != (Look.theme, Look.lang):
        raise UsageError("theme and lang do not reach a plot of your own: set colours and words in its function")


def _words_of_plot(recordings: Sequence[Recording], name: str, look: Look) -> tuple[str, str]:
    """Alt text and comment of a plot; of recordings that no chart could compare, only the arms are named."""
    if not recordings:
        raise RecordingError("no recordings to draw")
    try:
        comparison = gather(recordings)
    except RecordingError:
        from dropviz import __version__

        arms = ", ".join(dict.fromkeys(recording.arm for recording in recordings))
        comment = f"dropviz {__version__}, chart {name}, {len(recordings)} recordings ({arms})"
        return look.labels("alt plot", arms=arms), comment
    return describe(comparison, "plot", look.labels), provenance(comparison, name)


def pick(recordings: Sequence[Recording] | Recording, compare: bool) -> Comparison:
    """The arms to draw: with `compare` all of them; without, the only one."""
    comparison = gather([recordings] if isinstance(recordings, Recording) else recordings)
    names = ", ".join(repr(arm.name) for arm in comparison.arms)
    if compare and len(comparison.arms) < 2:
        raise RecordingError(f"nothing to compare: all recordings are of arm {names}")
    if not compare and len(comparison.arms) > 1:
        raise RecordingError(
            f"the recordings are of the arms {names}: draw them together with --compare, or name those of one"
        )
    return comparison


def default_name(chart: str | None, compare: bool, plot: "Plot | None" = None) -> str:
    """The file name of an animation that was given none."""
    if plot is not None:
        return f"{getattr(plot, '__name__', 'plot').strip('<>')}.gif"  # a lambda's name is <lambda>
    return f"{chart or 'accuracy'}-compare.gif" if compare else f"{chart or 'accuracy'}.gif"


def provenance(comparison: Comparison, chart: str) -> str:
    """What a picture was made from, as a comment in the file."""
    from dropviz import __version__

    experiment = comparison.experiment
    arms = "; ".join(f"{arm.name}: seeds {', '.join(map(str, arm.seeds))}" for arm in comparison.arms)
    source = f"experiment {experiment.name}" if experiment else "a training loop of its own"
    made = sorted(
        {f"torch {run.provenance['torch']}" for arm in comparison.arms for run in arm.runs if "torch" in run.provenance}
    )
    return (
        f"dropviz {__version__}, chart {chart}, {source} ({arms}){', recorded with ' if made else ''}{', '.join(made)}"
    )


def _ticking(frames: "Iterable[Frame]", tick: Tick, total: int) -> "Iterator[Frame]":
    for frame in frames:
        yield frame
        tick(1, total)
