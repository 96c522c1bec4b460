"""Measure commands as whole processes, in turn, and functions inside one."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Timing:
    """Wall seconds of each round, and the largest memory of any, in bytes."""

    seconds: list[float]
    memory: int

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return median(self.seconds)


def in_turn(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, Timing]:
    """Run the commands one after another, A B C A B C …, so that a machine that drifts drifts for all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0)
    for _round in range(rounds):
        for name, command in commands.items():
            taken, used = _run(command)
            seconds[name].append(taken)
            memory[name] = max(memory[name], used)
    return {name: Timing(seconds[name], memory[name]) for name in commands}


def _run(command: Sequence[str]) -> tuple[float, int]:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {errors.decode()[-2000:]}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


def python(*args: str) -> list[str]:
    """A command that runs a module of the benchmarks in this Python."""
    return [sys.executable, "-m", *args]


def best_rate(work: Callable[[], float], rounds: int) -> float:
    """The highest of several rates, each returned by `work`: a limit of the machine."""
    return max(work() for _ in range(rounds))


def peak_memory() -> int:
    """The most memory this process ever held, in bytes."""
    # Not getrusage: across fork and exec it remembers the size of the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
