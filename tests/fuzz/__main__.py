"""Run one fuzz target at length: `python -m tests.fuzz charts --count 20000 --seed 1`."""

import collections
import re
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path

import click
import numpy as np

import dropviz
from dropviz.errors import DropvizError
from dropviz.experiments.experiment import Arm, Experiment

from .targets import TARGETS, make_target

LIMIT = 2.0  # seconds of processor time for one input
MAX_LETTERS = 300
SMALL = Experiment(
    "small",
    train_size=40,
    hidden=(6, 5),
    epochs=2,
    batch_size=20,
    snapshot_every=1,
    recorded_iterations=4,
    tracked_examples=2,
    seeds=(1, 2),
    arms=(Arm("no dropout"), Arm("dropout", 0.5)),
)


class Hang(BaseException):
    """Raised by the alarm; no handler of errors catches it."""


def _alarm(*_: object) -> None:
    raise Hang


def outcome(read, limit: float = LIMIT) -> str:
    """Have one input read or drawn; return "accepted", "refused", or what is wrong. A `limit` of 0 is none."""
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        read()
    except DropvizError as error:
        words = str(error)
        bad = len(words) >= MAX_LETTERS or not words.isprintable()
        return f"MESSAGE {type(error).__name__} {words[:400]!r}" if bad else "refused"
    except Hang:
        return "HANG at " + _place(sys.exc_info()[2])
    except MemoryError:
        return "MEMORY"
    except Exception as error:  # noqa: BLE001  # any other is a finding
        return f"TRACEBACK {type(error).__name__}: {str(error)[:80]!r} at {_place(error.__traceback__)}"
    else:
        return "accepted"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _place(trace) -> str:
    own = [frame for frame in traceback.extract_tb(trace) if "dropviz/" in frame.filename]
    return " < ".join(f"{frame.filename.split('dropviz/')[-1]}:{frame.lineno}" for frame in own[-1:-4:-1])


def _memory(*, restart: bool = False) -> float:
    """Return the peak of resident memory in MB, of Linux since the last restart; elsewhere of the whole process."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if restart:
        Path("/proc/self/clear_refs").write_text("5")
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024


def _load(folder: str | None) -> list[dropviz.Recording]:
    """The recordings in a folder; without one, those of two small runs."""
    if folder:
        return [dropviz.load(path) for path in sorted(Path(folder).rglob("*.npz"))]
    return dropviz.train(SMALL, device="cpu", progress=False)


@click.command()
@click.argument("target", type=click.Choice([*TARGETS]))
@click.option("--count", default=1_000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the first input; each next has the next one.")
@click.option("--seconds", default=0, help="End after so many seconds; 0 for no end.")
@click.option("--recordings", help="Folder of recordings for `charts`; without it, small ones are trained.")
@click.option("--verbose", is_flag=True, help="Print each finding with its seed as it comes.")
def main(target: str, count: int, seed: int, seconds: int, recordings: str | None, verbose: bool) -> None:
    """Run a fuzz target, and print how many inputs were accepted, refused, or went wrong, and with which seeds."""
    signal.signal(signal.SIGPROF, _alarm)
    warnings.simplefilter("ignore")
    run, results = make_target(target, _load(recordings)), collections.Counter()
    first: dict[str, int] = {}
    slowest, most, begun = 0.0, 0.0, time.perf_counter()
    outcome(run(np.random.default_rng(seed)), limit=0)  # imports what this target needs
    for number in range(seed, seed + count):
        if seconds and time.perf_counter() - begun > seconds:
            break
        read = run(np.random.default_rng(number))
        memory, before = _memory(restart=True), time.process_time()
        result = outcome(read)
        slowest, most = max(slowest, time.process_time() - before), max(most, _memory() - memory)
        about = getattr(run, "about", "")
        result = result if result in ("accepted", "refused") else f"{about} {result}".strip()
        results[result] += 1
        if first.setdefault(result, number) == number and verbose:
            click.echo(f"{number}: {result}")
    for result, times in results.most_common():
        click.echo(f"{times:8,}  {result}  (seed {first[result]})")
    seconds = int(time.perf_counter() - begun)
    click.echo(f"{results.total():,} inputs in {seconds} s; at most {slowest:.2f} s and {most:.0f} MB for one of them")
    sys.exit(bool(set(results) - {"accepted", "refused"}))


if __name__ == "__main__":
    main()
