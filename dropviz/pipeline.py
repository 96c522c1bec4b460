"""The pipeline in one place: recordings -> chart -> frames -> encoder -> file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dropviz.captions import describe
from dropviz.charts import find_chart
from dropviz.comparison import Comparison, gather
from dropviz.encoders import ENCODERS, check_suffix
from dropviz.errors import RecordingError
from dropviz.files import replace_whole
from dropviz.look import HOLD, SIZE, Look
from dropviz.recording import Recording

if TYPE_CHECKING:
    from dropviz.raster import Frame

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Animation:
    """A finished file: where it is, how many frames it shows, how long one play takes, its size, and what it says.

    `alt` is a text for those who do not see the picture, made of the recorded figures.
    """

    path: Path
    frames: int
    seconds: float
    bytes: int
    alt: str


def animate(
    recordings: Sequence[Recording] | Recording,
    chart: str = "accuracy",
    compare: bool = False,
    out: str | Path | None = None,
    size: tuple[int, int] = SIZE,
    frames: int | None = None,
    theme: str = "light",
    lang: str = "en",
    loop: int = 0,
    hold: float = HOLD,
    tick: Tick = lambda _done, _total: None,
) -> Animation:
    """Draw `recordings` as an animation in the file `out`, which is replaced whole or not at all.

    compare  draw all arms together; without it the recordings must be of one arm
    out      its suffix says the format; `out/<chart>.gif` if not given
    size     width and height in pixels, each from 160 to 8,192
    frames   how many moments are drawn at most; the chart's own default if not given
    loop     number of plays, 0 for ever
    hold     seconds that the last frame stays longer
    tick     told of each frame done: 1, and how many there are

    Raises a DropvizError, before the file is begun, if an argument or the recordings cannot be used.
    """
    path = Path(out) if out is not None else Path("out") / default_name(chart, compare)
    check_suffix(path)
    look = Look(size, frames, theme, lang, loop, hold)
    return render(pick(recordings, compare), chart, look, path, tick)


def render(
    comparison: Comparison, chart: str, look: Look, path: Path, tick: Tick = lambda _done, _total: None
) -> Animation:
    """Draw a chart of `comparison` into the file `path`."""
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
        palette = ramps(look.colors.background, drawn.inks)
        job = Job(look.size, palette, total, look.loop, provenance(comparison, chart), alt)
        with replace_whole(path) as file:
            written = write(file, _ticking(rasterise(drawn), tick, total), job)
    return Animation(path, written.frames, written.duration / 100, written.bytes, alt)


def draw_still(comparison: Comparison, chart: str, look: Look, path: Path) -> Path:
    """Draw the last moment of a chart as a PNG into the file `path`."""
    make_chart = find_chart(chart)

    from PIL import Image

    from dropviz.charts.stage import Stage
    from dropviz.raster import default_style, last_frame

    with default_style():
        drawn = make_chart(comparison, Stage(look.size, look.colors, look.labels), look.frames, look.hold)
        image = Image.fromarray(last_frame(drawn)).convert("RGB")
        with replace_whole(path) as file:
            image.save(file, "PNG", optimize=True)
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


def default_name(chart: str, compare: bool) -> str:
    """The file name of an animation that was given none."""
    return f"{chart}-compare.gif" if compare else f"{chart}.gif"


def provenance(comparison: Comparison, chart: str = "") -> str:
    """What a picture, or a file without a chart, was made from, as a comment in the file."""
    from dropviz import __version__

    experiment = comparison.experiment
    arms = "; ".join(f"{arm.name}: seeds {', '.join(map(str, arm.seeds))}" for arm in comparison.arms)
    source = f"experiment {experiment.name}" if experiment else "a training loop of its own"
    made = sorted(
        {f"torch {run.provenance['torch']}" for arm in comparison.arms for run in arm.runs if "torch" in run.provenance}
    )
    drawn = f"chart {chart}, " if chart else ""
    return f"dropviz {__version__}, {drawn}{source} ({arms}){', recorded with ' if made else ''}{', '.join(made)}"


def _ticking(frames: "Iterator[Frame]", tick: Tick, total: int) -> "Iterator[Frame]":
    for frame in frames:
        yield frame
        tick(1, total)
