"""Commands as processes: copies of this one, so that none imports again what this one has imported."""

import atexit
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from dropviz.cli import main

PROC, MEMORY, MARK = Path("/proc"), Path("/dev/shm"), "DROPVIZ_FAULT"  # noqa: S108  # where semaphores are
END = 120.0  # seconds after which a command hangs
GRACE = 10.0  # seconds that workers have to end after their parent
STEP = 0.005  # seconds between two looks


class Process:
    """A command that runs in a folder, with `tmp` in it for temporary files, as a session of its own."""

    def __init__(self, argv: Sequence[str], folder: Path, prepare: Callable[[], object] = bool) -> None:
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  # closed by `wait`
        assert len([*(PROC / "self/task").iterdir()]) == 1, "a process with threads must not be copied"
        self.status: int | None = None
        self.with_group = False
        self.pid = os.fork()
        if self.pid == 0:
            self._run(argv, folder, prepare)

    def _run(self, argv: Sequence[str], folder: Path, prepare: Callable[[], object]) -> NoReturn:
        status: object = 1
        try:
            os.setsid()
            os.chdir(folder)
            os.environ |= {"TMPDIR": str(folder / "tmp"), MARK: str(os.getpid())}
            tempfile.tempdir = None
            for number, file in enumerate((os.open(os.devnull, os.O_RDWR), self.out.fileno(), self.err.fileno())):
                os.dup2(file, number)
            prepare()
            main([*argv])
            status = 0
        except SystemExit as end:
            status = end.code or 0
        except BaseException:  # noqa: BLE001  # printed as the interpreter does
            traceback.print_exc()
        finally:
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(str(status)))

    @property
    def is_over(self) -> bool:
        """True if the process has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None

    def kill(self, *, group: bool) -> None:
        """Kill it, with its workers or without them."""
        self.with_group = group
        if not self.is_over:
            (os.killpg if group else os.kill)(self.pid, signal.SIGKILL)

    def wait(self, seconds: float = END) -> bool:
        """Wait for its end, up to so many seconds; return False if it goes on."""
        end = time.monotonic() + seconds
        while not self.is_over and time.monotonic() < end:
            time.sleep(STEP)
        return self.is_over

    def finish(self) -> tuple[int, str]:
        """Wait for its end and return exit status and stderr; what hangs is killed and has no status of its own."""
        if not self.wait():
            self.kill(group=True)
            self.wait()
        self.err.seek(0)
        words = self.err.read().decode(errors="replace")
        self.out.close()
        self.err.close()
        return self.status or 0, words

    def survivors(self) -> list[str]:
        """Wait for the end of its workers; name those that go on, and kill them."""
        end = time.monotonic() + GRACE
        while (found := self._members()) and time.monotonic() < end:
            time.sleep(STEP)
        names = [_name(pid) for pid in found]
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return names

    def shared(self) -> list[str]:
        """Name what is left of it in shared memory; delete semaphores, if what would have deleted them was killed."""
        if self.with_group:
            for path in MEMORY.glob(f"sem.loky-{self.pid}-*"):
                path.unlink()
        return [f"{path} is left" for path in MEMORY.glob(f"*[_-]{self.pid}[_-]*")]

    def _members(self) -> list[int]:
        """Processes of its session or with its mark, the leader and those that are dead left out."""
        found = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
        return [pid for pid in found if pid != self.pid and self._has(pid)]

    def _has(self, pid: int) -> bool:
        try:
            state, _parent, _group, session = (PROC / f"{pid}/stat").read_text().rpartition(") ")[2].split()[:4]
            marked = f"{MARK}={self.pid}\0".encode() in (PROC / f"{pid}/environ").read_bytes()
        except OSError:  # ended, or of another user
            return False
        return state not in "ZX" and (int(session) == self.pid or marked)


def _name(pid: int) -> str:
    try:
        return (PROC / f"{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:100]
    except OSError:
        return str(pid)
