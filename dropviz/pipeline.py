"""The pipeline in one place: recordings -> chart -> frames -> encoder -> file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dropviz.charts import find_chart
from dropviz.comparison import Comparison, gather
from dropviz.encoders import ENCODERS, check_suffix
from dropviz.errors import RecordingError, UsageError
from dropviz.files import replace_whole
from dropviz.labels import Labels
from dropviz.recording import Recording
from dropviz.theme import Theme, find_theme

if TYPE_CHECKING:
    from dropviz.raster import Frame

SIZE = (1280, 720)
HOLD = 3.0
SMALLEST, LARGEST = 160, 8_192
MOST_FRAMES = 100_000
MOST_LOOPS = 65_535
LONGEST_HOLD = 600.0

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Animation:
    """A finished file: where it is, how many frames it shows, how long one play takes, and its size."""

    path: Path
    frames: int
    seconds: float
    bytes: int


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
    colors, labels = check_arguments(path, size, frames, theme, lang, loop, hold)
    make_chart = find_chart(chart)
    comparison = _select(gather([recordings] if isinstance(recordings, Recording) else recordings), compare)

    from dropviz.charts.stage import Stage
    from dropviz.encoders.palette import ramps
    from dropviz.raster import default_style, rasterise

    write = ENCODERS[path.suffix.lower()].load()
    with default_style():
        drawn = make_chart(comparison, Stage(size, colors, labels), frames, hold)
        palette = ramps(colors.background, drawn.inks)
        with replace_whole(path) as file:
            stream = _ticking(rasterise(drawn), tick, len(drawn.timeline))
            written = write(file, stream, palette, loop, provenance(comparison, chart))
    return Animation(path, written.frames, written.duration / 100, written.bytes)


def default_name(chart: str, compare: bool) -> str:
    """The file name of an animation that was given none."""
    return f"{chart}-compare.gif" if compare else f"{chart}.gif"


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


def _select(comparison: Comparison, compare: bool) -> Comparison:
    """With `compare` all arms; without, the only one."""
    names = ", ".join(repr(arm.name) for arm in comparison.arms)
    if compare and len(comparison.arms) < 2:
        raise RecordingError(f"nothing to compare: all recordings are of arm {names}")
    if not compare and len(comparison.arms) > 1:
        raise RecordingError(
            f"the recordings are of the arms {names}: draw them together with --compare, or name those of one"
        )
    return comparison


def check_arguments(
    out: Path, size: tuple[int, int], frames: int | None, theme: str, lang: str, loop: int, hold: float
) -> tuple[Theme, Labels]:
    """UsageError for the first argument of `animate` that cannot be; else the theme and the words of that name."""
    check_suffix(out)
    width, height = size
    fits = all(SMALLEST <= side <= LARGEST for side in size)
    _require(fits, f"size is {width}x{height}: each side must be from {SMALLEST} to {LARGEST:,} pixels")
    _require(frames is None or 1 <= frames <= MOST_FRAMES, f"frames is {frames}: must be from 1 to {MOST_FRAMES:,}")
    _require(0 <= loop <= MOST_LOOPS, f"loop is {loop}: must be from 0, for ever, to {MOST_LOOPS:,}")
    _require(0 <= hold <= LONGEST_HOLD, f"hold is {hold:g}: must be from 0 to {LONGEST_HOLD:g} seconds")
    return find_theme(theme), Labels(lang)


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise UsageError(words)


def _ticking(frames: "Iterator[Frame]", tick: Tick, total: int) -> "Iterator[Frame]":
    for frame in frames:
        yield frame
        tick(1, total)
