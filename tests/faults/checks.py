"""Checks of the files of a command: each is whole, old or new, and nothing temporary is left."""

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageSequence
from pptx import Presentation

import dropviz
from dropviz._util.temporary import temporary_folder
from dropviz.errors import DropvizError
from dropviz.recording.verification import Verification

ENDS = {".html": b"</html>", ".tex": b"\\end{document}", ".md": b"", ".txt": b""}
CHECKPOINT = ".checkpoint"
Files = dict[str, bytes]


class Known(Protocol):
    """Files of a command: those that are there before, and those that it writes."""

    old: Files
    new: Files


def files(folder: Path) -> Files:
    """The files in `made`, by their path; temporary folders are left out."""
    made = folder / "made"
    paths = {path.relative_to(made): path for path in sorted(made.rglob("*")) if path.is_file()}
    return {str(name): path.read_bytes() for name, path in paths.items() if not name.parts[0].startswith(".dropviz-")}


def check_whole(name: str, data: bytes) -> None:
    """Read a file to its end, as other programs do; raise any error."""
    suffix = Path(name).suffix
    if suffix in (".npz", CHECKPOINT):
        with tempfile.NamedTemporaryFile(suffix=".npz") as file:
            Path(file.name).write_bytes(data)
            recording = dropviz.load(file.name)
        assert all(Verification(site).result != "different" for site in recording.sites)
    elif suffix in (".gif", ".png"):
        with Image.open(io.BytesIO(data)) as image:
            for frame in ImageSequence.Iterator(image):
                frame.load()
    elif suffix == ".pptx":
        assert len(Presentation(io.BytesIO(data)).slides) > 1
    elif name == ".gallery.json":
        json.loads(data)
    else:
        assert data.decode().encode().rstrip().endswith(ENDS[suffix])


def torn(folder: Path, known: Known, before: Files) -> Iterator[str]:
    """Name the files that are neither as they were nor as they are to be, and those that are gone."""
    found = files(folder)
    for name, data in found.items():
        if name.endswith(CHECKPOINT):
            yield from _damage(name, data)
        elif data not in (before.get(name), known.new.get(name)):
            yield f"{name} is neither old nor new ({len(data):,} bytes)"
    if not any(folder.glob("made/.dropviz-*")):  # else an exchange may be half done: see `mixed`
        yield from (f"{name} is gone" for name in sorted(before.keys() & known.new.keys() - found.keys()))


def _damage(name: str, data: bytes) -> Iterator[str]:
    try:
        check_whole(name, data)
    except (DropvizError, AssertionError) as error:
        yield f"{name} is not whole: {error}"


def mixed(folder: Path, known: Known, before: Files) -> Iterator[str]:
    """Name the files that are not all of one run, once the next run has undone or finished what was left half done."""
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy, symlinks=True)
    with temporary_folder(copy / "made"):
        pass
    found = files(copy)
    shutil.rmtree(copy)
    if found not in (before, known.new):
        yield f"files of two runs: {', '.join(found)}"


def left(folder: Path) -> Iterator[str]:
    """Name what is temporary in `made` and `tmp`."""
    for path in [*(folder / "made").rglob("*"), *(folder / "tmp").iterdir()]:
        if path.parent.name == "tmp" or path.name.startswith(".dropviz-") or path.suffix == CHECKPOINT:
            yield f"{path.relative_to(folder)} is left"


def unlike(folder: Path, known: Known) -> Iterator[str]:
    """Name the files that are not those of a run that nothing disturbed."""
    found = files(folder)
    for name in sorted(found.keys() | known.new.keys()):
        if found.get(name) != known.new.get(name):
            yield f"{name} is {'not there' if name not in found else 'too much' if name not in known.new else 'unlike'}"
