"""The pipeline in one place: recordings -> chart -> frames -> encoder -> file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dropviz.captions import describe
from dropviz.charts import find_chart
from dropviz.comparison import Comparison, gather
from dropviz.encoders import ENCODERS, check_suffix
from dropviz.errors import RecordingError
from dropviz.files import beside, replace_whole
from dropviz.fit import Budget, fit
from dropviz.look import Look
from dropviz.recording import Recording
from dropviz.targets import Plan, make_plan

if TYPE_CHECKING:
    from dropviz.raster import Frame

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Animation:
    """A finished file: where it is, how many frames it shows, how long one play takes, its size, and what it says.

    `alt` is a text for those who do not see the picture, made of the recorded figures; `beside` are the files that
    were made with it; `fit` says what was given up to keep within a number of bytes.
    """

    path: Path
    frames: int
    seconds: float
    bytes: int
    alt: str
    beside: tuple[Path, ...] = ()
    fit: str = ""


def animate(
    recordings: Sequence[Recording] | Recording,
    chart: str = "accuracy",
    compare: bool = False,
    out: str | Path | None = None,
    size: tuple[int, int] | None = None,
    frames: int | None = None,
    theme: str | None = None,
    lang: str = "en",
    loop: int | None = None,
    hold: float | None = None,
    tick: Tick = lambda _done, _total: None,
    target: str | None = None,
    max_size: str | int | None = None,
    still: bool | None = None,
    alt_file: bool | None = None,
) -> Animation:
    """Draw `recordings` as an animation in the file `out`, which is replaced whole or not at all.

    compare   draw all arms together; without it the recordings must be of one arm
    out       its suffix says the format; `out/<chart>.gif` if not given
    size      width and height in pixels, each from 160 to 8,192; 1280x720 if not given
    frames    how many moments are drawn at most; the chart's own default if not given
    theme     "light" if not given
    loop      number of plays, 0, for ever, if not given
    hold      seconds that the last frame stays longer; 3 if not given
    tick      told of each frame done: 1, and how many there are
    target    where the picture goes, by name: decides what is not given, and `max_size`
    max_size  bytes at most, like "10MB"; frames, then pixels, then tones are given up for it, as `Animation.fit` says
    still     put the last moment beside it, as `…-still.png`
    alt_file  put the alt text beside it, as `….txt`

    Raises a DropvizError, before the file is begun, if an argument or the recordings cannot be used; and, with the old
    file left as it was, if nothing fits `max_size`.
    """
    chosen = {"size": size, "frames": frames, "theme": theme, "lang": lang, "loop": loop, "hold": hold}
    plan = make_plan(chart, compare, target, out, max_size, still, alt_file, **chosen)
    check_suffix(plan.path)
    return carry_out(plan, pick(recordings, compare), chart, tick)


def carry_out(plan: Plan, comparison: Comparison, chart: str, tick: Tick = lambda _done, _total: None) -> Animation:
    """Draw a chart of `comparison` as planned, and what goes beside it."""
    if plan.most is None:
        made, look = render(comparison, chart, plan.look, plan.path, tick), plan.look
    else:
        made, look = render_within(plan.most, comparison, chart, plan.look, plan.path, tick)
    extra = []
    if plan.still:
        extra.append(draw_still(comparison, chart, look, beside(plan.path, "-still.png")))
    if plan.alt:
        extra.append(beside(plan.path, ".txt"))
        with replace_whole(extra[-1]) as file:
            file.write(f"{made.alt}\n".encode(errors="replace"))
    return replace(made, beside=tuple(extra))


def render_within(
    most: int,
    comparison: Comparison,
    chart: str,
    look: Look,
    path: Path,
    tick: Tick = lambda _done, _total: None,
) -> tuple[Animation, Look]:
    """Draw the best rendering within `most` bytes into the file `path`; what was made, and how it looks."""
    drawn = 0

    def attempt(look: Look, budget: Budget) -> Animation:
        before = drawn
        return render(comparison, chart, look, path, lambda done, total: count(done, before + total), budget)

    def count(done: int, total: int) -> None:
        nonlocal drawn
        drawn += done
        tick(done, total)

    fitted = fit(look, most, attempt)
    return replace(fitted.made, fit=fitted.words), fitted.look


def render(
    comparison: Comparison,
    chart: str,
    look: Look,
    path: Path,
    tick: Tick = lambda _done, _total: None,
    budget: Budget | None = None,
) -> Animation:
    """Draw a chart of `comparison` into the file `path`; raises TooLarge, with nothing written, beyond a `budget`."""
    make_chart = find_chart(chart)

    from dropviz.charts.stage import Stage
    from dropviz.encoders.job import Job
    from dropviz.encoders.palette import ramps
    from dropviz.raster import default_style, rasterise

    write = ENCODERS[path.suffix.lower()].load()
    alt = describe(comparison, chart, look.labels)
    with default_style():
        drawn = make_chart(comparison, Stage(look.size, look.colors, look.labels), look.frames, look.hold)
        total = len(drawn.timeline)
        palette = ramps(look.colors.background, {ink: min(tones, look.tones) for ink, tones in drawn.inks.items()})
        job = Job(look.size, palette, total, look.loop, provenance(comparison, chart), alt)
        with replace_whole(path) as file:
            frames = _ticking(rasterise(drawn), tick, total)
            written = write(file, budget.watch(frames, total, file.tell) if budget else frames, job)
            if budget:
                budget.check(written.bytes, total)
    return Animation(path, written.frames, written.duration / 100, written.bytes, alt)


def draw_still(comparison: Comparison, chart: str, look: Look, path: Path) -> Path:
    """Draw the last moment of a chart as a PNG, which holds the alt text as its Description, into the file `path`."""
    make_chart = find_chart(chart)

    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from dropviz.charts.stage import Stage
    from dropviz.encoders.palette import ramps
    from dropviz.raster import default_style, last_frame

    with default_style():
        drawn = make_chart(comparison, Stage(look.size, look.colors, look.labels), look.frames, look.hold)
        # The palette of the animation: the same picture, at a fifth of the bytes.
        palette = ramps(look.colors.background, {ink: min(tones, look.tones) for ink, tones in drawn.inks.items()})
        image = Image.fromarray(palette.indices(last_frame(drawn).view("<u4")[..., 0]))
        image.putpalette(palette.colors.tobytes())
        words = PngInfo()
        words.add_itxt("Description", describe(comparison, chart, look.labels))
        with replace_whole(path) as file:
            image.save(file, "PNG", optimize=True, pnginfo=words)
    return path


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


def _ticking(frames: "Iterator[Frame]", tick: Tick, total: int) -> "Iterator[Frame]":
    for frame in frames:
        yield frame
        tick(1, total)
