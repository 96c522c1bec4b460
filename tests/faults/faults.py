"""The faults by name: each disturbs a command once, or a few times, and names what is wrong after it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from numpy.random import Generator

from .checks import CHECKPOINT, Files, left, mixed, torn, unlike
from .commands import COMMANDS, TRAININGS, Command, Known, new_folder
from .disks import Disk
from .processes import Process

MOST_KILLS = 6  # of one run


@dataclass(frozen=True)
class Trial:
    """A command, its known files, the folder for its runs, and the random choices."""

    command: Command
    known: Known
    root: Path
    rng: Generator

    def before(self) -> Files:
        """Choose the files that are there before: old ones, or none."""
        return self.known.old if self.rng.random() < 0.5 else {}

    def start(self, folder: Path, *more: str, prepare: Callable[[], object] = bool) -> Process:
        """Start the command."""
        return Process((*self.command.argv, *more), folder, lambda: (self.command.prepare(), prepare()))

    def whole(self, folder: Path, before: Files) -> Iterator[str]:
        """Name files that are not whole."""
        yield from torn(folder, self.known, before)
        if self.command.together:
            yield from mixed(folder, self.known, before)

    def again(self, folder: Path) -> Iterator[str]:
        """Run the command to its end, and name what is not as if nothing had disturbed it."""
        status, words = self.start(folder).finish()
        if status:
            yield f"run again, it ended with status {status}: {words[-300:]!r}"
        yield from unlike(folder, self.known)
        yield from left(folder)


@dataclass(frozen=True)
class Result:
    """Result of a trial: how often the command was disturbed, how, what was wrong after it, and what to count."""

    times: int
    how: str
    wrong: tuple[str, ...]
    counted: dict[str, int]


def kill(trial: Trial, _disk: Disk) -> Result:
    """Kill the command at a moment, with its workers or without them, and run it again."""
    before, wrong = trial.before(), []
    folder = new_folder(trial.root, before)
    moment, group = trial.known.seconds * trial.rng.random(), bool(trial.rng.random() < 0.5)
    process = trial.start(folder)
    running = not process.wait(moment)
    process.kill(group=group)
    process.finish()
    wrong += [*(f"{name} goes on" for name in process.survivors()), *process.shared()]
    wrong += [*trial.whole(folder, before), *trial.again(folder)]
    how = f"killed {'with its workers' if group else 'alone'} after {moment:.3f} s, {len(before)} files before"
    return Result(1, how, tuple(wrong), {"running": running})


def resume(trial: Trial, _disk: Disk) -> Result:
    """Kill a training again and again, until it is done."""
    folder, kills, checkpoints, wrong, moments = new_folder(trial.root), 0, 0, [], []
    most = int(trial.rng.integers(1, MOST_KILLS + 1))
    while kills < most:
        process, moment = trial.start(folder), trial.known.seconds * trial.rng.random()
        if process.wait(moment):
            process.finish()
            break
        process.kill(group=True)
        process.finish()
        kills += 1
        moments.append(f"{moment:.3f}")
        checkpoints += any(folder.rglob(f"*{CHECKPOINT}"))
        wrong += torn(folder, trial.known, {})
    wrong += trial.again(folder)
    return Result(kills, f"killed after {', '.join(moments)} s", tuple(wrong), {"with a checkpoint": checkpoints})


def fill(trial: Trial, disk: Disk) -> Result:
    """Run the command with too little room, and again with enough of it."""
    before = trial.before()
    folder = new_folder(disk.path, before)
    room = disk.room(trial.rng, trial.known.new)
    with disk.limited(room):
        process = trial.start(folder, prepare=lambda: disk.limit(room))
        status, words = process.finish()
        wrong = [f"{name} goes on" for name in process.survivors()]
    wrong += refused(status, words) if status else unlike(folder, trial.known)
    wrong += left(folder) if trial.command.cleans else []
    wrong += [*trial.whole(folder, before), *trial.again(folder)]
    return Result(1, f"{room:,} bytes of room, {len(before)} files before", tuple(wrong), {"refused": status != 0})


def meet(trial: Trial, _disk: Disk) -> Result:
    """Run the command twice at once, the second with other options if it has some."""
    before = trial.before()
    folder = new_folder(trial.root, before)
    offset, more = trial.known.seconds * trial.rng.random() ** 4, trial.command.old or ()
    first = trial.start(folder)
    first.wait(offset)
    both = first, trial.start(folder, *more)
    ends = [process.finish() for process in both]
    wrong = [words for status, err in ends if status for words in refused(status, err)]
    wrong += [f"{name} goes on" for process in both for name in process.survivors()]
    wrong += [*torn(folder, trial.known, trial.known.old), *left(folder)]
    if trial.command.takes_turns:
        wrong += mixed(folder, trial.known, trial.known.old)
    wrong += trial.again(folder)
    how = f"met after {offset:.3f} s, {len(before)} files before"
    return Result(1, how, tuple(wrong), {"refused": sum(status != 0 for status, _ in ends)})


def refused(status: int, words: str) -> Iterator[str]:
    """Name what is wrong with the end of a command that could not do its work."""
    errors = [line for line in words.splitlines() if line.startswith("dropviz: ") and ": note: " not in line]
    if status < 0 or len(errors) != 1 or "Traceback" in words or not (errors[0].isprintable() and len(errors[0]) < 310):
        yield f"ended with status {status}, not with one line: {words[-300:]!r}"


@dataclass(frozen=True)
class Fault:
    """A function that disturbs a command, the commands, and the word for what it does."""

    disturb: Callable[[Trial, Disk], Result]
    word: str
    commands: tuple[Command, ...] = COMMANDS


FAULTS = {
    "kills": Fault(kill, "kills"),
    "resume": Fault(resume, "kills", TRAININGS),
    "full-disk": Fault(fill, "full"),
    "meetings": Fault(meet, "meetings"),
}
