"""A finished animation: its file, its alternative text, and its display in notebooks."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dropviz._util.files import replace_whole
from dropviz._util.numbering import beside, is_numbered, output_path, single_path
from dropviz.errors import DropvizError, OutputError
from dropviz.rendering.display import MAX_BYTES, NotebookFile, notebook_html, still_html, too_large
from dropviz.rendering.options import RenderOptions

if TYPE_CHECKING:
    from PIL.Image import Image

    from dropviz.flashing import Flash

STILL_WIDTH = 1280  # maximum in a notebook; the file of a still has all pixels


class Origin(Protocol):
    """Source and options of an animation, to draw it again."""

    @property
    def options(self) -> RenderOptions:
        """The options that it was drawn with."""

    def draw(self, path: Path) -> "Animation":
        """Write the animation to another file."""

    def last_image(self) -> "Image":
        """Return the last frame."""


@dataclass(frozen=True)
class Animation:
    """A finished animation. As the last value of a notebook's cell, it is displayed.

    path         its file; for numbered frames, the pattern of their names
    frames       number of frames
    seconds      duration of one play; for numbered frames, at one rate for all
    bytes        size of the file, or of all numbered files together
    alt          alternative text, made of recorded values: what it shows, and its finding
    beside       files that were written with it: a still, the alternative text
    fit          what was reduced to keep within a maximum size, in words; "" if nothing
    flash        how it flashes in a way that can cause seizures, if it does and that was allowed
    description  long description, made of recorded values: arms, settings, and all that the recordings answer; "" if
                 the alternative text says all
    """

    path: Path
    frames: int
    seconds: float
    bytes: int
    alt: str
    beside: tuple[Path, ...] = ()
    fit: str = ""
    flash: "Flash | None" = None
    description: str = ""
    _source: Origin | None = field(default=None, repr=False, compare=False, kw_only=True)

    def save(self, path: str | Path) -> "Animation":
        """Draw the same recordings with the same options into another file, whose suffix selects the format.

        Raises UsageError, before the file is begun, if there is no such format.
        """
        return self._require_source().draw(output_path(path))

    def still(self, path: str | Path | None = None) -> Path:
        """Write the last frame as a PNG to `path`, or beside the animation as `NAME-still.png`; return its path."""
        place = single_path(path) if path is not None else beside(self.path, "-still.png")
        return write_still(self._require_source().last_image(), self.alt, self.description, place)

    def _require_source(self) -> Origin:
        if self._source is None:
            raise OutputError(f"the recordings of {self.path} are not in memory: draw it again with animate()")
        return self._source

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002  # Jupyter's
        """Return the file within HTML, and a line of plain text, for Jupyter and VS Code.

        image/gif is left out on purpose: it would send the file a second time, and count twice against the limit.
        """
        return {"text/html": _html(self, self._source), "text/plain": repr(self)}

    def _mime_(self) -> tuple[str, str]:
        """Return HTML alone, for marimo."""
        return "text/html", _html(self, self._source)


def write_still(image: "Image", alt: str, description: str, path: Path) -> Path:
    """Write an image as a PNG that holds the alternative text as its Title, and the long one as its Description."""
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    for key, text in (("Title", alt), ("Description", description)):
        if text:
            words.add_itxt(key, text.encode(errors="replace").decode())
    with replace_whole(path) as file:
        image.save(file, "PNG", optimize=True, pnginfo=words)
    return path


def _html(animation: Animation, source: Origin | None) -> str:
    try:
        data = animation.path.read_bytes()
    except OSError:
        data = b""  # removed, or numbered files
    path, options = animation.path, source.options if source else RenderOptions()
    file = NotebookFile(
        str(path), path.suffix.lower(), data, _still_png(source), animation.alt, options.size, options.loop
    )
    if len(data) != animation.bytes:
        return still_html(file, f"The last frame only: {_explain_missing(animation, data)}.")
    return still_html(file, too_large(file)) if len(data) > MAX_BYTES else notebook_html(file)


def _still_png(source: Origin | None) -> bytes:
    """Return the last frame, no larger than a notebook is wide; nothing if it can no longer be drawn."""
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


def _explain_missing(animation: Animation, data: bytes) -> str:
    """Return why the file cannot be displayed as it was written."""
    if is_numbered(animation.path):
        return f"the animation is the {animation.frames} files {animation.path}"
    if data:
        return f"{animation.path} was changed since; .save('NAME.gif') draws this one again"
    return f"{animation.path} no longer exists; .save('NAME.gif') draws it again"
