"""A finished animation: where its file is, what it says, and how it is shown, saved elsewhere, or held still."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dropviz._util.files import beside, is_numbered, replace_whole
from dropviz.errors import DropvizError, OutputError
from dropviz.rendering.display import MAX_BYTES, NotebookFile, notebook_html, still_html, too_large
from dropviz.rendering.options import RenderOptions

if TYPE_CHECKING:
    from PIL.Image import Image

    from dropviz.flashing import Flash

STILL_WIDTH = 1280  # in a notebook; a file of it has all pixels


class Origin(Protocol):
    """What an animation was made of: recordings and look. Draws the same again."""

    @property
    def options(self) -> RenderOptions:
        """Its size in pixels, and how often it plays."""

    def draw(self, path: Path) -> "Animation":
        """Draw the animation into a file."""

    def last_image(self) -> "Image":
        """The last moment."""


@dataclass(frozen=True)
class Animation:
    """A finished file: where it is, how many frames it shows, how long one play takes, its size, and what it says.

    Of numbered frames, `path` is the pattern, `bytes` the sum, and `seconds` the time at an equal share for each frame.
    `alt` is a text for those who do not see the picture, made of the recorded figures; `beside` are the files that
    were made with it; `fit` says what was given up to keep within a number of bytes; `flash`, how it flashes in a way
    that can cause seizures, if it does and that was allowed. As the last value of a notebook's
    cell, an animation shows itself.
    """

    path: Path
    frames: int
    seconds: float
    bytes: int
    alt: str
    beside: tuple[Path, ...] = ()
    fit: str = ""
    flash: "Flash | None" = None
    _source: Origin | None = field(default=None, repr=False, compare=False, kw_only=True)

    def save(self, path: str | Path) -> "Animation":
        """Draw the same recordings in the same look into another file; its suffix says the format.

        Raises a DropvizError, before the file is begun, if there is no such format.
        """
        path = Path(path)
        return self._made_of().draw(path)

    def still(self, path: str | Path | None = None) -> Path:
        """Write the last moment as a PNG: to `path`, or beside the animation, as `NAME-still.png`."""
        place = Path(path) if path is not None else beside(self.path, "-still.png")
        return write_still(self._made_of().last_image(), self.alt, place)

    def _made_of(self) -> Origin:
        if self._source is None:
            raise OutputError(f"what {self.path} was made of is not known any more: draw it again with animate()")
        return self._source

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002  # Jupyter's
        """What Jupyter and VS Code show: the file within HTML, or in plain text what it is.

        image/gif is left out on purpose: it would send the file a second time, and count twice against the limit.
        """
        return {"text/html": _html(self, self._source), "text/plain": repr(self)}

    def _mime_(self) -> tuple[str, str]:
        """What marimo asks for first: HTML alone."""
        return "text/html", _html(self, self._source)


def write_still(image: "Image", alt: str, path: Path) -> Path:
    """Write an image as a PNG that holds the alt text as its Description."""
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_itxt("Description", alt.encode(errors="replace").decode())
    with replace_whole(path) as file:
        image.save(file, "PNG", optimize=True, pnginfo=words)
    return path


def _html(animation: Animation, source: Origin | None) -> str:
    try:
        data = animation.path.read_bytes()
    except OSError:
        data = b""  # gone, or many files under one name
    path, options = animation.path, source.options if source else RenderOptions()
    showing = NotebookFile(
        str(path), path.suffix.lower(), data, _still_png(source), animation.alt, options.size, options.loop
    )
    if len(data) != animation.bytes:
        return still_html(showing, f"The last frame only: {_whereabouts(animation, data)}.")
    return still_html(showing, too_large(showing)) if len(data) > MAX_BYTES else notebook_html(showing)


def _still_png(source: Origin | None) -> bytes:
    """The last moment, no larger than a notebook is wide; nothing where it cannot be drawn any more."""
    if source is None:
        return b""
    try:
        image = source.last_image()
    except DropvizError:  # a plot function may have changed meanwhile
        return b""
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")  # tones between those of a palette
    image.thumbnail((STILL_WIDTH, STILL_WIDTH))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _whereabouts(animation: Animation, data: bytes) -> str:
    """Why the file cannot be shown as it was written."""
    if is_numbered(animation.path):
        return f"the animation is the {animation.frames} files {animation.path}"
    if data:
        return f"{animation.path} is another file by now; .save('NAME.gif') draws this one again"
    return f"{animation.path} is not there any more; .save('NAME.gif') draws it again"
