"""Files are replaced whole or not at all."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dropviz.errors import OutputError


def beside(path: Path, tail: str) -> Path:
    """The file beside the picture `path` that goes with it: ``a.gif`` and ``f-%d.png`` have ``a.txt`` and ``f.txt``."""
    return path.with_name(re.sub(r"-?%0?\d*d", "", path.stem) + tail)


@contextmanager
def replace_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a new file beside `path`; move it there when the block ends well, remove it when it does not.

    Raises OutputError, with the reason, when the folder or the file cannot be written.
    """
    target = Path(os.path.realpath(path))  # of a link, replace what it points to
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".dropviz-", suffix=".part")
    except OSError as error:
        raise _cannot_write(path, error) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        part.chmod(0o666 & ~_umask())
        part.replace(target)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Raise OutputError now if no file could be put in the place of `path` later. Nothing is made."""
    folder = path.parent
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(None, "it is a folder")
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"cannot write {path}: {reason}; choose another place, or make this one writable")


def _umask() -> int:
    # The umask can only be read by setting it; mkstemp ignores it, and a GIF should be as readable as any other file.
    mask = os.umask(0)
    os.umask(mask)
    return mask
