"""Run one fault at length: `python -m tests.faults kills --count 1000 --seed 1`."""

import collections
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np

from .commands import Command, Known, import_all, measure, write_inputs
from .disks import Disk
from .faults import FAULTS, Fault, Trial

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # a folder in memory, for speed


def run(fault: Fault, known: dict[Command, Known], root: Path, disk: Disk, count: int, seed: int) -> bool:
    """Disturb commands in turn, print what is wrong, then the numbers of each command; return True if all is well."""
    numbers: dict[str, collections.Counter] = {}
    while sum(each["times"] for each in numbers.values()) < count:
        command = fault.commands[seed % len(fault.commands)]
        if command not in known:
            known[command] = measure(command, root)
        result = fault.disturb(Trial(command, known[command], root, np.random.default_rng(seed)), disk)
        left = sum(words.endswith("is left") for words in result.wrong)
        found = {"times": result.times, "left": left > 0, "wrong": len(result.wrong) > left}
        numbers.setdefault(command.name, collections.Counter()).update(found | result.counted)
        for words in result.wrong:
            click.echo(f"seed {seed}: {command.name}, {result.how}: {words}")
        seed += 1
    for name, found in numbers.items():
        click.echo(f"{name:18}{_line(found, fault.word)}")
    return not any(found["wrong"] or found["left"] for found in numbers.values())


def _line(found: collections.Counter, word: str) -> str:
    whole, own = found["times"] - found["wrong"], ("times", "wrong", "left")
    more = "".join(f"{number:6,} {name}" for name, number in found.items() if name not in own)
    return f"{found['times']:6,} {word}{whole:6,} whole{found['left']:6,} left{more}"


@click.command()
@click.argument("names", metavar="FAULT...", nargs=-1, required=True, type=click.Choice([*FAULTS]))
@click.option("--count", default=100, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the first command; each next has the next one.")
def main(names: tuple[str, ...], count: int, seed: int) -> None:
    """Disturb commands by faults, and print how often their files were whole and nothing temporary was left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    import_all()
    root = Path(tempfile.mkdtemp(dir=MEMORY, prefix="dropviz-faults-"))  # no object that deletes it in copies too
    disk, known, well = Disk(root / "disk", root / "inputs"), {}, []
    try:
        write_inputs(root)
        for name in names:
            begun = time.monotonic()
            well.append(run(FAULTS[name], known, root, disk, count, seed))
            about = f", on {disk}" if name == "full-disk" else ""
            click.echo(f"{name}: {time.monotonic() - begun:.0f} s{about}")
    finally:
        disk.close()
        shutil.rmtree(root)
    sys.exit(not all(well))


if __name__ == "__main__":
    main()
