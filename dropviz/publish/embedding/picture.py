"""A finished picture and the files that go with it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from dropviz._util.numbering import beside, is_numbered, numbers_of
from dropviz.errors import PictureError


@dataclass(frozen=True)
class Picture:
    """A picture for a snippet.

    Paths are relative to the working folder, with slashes, and empty if there is no such file.

    path         the picture; for numbered frames, the pattern
    alt          alternative text, in one line
    description  long description, in one line; "" if there is none
    width        displayed width in pixels
    fps          frames per second of numbered frames
    frames       first and last number of numbered frames
    still        the last frame, for readers who prefer less motion
    dark         the picture for dark pages
    dark_still   its last frame
    """

    path: str
    alt: str
    width: int = 640
    fps: float | None = None
    frames: tuple[int, int] | None = None
    still: str = ""
    dark: str = ""
    dark_still: str = ""
    description: str = ""

    @property
    def suffix(self) -> str:
        """The suffix of the file, in lower case."""
        return Path(self.path).suffix.lower()


def find_picture(path: Path, width: int, fps: float | None = None) -> Picture:
    """Return the picture `path` with the files beside it, without alternative text.

    Raises PictureError if there is no such picture, or if some of its numbered frames are missing.
    """
    if is_numbered(path) and os.path.isfile(path):
        raise PictureError(f"%d in the name of {path} stands for the number of a frame: rename it")
    frames = _frame_numbers(path) if is_numbered(path) else None
    if frames is None and not os.path.isfile(path):
        raise PictureError(f"no picture at {path}: make one with 'dropviz animate -o {path}'")
    light, dark = _light_and_dark(path)
    return Picture(
        _relative(light),
        "",
        width,
        fps,
        frames,
        _relative_if_file(beside(light, "-still.png")),
        _relative(dark) if dark else "",
        _relative_if_file(beside(dark, "-still.png")) if dark else "",
    )


def _light_and_dark(path: Path) -> tuple[Path, Path | None]:
    """Return ``a-light.gif`` or ``a.gif``, and ``a-dark.gif`` if it exists; a dark picture alone comes first."""
    stem = re.sub(r"-(light|dark)$", "", path.stem)
    dark = path.with_name(f"{stem}-dark{path.suffix}")
    lights = [path.with_name(f"{stem}{tail}{path.suffix}") for tail in ("-light", "")] if path == dark else [path]
    light = next((each for each in lights if os.path.isfile(each)), None)
    return (light, dark) if light and os.path.isfile(dark) else (path, None)


def _frame_numbers(path: Path) -> tuple[int, int]:
    """Return the first and the last number of the frames of the pattern `path`."""
    numbers = numbers_of(path) if os.path.isdir(path.parent) else []
    if not numbers:
        raise PictureError(f"no frames at {path}: make some with 'dropviz animate -o {path}'")
    if numbers != list(range(numbers[0], numbers[-1] + 1)):
        raise PictureError(f"frames of {path} are missing between {numbers[0]} and {numbers[-1]}: draw them again")
    return numbers[0], numbers[-1]


def _relative_if_file(path: Path) -> str:
    return _relative(path) if os.path.isfile(path) else ""


def _relative(path: Path) -> str:
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # on another drive of Windows
        return path.absolute().as_posix()
