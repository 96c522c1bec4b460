"""The way from recordings to a file: request -> source -> drawing -> encoder -> Animation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dropviz._util.deprecation import accept_old_arguments
from dropviz._util.files import replace_numbered, replace_whole
from dropviz._util.numbering import beside
from dropviz._util.progress import ProgressCallback
from dropviz.encoders import GIF, find_format
from dropviz.encoders.formats import AnyFormat, FrameFormat, NumberedFrameFormat, NumberedPageFormat
from dropviz.flashing import FlashMeter, cannot_flash
from dropviz.recording import Recording
from dropviz.rendering.animation import Animation, write_still
from dropviz.rendering.monitor import Monitor, no_progress
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.plot_source import PlotSource, no_vectors
from dropviz.rendering.request import check_format, default_chart, experiment_name, request_animation
from dropviz.rendering.size_budget import Budget, fit
from dropviz.rendering.source import ChartSource, Drawing, Source
from dropviz.rendering.targets import Output

if TYPE_CHECKING:
    from PIL.Image import Image

    from dropviz.encoders.job import Written
    from dropviz.rendering.plots import Plot


@accept_old_arguments(
    *("compare", "out", "size", "frames", "theme", "large", "lang", "loop", "hold", "tick"),
    *("target", "max_size", "still", "alt_file", "plot", "allow_flashing"),
    tick="callback",
)
def animate(
    recordings: Sequence[Recording] | Recording,
    chart: str | None = None,
    *,
    compare: bool = False,
    out: str | Path | None = None,
    size: tuple[int, int] | None = None,
    frames: int | None = None,
    theme: str | None = None,
    large: bool | None = None,
    lang: str | None = None,
    loop: int | None = None,
    hold: float | None = None,
    seconds: float | None = None,
    title: str | None = None,
    credit: str | None = None,
    header: bool | None = None,
    target: str | None = None,
    max_size: str | int | None = None,
    still: bool | None = None,
    alt_file: bool | None = None,
    plot: "Plot | None" = None,
    allow_flashing: bool = False,
    callback: ProgressCallback | None = None,
) -> Animation:
    """Draw recordings as an animation in the file `out`, which is replaced whole or not at all.

    recordings      one or more recordings, of one arm unless `compare` is true
    chart           name of a chart, see `dropviz.list_charts`; if not given, "accuracy", or "sites" of models that are
                    no chain of linear modules
    compare         draw all arms together; some charts always do
    out             path, whose suffix selects the format; if not given, `out/<chart>.gif`, where the name
                    also has an experiment that is not the chart's own, "compare", and a theme other than light
    size            width and height in pixels, each from 160 to 8,192; 1280x720 if not given, or a plot's own
    frames          maximum number of frames; the chart's own default if not given
    theme           name of a theme, or path of a TOML file; "light" if not given
    large           larger type, for the last row of a room
    lang            language of labels, "en" or "zh"; "en" if not given
    loop            number of plays, 0 for ever; 0 if not given
    hold            seconds that the last frame stays longer; the time that its words take to read if not given
    seconds         duration of one play, from 3 to 600, hold and poster included: frames are shown for less time, and
                    fewer where they could not be followed; the chart's own if not given
    title           replaces the question and the answer of a chart, up to 60 letters
    credit          words at the lower right edge, up to 60 letters
    header          False for a picture without headline, evidence and settings
    target          name of a place for the picture, such as "github": decides what is not given, and `max_size`
    max_size        maximum size in bytes, or as text like "10MB": frames, then pixels, then tones are reduced until the
                    file fits, see `Animation.fit`
    still           write the last frame beside it, as `…-still.png`
    alt_file        write the alternative text and the long description beside it, as `….txt`
    plot            function to draw with instead of a chart: `plot(recordings, frame)` draws with pyplot, or is
                    decorated with `@gif.frame`; it gets the list of recordings and the number of a snapshot, from 1
    allow_flashing  write the animation even if it flashes in a way that can cause seizures (WCAG 2.2, 2.3.1)
    callback        called after each frame with 1 and the total number of frames

    Raises a DropvizError before the file is begun if an argument or the recordings cannot be used. Raises OutputError
    if nothing fits `max_size`, PlotError if a plot function fails, and FlashError if the animation flashes; an old file
    is then left as it was.

    >>> import dropviz
    >>> recording = dropviz.load("assets/sample-dropout-0.5.npz")
    >>> animation = dropviz.animate(recording, "network", frames=3, size=(640, 360), out="out/network.gif")
    >>> animation.frames, animation.path.name
    (3, 'network.gif')
    """
    chosen = {"size": size, "frames": frames, "theme": theme, "lang": lang, "loop": loop, "hold": hold, "large": large}
    chosen |= {"seconds": seconds, "title": title, "credit": credit, "header": header}
    if chart is None and plot is None:
        chart = default_chart(recordings, compare=compare)
    request = request_animation(
        chart,
        plot,
        compare=compare,
        experiment=experiment_name(recordings),
        target=target,
        out=out,
        max_size=max_size,
        still=still,
        alt_file=alt_file,
        allow_flashing=allow_flashing,
        **chosen,
    )
    return write(request.output, request.source(recordings), callback or no_progress)


def write(output: Output, source: Source, callback: ProgressCallback = no_progress) -> Animation:
    """Write the animation, and the files beside it."""
    options = output.options
    if isinstance(source, PlotSource) and not output.has_size:
        source, options = source.in_natural_size(options)
    report = (lambda done, total: callback(done, 2 * total)) if output.dark else callback
    animation, options = _render(output, source, options, output.path, report)
    companions = []
    if output.dark:
        path = output.path.with_name(f"{output.path.stem.removesuffix('-light')}-dark{output.path.suffix}")
        _render(output, source, replace(options, theme="dark"), path, report)
        companions.append(path)
    if output.still:
        companions.append(draw_still(source, options, beside(output.path, "-still.png")))
    if output.alt:
        companions.append(beside(output.path, ".txt"))
        with replace_whole(companions[-1]) as file:
            texts = (animation.alt, animation.description)
            file.write("\n\n".join(text for text in texts if text).encode(errors="replace") + b"\n")
    return replace(animation, beside=tuple(companions))


def _render(
    output: Output, source: Source, options: RenderOptions, path: Path, callback: ProgressCallback
) -> tuple[Animation, RenderOptions]:
    """Write the animation to `path`, within the limit if there is one; return it with the options drawn with."""
    if output.max_bytes is None:
        return render(source, options, path, callback), options
    return render_within(output.max_bytes, source, options, path, callback)


def render_within(
    max_bytes: int, source: Source, options: RenderOptions, path: Path, callback: ProgressCallback = no_progress
) -> tuple[Animation, RenderOptions]:
    """Write the best animation of at most `max_bytes`; return it with the options that it was drawn with."""
    drawn = 0

    def attempt(options: RenderOptions, budget: Budget) -> Animation:
        before = drawn
        return render(source, options, path, lambda done, total: count(done, before + total), budget)

    def count(done: int, total: int) -> None:
        nonlocal drawn
        drawn += done
        callback(done, total)

    # Vectors have no pixels, and tones are those of a chart's palette.
    pixels = not find_format(path).is_vector
    tones = pixels and isinstance(source, ChartSource) and not options.colors.is_transparent
    fitted = fit(options, max_bytes, attempt, pixels=pixels, tones=tones)
    return replace(fitted.made, fit=fitted.words), fitted.options


def render(
    source: Source,
    options: RenderOptions,
    path: Path,
    callback: ProgressCallback = no_progress,
    budget: Budget | None = None,
) -> Animation:
    """Write an animation to `path`; raise TooLarge, with nothing written, if it exceeds a `budget`."""
    form = find_format(path)
    with source.drawing(options, form) as drawing:
        calm = cannot_flash([duration // form.speedup for duration in drawing.timeline.all_durations])
        meter = FlashMeter(options.loop, skip=calm)
        if form.is_vector and not calm:
            _measure_flashes(source, options, meter, form.speedup)
        monitor = Monitor(drawing.job.frames, meter, callback, budget, options.allow_flashing)
        written = _encode(form, path, drawing, monitor)
    seconds, origin = written.duration / 100, _Origin(source, options)
    job, flash = drawing.job, meter.result()
    return Animation(
        path,
        written.frames,
        seconds,
        written.bytes,
        job.alt,
        flash=flash,
        description=job.description,
        _source=origin,
    )


def _encode(form: AnyFormat, path: Path, drawing: Drawing, monitor: Monitor) -> "Written":
    """Give the drawing to the encoder of a format; the file is kept if the monitor accepts it."""
    job = drawing.job
    if isinstance(form, NumberedFrameFormat):
        with replace_numbered(path) as place:
            return monitor.accept(form.load()(place, monitor.frames(drawing.frames()), job), path)
    if isinstance(form, NumberedPageFormat):
        with replace_numbered(path) as place:
            return monitor.accept(form.load()(place, monitor.progress(drawing.pages()), job), path)
    with replace_whole(path) as file:
        if isinstance(form, FrameFormat):
            return monitor.accept(form.load()(file, monitor.frames(drawing.frames(), file.tell), job), path)
        return monitor.accept(form.load()(file, drawing.chart(), job), path)


def _measure_flashes(source: Source, options: RenderOptions, meter: FlashMeter, speedup: int) -> None:
    """Measure the flashes of vectors in their pixels, at the fastest speed at which they can be played."""
    with source.drawing(options, GIF) as drawing:
        for frame in drawing.frames():
            meter.add(replace(frame, duration=max(frame.duration // speedup, 1)))


def draw_still(source: Source, options: RenderOptions, path: Path) -> Path:
    """Write the last frame to `path`, a PNG that holds the alternative text and the long description."""
    return write_still(source.last_image(options), source.alt(options), source.description(options), path)


@dataclass(frozen=True, eq=False)
class _Origin:
    """Source and options of an animation, to draw it again."""

    source: Source
    options: RenderOptions

    def draw(self, path: Path) -> Animation:
        check_format(path, self.options)
        if isinstance(self.source, PlotSource) and find_format(path).is_vector:
            raise no_vectors()
        return render(self.source, self.options, path)

    def last_image(self) -> "Image":
        return self.source.last_image(self.options)
