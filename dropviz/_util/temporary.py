"""Temporary folders. The next run deletes those of processes that were killed.

Each folder holds a file that its process locks. The system releases the lock when the process ends, however it ends.
Where locks cannot be trusted, as between the machines of a shared disk, a folder is left alone for a day.
"""

import os
import platform
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # tested before each use

PREFIX, SUFFIX, LOCK = ".dropviz-", ".part", ".lock"
OURS = f"{PREFIX}{crc32(platform.node().encode()):08x}-"  # beginning of the names that this machine gives
DAY = 24 * 60 * 60  # seconds


@contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """Yield a new folder in `parent`, or in the system's folder for temporary files; delete it when the block ends.

    Folders that killed processes have left in `parent` are deleted too. Raises OSError if no folder can be created.

    >>> with temporary_folder() as folder:
    ...     (folder / "a.txt").write_text("text")
    4
    >>> folder.exists()
    False
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    path, lock = _make_locked(parent)
    try:
        _delete_abandoned(parent, path)
        yield path
    finally:
        os.close(lock)  # first: Windows deletes no open file
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let no other process into a block with the same folder, where the system has locks."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        yield
        return
    try:
        _lock(lock, wait=True)
        yield
    finally:
        os.close(lock)


def finish_exchange(part: Path, target: Path) -> None:
    """Move the folders of `part`/new to `target`, or, if new still holds a file, those of `part`/old back there.

    Folders of old and new have the same names. Nothing that stands in `target` is touched. Without `part`/old, the
    exchange had not begun, and nothing is moved.
    """
    new, old = part / "new", part / "old"
    if old.is_dir() and new.is_dir():
        for each in [*(old if any(each.is_file() for each in new.iterdir()) else new).iterdir()]:
            if not os.path.lexists(target / each.name):
                each.rename(target / each.name)


def _make_locked(parent: Path) -> tuple[Path, int]:
    """Return a new folder, and the handle of the file in it that is locked."""
    while True:
        path = Path(tempfile.mkdtemp(dir=parent, prefix=OURS, suffix=SUFFIX))
        # Until it is locked, another process may take it for an abandoned one, and delete it.
        with suppress(FileNotFoundError):
            lock = _open_lock(path)
            _lock(lock, wait=True)
            if os.path.exists(path / LOCK):
                return path, lock
            os.close(lock)


def _delete_abandoned(parent: Path, own: Path) -> None:
    """Delete the temporary folders in `parent` that belong to no process. What cannot be deleted is left."""
    now = own.stat()
    with suppress(OSError):
        for name in os.listdir(parent):  # noqa: PTH208  # paths take ten times as long
            if name.startswith(PREFIX) and name.endswith(SUFFIX) and name != own.name:
                with suppress(OSError):
                    _delete_if_abandoned(parent / name, now)


def _delete_if_abandoned(path: Path, own: os.stat_result) -> None:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != own.st_uid:
        return
    is_old = own.st_mtime - found.st_mtime > DAY  # by the clock of the disk, not by that of this machine
    lock = _open_lock(path)
    try:
        has_lock = _lock(lock, wait=False)
        if is_old or (has_lock and path.name.startswith(OURS)):
            with locked(path.parent):
                finish_exchange(path, path.parent)
            shutil.rmtree(path)
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int:
    return os.open(path / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _lock(file: int, *, wait: bool) -> bool:
    """Lock an open file; return False if the system or the disk has no locks.

    Raises BlockingIOError if another process has the lock, unless told to wait.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True
