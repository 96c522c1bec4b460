"""The pipeline in one place: source -> drawing -> frames -> flash check -> encoder -> file, and what goes beside it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import IOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dropviz._util.files import beside, replace_numbered, replace_whole
from dropviz.analysis.comparison import Comparison, gather
from dropviz.charts import find_chart
from dropviz.encoders import ENCODERS, Format, find_format
from dropviz.errors import FlashError, RecordingError, UsageError
from dropviz.flashing import FlashMeter, cannot_flash
from dropviz.recording import Recording
from dropviz.rendering.animation import Animation, write_still
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.size_budget import Budget, fit
from dropviz.rendering.source import ChartSource, Drawing, PlotSource, Source
from dropviz.rendering.targets import OutputPlan, make_plan

if TYPE_CHECKING:
    from PIL.Image import Image

    from dropviz.encoders.job import Written
    from dropviz.rendering.plots import Plot

ProgressCallback = Callable[[int, int], None]
UNHEARD = ("theme", "large", "lang")  # choices that plots of one's own do not hear of


def animate(
    recordings: Sequence[Recording] | Recording,
    chart: str | None = None,
    compare: bool = False,
    out: str | Path | None = None,
    size: tuple[int, int] | None = None,
    frames: int | None = None,
    theme: str | None = None,
    large: bool | None = None,
    lang: str | None = None,
    loop: int | None = None,
    hold: float | None = None,
    callback: ProgressCallback = lambda _done, _total: None,
    target: str | None = None,
    max_size: str | int | None = None,
    still: bool | None = None,
    alt_file: bool | None = None,
    plot: "Plot | None" = None,
    allow_flashing: bool = False,
) -> Animation:
    """Draw `recordings` as an animation in the file `out`, which is replaced whole or not at all.

    chart     "accuracy" if not given
    compare   draw all arms together; without it the recordings must be of one arm; some charts always do
    out       its suffix says the format; `out/<chart>.gif` if not given
    size      width and height in pixels, each from 160 to 8,192; 1280x720, or a plot's own, if not given
    frames    how many moments are drawn at most; the chart's own default if not given
    theme     its name, or the path of a TOML file; "light" if not given
    large     larger type, for the last row of a room
    lang      language of the words, "en" if not given
    loop      number of plays, 0, for ever, if not given
    hold      seconds that the last frame stays longer; 3 if not given
    tick      told of each frame done: 1, and how many there are
    target    where the picture goes, by name: decides what is not given, and `max_size`
    max_size  bytes at most, like "10MB"; frames, then pixels, then tones are given up for it, as `Animation.fit` says
    still     put the last moment beside it, as `…-still.png`
    alt_file  put the alt text beside it, as `….txt`
    plot      instead of a chart, a function of your own: `plot(recordings, frame)` draws with pyplot, or is decorated
              with `@gif.frame`; it gets the list of recordings, and the number of a snapshot, counted from 1
    allow_flashing  write the animation even if it flashes in a way that can cause seizures

    Raises a DropvizError, before the file is begun, if an argument or the recordings cannot be used; and, with the old
    file left as it was, if nothing fits `max_size`, a plot of your own fails, or the animation flashes more than WCAG
    2.2, 2.3.1, allows.
    """
    chosen = {"size": size, "frames": frames, "theme": theme, "lang": lang, "loop": loop, "hold": hold}
    chosen |= {"large": large, "allow_flashing": allow_flashing}
    plan = make_plan(
        name_of(chart, plot), compare and not is_together(chart, plot), target, out, max_size, still, alt_file, **chosen
    )
    check_format(plan.path, plan.options)
    check_plot(chart, plot, plan.path, {name: chosen[name] for name in UNHEARD})
    return carry_out(plan, choose_source(recordings, chart, compare, plot), callback)


def choose_source(
    recordings: Sequence[Recording] | Recording, chart: str | None, compare: bool, plot: "Plot | None" = None
) -> Source:
    """The chart or the plot to draw; RecordingError if the recordings are not fit for it."""
    if plot is None:
        return ChartSource(pick(recordings, compare, chart), chart or "accuracy")
    if compare:
        pick(recordings, compare)
    runs = [recordings] if isinstance(recordings, Recording) else list(recordings)
    if not runs:
        raise RecordingError("no recordings to draw")
    return PlotSource(runs, plot)


def is_together(chart: str | None, plot: "Plot | None") -> bool:
    """Whether the chart is always of all arms, so that one file name does; UsageError if there is no such chart."""
    return plot is None and bool(find_chart(chart or "accuracy").together)


def name_of(chart: str | None, plot: "Plot | None") -> str:
    """What a file is called that draws it."""
    if plot is not None:
        return str(getattr(plot, "__name__", "plot")).strip("<>")  # a lambda's name is <lambda>
    return chart or "accuracy"


def check_format(path: Path, options: RenderOptions) -> None:
    """UsageError if no format is written in files like `path`, or none that can look so; or DependencyError."""
    if find_format(path).opaque and options.colors.is_transparent:
        raise UsageError(
            f"{path.suffix} has no room for theme {options.theme!r}: choose another, or a format such as .gif"
        )


def check_plot(chart: str | None, plot: "Plot | None", path: Path, chosen: Mapping[str, Any]) -> None:
    """UsageError if something is `chosen` of a plot function that only the charts can do."""
    if plot is None:
        return
    if chart is not None:
        raise UsageError(f"chart {chart!r} and a plot of your own: name one of them")
    given = [name for name in UNHEARD if chosen[name]]
    if given:
        raise UsageError(f"{given[0]} does not reach a plot of your own: set colours and words in its function")
    if find_format(path).takes != "frames":
        raise UsageError("a plot of your own is a series of images: choose a format of images, such as .gif")


def carry_out(plan: OutputPlan, source: Source, callback: ProgressCallback = lambda _done, _total: None) -> Animation:
    """Draw as planned, and what goes beside it."""
    options = plan.options
    if isinstance(source, PlotSource) and not plan.sized:
        source, options = source.in_own_size(options)
    if plan.most is None:
        made = render(source, options, plan.path, callback)
    else:
        made, options = render_within(plan.most, source, options, plan.path, callback)
    extra = []
    if plan.still:
        extra.append(draw_still(source, options, beside(plan.path, "-still.png")))
    if plan.alt:
        extra.append(beside(plan.path, ".txt"))
        with replace_whole(extra[-1]) as file:
            file.write(f"{made.alt}\n".encode(errors="replace"))
    return replace(made, beside=tuple(extra))


def render_within(
    most: int,
    source: Source,
    options: RenderOptions,
    path: Path,
    callback: ProgressCallback = lambda _done, _total: None,
) -> tuple[Animation, RenderOptions]:
    """Draw the best rendering within `most` bytes into the file `path`; what was made, and how it looks."""
    drawn = 0

    def attempt(options: RenderOptions, budget: Budget) -> Animation:
        before = drawn
        return render(source, options, path, lambda done, total: count(done, before + total), budget)

    def count(done: int, total: int) -> None:
        nonlocal drawn
        drawn += done
        callback(done, total)

    # Vectors have no pixels, and plots of one's own no tones of ours.
    pixels = find_format(path).takes == "frames"
    tones = pixels and isinstance(source, ChartSource) and not options.colors.is_transparent
    fitted = fit(options, most, attempt, pixels=pixels, tones=tones)
    return replace(fitted.made, fit=fitted.words), fitted.options


def render(
    source: Source,
    options: RenderOptions,
    path: Path,
    callback: ProgressCallback = lambda _done, _total: None,
    budget: Budget | None = None,
) -> Animation:
    """Draw `source` into the file `path`; raises TooLarge, with nothing written, beyond a `budget`."""
    form = find_format(path)
    with source.drawing(options, form) as drawing:
        skip = cannot_flash([duration // form.fastest for duration in drawing.timeline.durations])
        meter = FlashMeter(options.loop, skip=skip)
        if form.takes != "frames" and not skip:
            _watch_pixels(source, options, meter, form.fastest)
        written = _write(form, path, drawing, meter, callback, budget, allowed=options.allow_flashing)
    made_of, flash = _Origin(source, options), meter.result()
    alt, seconds = drawing.job.alt, written.duration / 100
    return Animation(path, written.frames, seconds, written.bytes, alt, flash=flash, _source=made_of)


def _watch_pixels(source: Source, options: RenderOptions, meter: FlashMeter, faster: int) -> None:
    """Vectors flash as their pixels would, at the fastest speed that they are played at."""
    with source.drawing(options, ENCODERS[".gif"]) as drawing:
        for frame in drawing.content:
            meter.add(replace(frame, duration=max(frame.duration // faster, 1)))


def _write(
    form: Format,
    path: Path,
    drawing: Drawing,
    meter: FlashMeter,
    callback: ProgressCallback,
    budget: Budget | None,
    *,
    allowed: bool,
) -> "Written":
    """Give a drawing to the encoder of its format, and keep what comes out if it harms nobody."""
    write, total, content = form.load(), drawing.job.frames, drawing.content
    with (replace_numbered if form.numbered else replace_whole)(path) as place:
        if form.takes == "frames":
            content = meter.measure(content)
        if form.takes != "chart":
            content = _ticking(content, callback, total)
        if budget and isinstance(place, IOBase) and form.takes == "frames":
            content = budget.watch(content, total, place.tell)
        written: Written = write(place, content, drawing.job)
        if budget:
            budget.check(written.bytes, total)
        if (flash := meter.result()) and not allowed:
            raise FlashError(f"{path} is not written: it {flash}; draw fewer --frames, or --allow-flashing")
    return written


def draw_still(source: Source, options: RenderOptions, path: Path) -> Path:
    """Draw the last moment as a PNG, which holds the alt text as its Description, into the file `path`."""
    return write_still(source.last_image(options), source.alt(options), path)


@dataclass(frozen=True, eq=False)
class _Origin:
    """What an animation was made of: it can be drawn again."""

    source: Source
    options: RenderOptions

    def draw(self, path: Path) -> Animation:
        check_format(path, self.options)
        if isinstance(self.source, PlotSource):
            check_plot(None, self.source.plot, path, dict.fromkeys(UNHEARD))
        return render(self.source, self.options, path)

    def last_image(self) -> "Image":
        return self.source.last_image(self.options)


def pick(recordings: Sequence[Recording] | Recording, compare: bool, chart: str | None = None) -> Comparison:
    """The arms to draw: with `compare`, and for a chart that is always of all, all of them; without, the only one."""
    compare = compare or is_together(chart, None)
    comparison = gather([recordings] if isinstance(recordings, Recording) else recordings)
    names = ", ".join(repr(arm.name) for arm in comparison.arms)
    if compare and len(comparison.arms) < 2:
        raise RecordingError(f"nothing to compare: all recordings are of arm {names}")
    if not compare and len(comparison.arms) > 1:
        raise RecordingError(
            f"the recordings are of the arms {names}: draw them together with --compare, or name those of one"
        )
    return comparison


def _ticking(frames: Iterable[Any], callback: ProgressCallback, total: int) -> Iterator[Any]:
    for frame in frames:
        yield frame
        callback(1, total)
