"""A finished picture as a snippet sees it: where it is, what it says, and which files go with it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from dropviz._util.files import beside
from dropviz.errors import PictureError


@dataclass(frozen=True)
class Picture:
    """Paths are relative to the working folder, with slashes, and empty where there is no such file.

    path        the picture; for numbered frames, the pattern
    alt         what it shows, in one line
    width       in pixels, as it is to be shown
    fps         frames a second, of numbered frames
    frames      the first and the last number of numbered frames
    still       the last moment, for those who ask for less motion
    dark        the same picture for dark pages
    dark_still  its last moment
    """

    path: str
    alt: str
    width: int = 640
    fps: float | None = None
    frames: tuple[int, int] | None = None
    still: str = ""
    dark: str = ""
    dark_still: str = ""

    @property
    def suffix(self) -> str:
        """The format, in small letters."""
        return Path(self.path).suffix.lower()


def look_at(path: Path, alt: str, width: int = 640, fps: float | None = None) -> Picture:
    """Find what lies beside the picture `path`; PictureError if it is not there."""
    frames = _numbers(path) if _is_numbered(path) else None
    if frames is None and not os.path.isfile(path):
        raise PictureError(f"no picture at {path}: make one with 'dropviz animate -o {path}'")
    # Of a pair the light one is the picture, and the dark one the other.
    light, dark = _pair(path)
    return Picture(
        _relative(light),
        alt,
        width,
        fps,
        frames,
        _if_there(beside(light, "-still.png")),
        _relative(dark) if dark else "",
        _if_there(beside(dark, "-still.png")) if dark else "",
    )


def _pair(path: Path) -> tuple[Path, Path | None]:
    """``a-light.gif`` or ``a.gif``, and ``a-dark.gif`` if that lies beside it; a dark one alone is the picture."""
    stem = re.sub(r"-(light|dark)$", "", path.stem)
    dark = path.with_name(f"{stem}-dark{path.suffix}")
    lights = [path.with_name(f"{stem}{tail}{path.suffix}") for tail in ("-light", "")] if path == dark else [path]
    light = next((each for each in lights if os.path.isfile(each)), None)
    return (light, dark) if light and os.path.isfile(dark) else (path, None)


def _is_numbered(path: Path) -> bool:
    return re.search(r"%0?\d*d", path.name) is not None


def _numbers(path: Path) -> tuple[int, int]:
    """First and last of the numbered frames of the pattern `path`."""
    head, tail = re.split(r"%0?\d*d", path.name, maxsplit=1)
    pattern = re.compile(re.escape(head) + r"(\d+)" + re.escape(tail))
    names = [each.name for each in path.parent.iterdir()] if os.path.isdir(path.parent) else []
    found = sorted(int(match[1]) for name in names if (match := pattern.fullmatch(name)))
    if not found:
        raise PictureError(f"no frames at {path}: make some with 'dropviz animate -o {path}'")
    if found != list(range(found[0], found[-1] + 1)):
        raise PictureError(f"frames of {path} are missing between {found[0]} and {found[-1]}: draw them again")
    return found[0], found[-1]


def _if_there(path: Path) -> str:
    return _relative(path) if os.path.isfile(path) else ""


def _relative(path: Path) -> str:
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # on another drive of Windows
        return path.absolute().as_posix()
