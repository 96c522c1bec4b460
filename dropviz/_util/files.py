"""Atomic writing of files, numbered files and folders, and checks to make before the work begins.

New files are written under temporary names in the folder of their target, and renamed when they are complete.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dropviz._util.numbering import numbered, numbers_of
from dropviz.errors import OutputError


@contextmanager
def replace_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file; rename it to `path` when the block succeeds, delete it when the block raises.

    Missing folders are created. Raises OutputError, with the reason, if the folder or the file cannot be written.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replace_whole(Path(folder) / "a.txt") as file:
    ...         _ = file.write(b"complete")
    ...     (Path(folder) / "a.txt").read_text()
    'complete'
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


@contextmanager
def replace_numbered(pattern: Path) -> Iterator[Callable[[int], Path]]:
    """Yield a function from numbers to temporary paths; rename the files made there when the block succeeds.

    File 0, 1, … gets its number in the place of %d in `pattern`. Older files of the same pattern with higher numbers
    are deleted. When the block raises, nothing changes.
    Raises OutputError, with the reason, if the folder or a file cannot be written.
    """
    folder = pattern.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".dropviz-", suffix=".part") as parts:
            yield lambda number: Path(parts) / str(number)
            numbers = sorted(int(part.name) for part in Path(parts).iterdir())
            for number in numbers:
                (Path(parts) / str(number)).replace(folder / numbered(pattern.name, number))
        for stale in numbers_of(pattern):
            if stale >= len(numbers):
                (folder / numbered(pattern.name, stale)).unlink()
    except OSError as error:
        raise _cannot_write(pattern, error) from error


@contextmanager
def replace_together(path: Path) -> Iterator[Path]:
    """Yield a temporary folder; when the block succeeds, move its folders and its file `path.name` beside `path`.

    Folders are moved first, the file last. If a move fails, the previous folders are restored.
    Raises OutputError, with the reason, if something cannot be written.
    """
    target = Path(os.path.realpath(path)).parent
    part = None
    try:
        target.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target, prefix=".dropviz-", suffix=".part"))
        new, old = part / "new", part / "old"
        new.mkdir()
        old.mkdir()
        yield new
        _move(new, old, target, path.name)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)


def _move(new: Path, old: Path, target: Path, last: str) -> None:
    """Move the folders of `new`, then the file `last`, to `target`; keep replaced folders in `old` until then."""
    folders = sorted(each.name for each in new.iterdir() if each.name != last)
    try:
        for name in folders:
            if os.path.lexists(target / name):
                (target / name).rename(old / name)
            (new / name).rename(target / name)
        (new / last).replace(os.path.realpath(target / last))
    except BaseException:
        for name in folders:
            if not os.path.lexists(new / name):
                (target / name).rename(new / name)
            if os.path.lexists(old / name):
                (old / name).rename(target / name)
        raise


def check_not_open(path: Path) -> None:
    """Raise OutputError if a lock file shows that an office program has `path` open.

    Such a program would not notice the change, or would overwrite the new file.
    """
    for name in (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#"):
        if os.path.lexists(path.parent / name):
            raise OutputError(
                f"cannot write {path}: it is open in another program, which keeps {name!r} beside it; "
                "close it there, or choose another name"
            )


def check_replaceable(folder: Path, ours: re.Pattern[str]) -> None:
    """Raise OutputError if `folder` exists and holds a file whose name does not match `ours`.

    A folder that passes may be deleted and written again.
    """
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not os.path.isdir(folder):
        raise OutputError(f"cannot write {folder}: it exists and is not a folder; move it, or choose another name")
    others = sorted(each.name for each in folder.iterdir() if not ours.fullmatch(each.name))
    if others:
        raise OutputError(
            f"cannot replace {folder}: it holds {others[0]!r}, which no deck put there; move it, or choose another name"
        )


def check_writable(path: Path) -> None:
    """Raise OutputError if the file `path` could not be written. Nothing is created."""
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
    # The umask can only be read by setting it. mkstemp ignores it, but outputs should have the usual permissions.
    mask = os.umask(0)
    os.umask(mask)
    return mask
