"""Atomic writing of files, numbered files and folders, and checks to make before the work begins.

New files are written into a temporary folder beside their target, and moved there when they are complete.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dropviz._util.numbering import numbered, numbers_of
from dropviz._util.temporary import finish_exchange, locked, temporary_folder
from dropviz.errors import OutputError


@contextmanager
def replace_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file; move it to `path` when the block succeeds, delete it when the block raises.

    Missing folders are created. Raises OutputError, with the reason, if the folder or the file cannot be written.

    >>> with temporary_folder() as folder:
    ...     with replace_whole(folder / "a.txt") as file:
    ...         _ = file.write(b"complete")
    ...     (folder / "a.txt").read_text()
    'complete'
    """
    _check_name(path)
    try:
        target = Path(os.path.realpath(path))  # of a link, replace what it points to
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        with temporary_folder(target.parent) as part:
            with (part / "new").open("xb") as file:
                yield file
            (part / "new").replace(target)
    except OSError as error:
        raise _cannot_write(path, error) from error


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
        with temporary_folder(folder) as part:
            (part / "new").mkdir()
            yield lambda number: part / "new" / str(number)
            numbers = sorted(int(each.name) for each in (part / "new").iterdir())
            with locked(folder):
                for number in numbers:
                    (part / "new" / str(number)).replace(folder / numbered(pattern.name, number))
                for stale in numbers_of(pattern):
                    if stale >= len(numbers):
                        (folder / numbered(pattern.name, stale)).unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(pattern, error) from error


@contextmanager
def replace_together(path: Path) -> Iterator[Path]:
    """Yield a temporary folder; when the block succeeds, move its folders and its file `path.name` beside `path`.

    The previous folders are moved away, the file is replaced, and the new folders are moved in. If that is interrupted,
    it is undone before the file was replaced, and finished after it: here, or by the next run if the process is killed.
    Raises OutputError, with the reason, if something cannot be written.
    """
    try:
        target = Path(os.path.realpath(path)).parent
        target.mkdir(parents=True, exist_ok=True)
        with temporary_folder(target) as part:
            new, old = part / "new", part / "old"
            new.mkdir()
            yield new
            with locked(target):
                old.mkdir()  # the exchange has begun: from here on, what is interrupted can be undone or finished
                try:
                    for name in [each.name for each in new.iterdir() if each.name != path.name]:
                        if os.path.lexists(target / name):
                            (target / name).rename(old / name)
                    (new / path.name).replace(os.path.realpath(target / path.name))
                finally:
                    finish_exchange(part, target)
    except OSError as error:
        raise _cannot_write(path, error) from error


@contextmanager
def replace_files(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder; when the block succeeds, move its files into `folder`.

    When the block raises, nothing changes. Raises OutputError, with the reason, if a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with temporary_folder(folder) as part:
            (part / "new").mkdir()
            yield part / "new"
            for each in sorted((part / "new").iterdir()):
                each.replace(folder / each.name)
    except OSError as error:
        raise _cannot_write(folder, error) from error


@contextmanager
def temporary_paths_unnamed() -> Iterator[None]:
    """Raise the OSError behind an OutputError of the block, whose message names a temporary file."""
    try:
        yield
    except OutputError as error:
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
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


def check_writable(path: Path, *others: Path) -> None:
    """Raise OutputError if the file `path` or, by its name, one of `others` could not be written. Creates nothing."""
    for each in (path, *others):
        _check_name(each)
    try:
        folder = path.parent
        while not os.path.lexists(folder) and folder != folder.parent:
            folder = folder.parent
        if os.path.isdir(path):
            raise IsADirectoryError(None, "it is a folder")
        with temporary_folder(folder):
            pass
    except OSError as error:
        raise _cannot_write(path, error) from error


def _check_name(path: Path) -> None:
    """Raise OutputError if the locale has no bytes for a letter of `path`, such as one of the name of an arm."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise OutputError(
            f"cannot write {path}: names of files are in {error.encoding} here, which lacks some of its letters; "
            "use a locale in UTF-8, as with LC_ALL=C.UTF-8"
        ) from None


def _cannot_write(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"cannot write {path}: {reason}; choose another place, or make this one writable")
