"""Conditions under which worker processes are started, and end."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dropviz._util.signals import OF_A_GROUP

WATCH = "dropviz: end with parent"
GRACE = 5  # seconds that a process has to clean up


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Ignore the signals OF_A_GROUP, and let processes that are started meanwhile inherit that.

    They reach the whole process group, and only this process handles them. Other threads than the main one cannot set
    a signal handler; the workers then begin to ignore them by themselves.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in OF_A_GROUP}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def main_module_hidden() -> Iterator[None]:
    """Keep processes that are started meanwhile from importing the user's main module.

    `spawn` imports it by `__spec__` or `__file__`: a script without an ``if __name__ == "__main__"`` guard would train
    again in each worker. The workers need nothing of it.
    """
    module = sys.modules["__main__"]
    names = ("__spec__", "__file__")
    hidden = {name: getattr(module, name) for name in names if hasattr(module, name)}
    module.__spec__ = None
    if "__file__" in hidden:
        del module.__file__
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(module, name, value)


def end_with_parent(number: int | None = None) -> None:
    """End this worker process soon after the process that started it has ended, however that ended.

    number  of the process that started it, which may have ended already; the present parent if not given

    SIGTERM comes first, so that a half-written file is removed. The main process of a program is left alone.
    """
    parent = multiprocessing.parent_process()
    if parent is None and multiprocessing.current_process().name == "MainProcess":
        return
    if WATCH not in [thread.name for thread in threading.enumerate()]:
        threading.Thread(target=_end_after, args=(parent, number or os.getppid()), name=WATCH, daemon=True).start()


def _end_after(parent: Any, number: int) -> None:
    if parent is not None and parent.sentinel is not None:
        parent.join()
    else:  # joblib's workers have no sentinel
        while os.getppid() == number:
            time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
