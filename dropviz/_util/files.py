"""Files are replaced whole or not at all."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dropviz.errors import OutputError

NUMBER = re.compile(r"%(0[1-9])?d")


def beside(path: Path, tail: str) -> Path:
    """The file beside the picture `path` that goes with it: ``a.gif`` and ``f-%d.png`` have ``a.txt`` and ``f.txt``."""
    return path.with_name((re.sub(r"-?%(0[1-9])?d", "", path.stem) or "frames") + tail)


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


def is_numbered(path: Path) -> bool:
    """Whether the name stands for many: it holds %d, or %03d and the like, for a number."""
    return NUMBER.search(path.name) is not None


@contextmanager
def replace_numbered(pattern: Path) -> Iterator[Callable[[int], Path]]:
    """Make new files 0, 1, …; when the block ends well, move each to its number in `pattern`, and remove older ones.

    The block gets a function from numbers to the paths where the files are made, in a folder that is removed when the
    block does not end well. Of older files only those of the same pattern with higher numbers are removed.
    Raises OutputError, with the reason, when the folder or a file cannot be written.
    """
    folder = pattern.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".dropviz-", suffix=".part") as parts:
            yield lambda number: Path(parts) / str(number)
            made = sorted(int(part.name) for part in Path(parts).iterdir())
            for number in made:
                (Path(parts) / str(number)).replace(folder / numbered(pattern.name, number))
        for stale in _later(pattern, len(made)):
            stale.unlink()
    except OSError as error:
        raise _cannot_write(pattern, error) from error


def numbered(name: str, number: int) -> str:
    """The name with a number in the place of its %d; the last one, if there are several."""
    *_, place = NUMBER.finditer(name)
    return f"{name[: place.start()]}{number:0{place[1] or 0}d}{name[place.end() :]}"


def _later(pattern: Path, count: int) -> list[Path]:
    """The files in the folder whose names are of the pattern, with numbers from `count` on."""
    *_, place = NUMBER.finditer(pattern.name)
    before, after = re.escape(pattern.name[: place.start()]), re.escape(pattern.name[place.end() :])
    matches = [re.fullmatch(f"{before}([0-9]{{1,9}}){after}", path.name) for path in pattern.parent.iterdir()]
    numbers = [int(match[1]) for match in matches if match and match[0] == numbered(pattern.name, int(match[1]))]
    return [pattern.parent / numbered(pattern.name, number) for number in numbers if number >= count]


@contextmanager
def replace_together(path: Path) -> Iterator[Path]:
    """Yield a new folder; when the block ends well, the file and the folders made in it are moved beside `path`.

    Folders first, the file `path.name` last: until then, what was there before can be, and is, put back.
    Raises OutputError, with the reason, when something cannot be written.
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


def check_open(path: Path) -> None:
    """Raise OutputError if an office program has `path` open, and would not see it change or would write it back."""
    for name in (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#"):
        if os.path.lexists(path.parent / name):
            raise OutputError(
                f"cannot write {path}: it is open in another program, says {name!r} beside it; "
                "close it there, or choose another name"
            )


def check_folder(folder: Path, ours: re.Pattern[str]) -> None:
    """Raise OutputError if `folder` is there and holds anything but files with names like `ours`: it is replaced."""
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not os.path.isdir(folder):
        raise OutputError(f"cannot write {folder}: it is there, and no folder; move it, or choose another name")
    others = sorted(each.name for each in folder.iterdir() if not ours.fullmatch(each.name))
    if others:
        raise OutputError(
            f"cannot replace {folder}: it holds {others[0]!r}, which no deck put there; move it, or choose another name"
        )


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
