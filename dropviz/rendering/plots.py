"""Plot functions of the user's own, in the style of `@gif.frame`, as a stream of frames.

The function is called with the recordings and the number of a frame; it draws with pyplot and returns nothing:

    import gif
    from matplotlib import pyplot as plt

    @gif.frame
    def update_plot(recordings, frame):
        for recording in recordings:
            snapshots = recording.snapshots
            plt.plot(snapshots["iteration"][:frame], snapshots["test_loss"][:frame], label=recording.arm)
        plt.xlim(0, snapshots["iteration"][-1])
        plt.legend()

The package `gif` turns pyplot's figure into an image; after that, frames are treated as those of a chart.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dropviz.charts.base.timeline import Timeline, paced, spread
from dropviz.drawing.raster import Frame
from dropviz.encoders.palette import Palette, adaptive_palette
from dropviz.errors import DependencyError, PlotError, UsageError, reason
from dropviz.recording import Recording
from dropviz.rendering.options import HOLD, RenderOptions

Plot = Callable[..., Any]
UNCROPPED = "set no bbox_inches='tight'"


@dataclass(frozen=True)
class PlotFrames:
    """Frames that a plot function draws.

    The number of a frame is that of a snapshot, counted from 1, so that `values[:frame]` are the values up to it;
    without snapshots, that of a recorded iteration. Fewer frames than snapshots are spaced evenly, the last among them;
    more frames than snapshots are 1, 2, …, up to the number requested.

    plot        the function
    recordings  its first argument
    options     number of frames, hold, seconds
    size        in pixels, to which all that is drawn is scaled; None for the figure's own size
    is_numbered show all frames for the same time
    """

    plot: Plot
    recordings: Sequence[Recording]
    options: RenderOptions
    size: tuple[int, int] | None = None
    is_numbered: bool = False

    @property
    def name(self) -> str:
        """Name of the function."""
        return str(getattr(self.plot, "__name__", type(self.plot).__name__))

    @cached_property
    def timeline(self) -> Timeline:
        """Number and duration of each frame."""
        available = max((_count_frames(recording) for recording in self.recordings), default=0)
        count = self.options.frames or available
        if not count:
            raise PlotError(
                f"{self.name}: the recordings hold no snapshots and no masks: say how many --frames to draw"
            )
        numbers = spread(max(available, count), count)
        return paced(tuple(number + 1 for number in numbers), self.options.pace(HOLD, constant=self.is_numbered))

    @cached_property
    def first(self) -> NDArray[np.uint8]:
        """The first frame, uint8 [height, width, 4], which sets the size of all."""
        pixels = self._pixels(self.timeline.indices[0])
        height, width = pixels.shape[:2]
        try:
            replace(self.options, size=(width, height))
        except UsageError as error:
            raise PlotError(f"{self.name}: {error}; set it by figsize and dpi, or --size") from None
        return pixels

    @property
    def natural_options(self) -> RenderOptions:
        """The options, with the size of the figure that the function draws."""
        height, width = self.first.shape[:2]
        return replace(self.options, size=(width, height))

    @cached_property
    def palette(self) -> Palette:
        """Colours of the first, middle and last frame, for which the function is called before all others."""
        indices = self.timeline.indices
        return adaptive_palette([self.first, self.draw(indices[len(indices) // 2]), self.draw(indices[-1])])

    def __iter__(self) -> Iterator[Frame]:
        for number, duration in self.timeline:
            yield Frame(self.draw(number), duration)

    def draw(self, number: int) -> NDArray[np.uint8]:
        """Return one frame, uint8 [height, width, 4]; raise PlotError, which names function and frame, if it fails."""
        expected = self.first.shape
        pixels = self._pixels(number)
        if pixels.shape != expected:
            raise self._error(
                number,
                f"is {pixels.shape[1]}x{pixels.shape[0]} pixels, the first one {expected[1]}x{expected[0]}: "
                f"give all figures one figsize and dpi; {UNCROPPED}",
            )
        return pixels

    def last_image(self) -> Image.Image:
        """Return the last frame, in RGB."""
        return Image.fromarray(self.draw(self.timeline.indices[-1])).convert("RGB")

    def _pixels(self, number: int) -> NDArray[np.uint8]:
        image = self._image(number).convert("RGBA")
        on_white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return np.array(on_white)

    def _image(self, number: int) -> Image.Image:
        """Return the image that the function returns, or else that `gif.frame` makes of pyplot's figure."""
        gif, plt = _need_gif(), _pyplot()
        inner = _inside(self.plot)
        with _own_figure(plt) as blank:
            returned = self._call(inner or self.plot, number)
            if inner is None and isinstance(returned, Image.Image):
                return self._fitted(returned)
            # gif.frame ignores what a decorated function returns; a returned figure is as a rule pyplot's current one.
            if inner is None and not isinstance(returned, type(blank) | None):
                raise self._error(
                    number, f"returned {type(returned).__name__}, no image: draw with pyplot, return nothing"
                )
            if not _holds_anything(plt.gcf()):
                raise self._error(number, "drew nothing: draw with pyplot (plt.plot, plt.subplots, …)")
            with _sized(plt.gcf(), gif.options, self.size):
                image: Image.Image = self._call(lambda *_nothing: gif.frame(lambda: None)(), number)
        if self.size not in (None, image.size):
            raise self._error(number, f"was cropped to {image.size[0]}x{image.size[1]}: {UNCROPPED}")
        return image

    def _call(self, plot: Plot, number: int) -> Any:
        try:
            return plot(self.recordings, number)
        except (Exception, SystemExit) as error:
            raise self._error(number, f"{where(error)}{type(error).__name__}: {reason(error)}") from error

    def _fitted(self, image: Image.Image) -> Image.Image:
        """Return an image that the function made itself, in the size requested."""
        image.load()
        return image if self.size in (None, image.size) else image.resize(self.size, Image.Resampling.LANCZOS)

    def _error(self, number: int, words: str) -> PlotError:
        return PlotError(f"{self.name}, frame {number}: {words}")


def where(error: BaseException, file: str = "") -> str:
    """Return ``line 12: ``, the line of user code that raised `error`, in `file` or the outermost such file."""
    if isinstance(error, SyntaxError) and error.lineno and (not file or error.filename == file):
        return f"line {error.lineno}: "
    lines = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code.co_filename
        if code == file or (not file and code != __file__):
            lines.append((code, trace.tb_lineno))
        trace = trace.tb_next
    own = [line for code, line in lines if code == lines[0][0]]
    return f"line {own[-1]}: " if own else ""


def _count_frames(recording: Recording) -> int:
    """Return the number of snapshots; without any, that of recorded iterations."""
    return len(recording.snapshots["iteration"]) or len(recording.recorded_iterations)


def _need_gif() -> Any:
    try:
        import gif
    except ImportError as error:
        raise DependencyError(
            f"a plot function needs the package gif, which does not load here ({reason(error)}): pip install gif"
        ) from None
    return gif


def _pyplot() -> Any:
    from matplotlib import pyplot as plt

    return plt


def _inside(plot: Plot) -> Plot | None:
    """Return the function inside `@gif.frame`, if there is one, so that its figure can be checked first."""
    made_by_gif = _need_gif().frame(plot).__code__
    return getattr(plot, "__wrapped__", None) if getattr(plot, "__code__", None) is made_by_gif else None


@contextmanager
def _own_figure(plt: Any) -> Iterator[Any]:
    """Yield a new figure, so that none of the user's is drawn over; close all figures opened in the block."""
    before = set(plt.get_fignums())
    with plt.ioff():
        blank = plt.figure()
        try:
            yield blank
        finally:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)


def _holds_anything(figure: Any) -> bool:
    return any(artist is not figure.patch for artist in figure.get_children())


@contextmanager
def _sized(figure: Any, gif_options: Any, size: tuple[int, int] | None) -> Iterator[None]:
    """Save `figure` in `size` pixels: its layout is scaled as a whole."""
    if size is None:
        yield
        return
    own, before = figure.get_size_inches(), gif_options.matplotlib
    scale = min(size[0] / own[0], size[1] / own[1])  # dots an inch
    figure.set_size_inches((size[0] + 0.01) / scale, (size[1] + 0.01) / scale)  # whole pixels are cut off, not rounded
    gif_options.matplotlib = {**before, "dpi": scale}
    try:
        yield
    finally:
        gif_options.matplotlib = before
