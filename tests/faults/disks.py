"""Full disks: a small one in memory, which root may mount, or else a limit on the size of files."""

import contextlib
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from numpy.random import Generator

from .checks import Files

SIZE = 256 << 20
LEAST = 4096  # of a limit on files: messages are files too


class Disk:
    """A folder on a disk whose room can be limited."""

    def __init__(self, path: Path, inputs: Path) -> None:
        self.path, self.mount = path, shutil.which("mount")
        path.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={SIZE}", "dropviz-faults", str(path)]
        self.is_small = self.mount is not None and not self._run(*options)
        (path / "inputs").symlink_to(inputs)

    def __str__(self) -> str:
        return "a small disk in memory (ENOSPC)" if self.is_small else "a limit on the size of files (EFBIG)"

    def room(self, rng: Generator, files: Files) -> int:
        """Choose a number of bytes, too few for these files."""
        sizes = [len(data) for data in files.values()]
        return int(rng.integers(sum(sizes)) if self.is_small else rng.integers(LEAST, max(LEAST + 1, *sizes)))

    @contextlib.contextmanager
    def limited(self, room: int) -> Iterator[None]:
        """Leave so much room on the small disk, in whole pages, while the block runs."""
        if not self.is_small:
            yield
            return
        found = os.statvfs(self.path)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        assert not self._run("-o", f"remount,size={used + room}", str(self.path))
        try:
            yield
        finally:
            assert not self._run("-o", f"remount,size={SIZE}", str(self.path))

    def limit(self, room: int) -> None:
        """Limit the files of this process, where there is no small disk."""
        if not self.is_small:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    def close(self) -> None:
        """Unmount the disk."""
        if self.is_small:
            subprocess.run([shutil.which("umount") or "umount", "-l", str(self.path)], check=True)

    def _run(self, *options: str) -> int:
        return subprocess.run([self.mount or "mount", *options], capture_output=True, check=False).returncode
