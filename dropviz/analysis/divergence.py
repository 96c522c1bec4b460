"""Runs that diverged: those whose loss at the end is no number, or far above that of a guess."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

import numpy as np

from dropviz.analysis.answers import Answer
from dropviz.analysis.comparison import DIVERGED, ArmRuns, Comparison
from dropviz.analysis.metrics import quantity_of
from dropviz.errors import RecordingError
from dropviz.recording import Recording
from dropviz.style.labels import Labels

# Loss of a network that says nothing: of ten classes, equal probabilities, or a bound for outputs 0; of pixels, a half.
GUESS = {"cross-entropy": log(10), "squared": 1.0, "reconstruction": log(2)}
FAR = 10.0  # times the loss of a guess: no training that works ends there
LARGEST = np.finfo(np.float64).max  # of finite numbers
MAX_SEEDS = 3  # whose numbers are listed
MAX_NOTED = 5  # arms that a line or a picture names


def diverged_from(run: Recording) -> int | None:
    """Return the iteration of the first snapshot from which on a loss of the run is no longer one of a training.

    A loss is measured as infinity where it is no finite number. None if the run has not diverged.
    """
    limit = FAR * GUESS[run.experiment.loss] if run.experiment else LARGEST
    starts = []
    for metric in run.metrics:
        if quantity_of(metric) != "loss":
            continue
        values = run.metric(metric)
        measured = ~np.isnan(values)
        # Of data held out, a finite loss may be large: of training, it is not.
        is_good = values[measured] <= (limit if metric == "train_loss" else LARGEST)
        if len(is_good) and not is_good[-1]:
            last_good = np.flatnonzero(is_good)[-1] if is_good.any() else -1
            starts.append(int(run.snapshots["iteration"][measured][last_good + 1]))
    return min(starts, default=None)


def diverged_runs(arm: ArmRuns) -> Mapping[int, int]:
    """Return the iteration from which on a run has diverged, by its seed; none for runs that have not."""
    found = {run.seed: diverged_from(run) for run in arm.runs}
    return {seed: iteration for seed, iteration in found.items() if iteration is not None}


def divergence(comparison: Comparison, labels: Labels) -> list[Answer]:
    """Return the answer of recordings some of which diverged: which ones, and from when on. Empty if none has.

    It takes the place of what a chart would answer, since runs that diverged say nothing about dropout.
    """
    found = {arm.name: runs for arm in comparison.arms if (runs := diverged_runs(arm))}
    if not found:
        return []
    first = min(min(runs.values()) for runs in found.values())
    unit = labels("epoch number" if comparison.counts_epochs else "iteration number", number=first)
    count, total = sum(map(len, found.values())), sum(len(arm.runs) for arm in comparison.arms)
    key = "diverged one" if total == 1 else "diverged all" if count == total else "diverged"
    parts = [labels("colon", name=labels.name(name), value=_seeds(runs, labels)) for name, runs in found.items()]
    rest = [labels("more arms", count=len(parts) - MAX_NOTED)] if len(parts) > MAX_NOTED else []
    evidence = labels("semicolon").join([*parts[:MAX_NOTED], *rest, labels("lower learning rate")])
    return [Answer(labels(key, count=count, total=total, first=unit), None, evidence)]


def with_divergence(error: RecordingError, comparison: Comparison) -> RecordingError:
    """Return the error of recordings that cannot be drawn, with which of them diverged, if some have.

    It is their cause only if it says so itself.
    """
    answers = divergence(comparison, Labels("en"))
    if not answers:
        return error
    reason, diverged, _ = str(error).partition(f": {DIVERGED}")
    return RecordingError(f"{reason}{':' if diverged else '.'} {answers[0].words(Labels('en'))}")


def divergence_note(runs: Iterable[Recording]) -> str:
    """Return a line on the runs that diverged: of each arm how many seeds, and from when on; "" if none has."""
    total: Counter[str] = Counter()
    found: dict[str, list[int]] = {}
    for run in runs:
        total[run.arm] += 1
        if (iteration := diverged_from(run)) is not None:
            found.setdefault(run.arm, []).append(iteration)
    parts = [
        f"{arm!r}, {len(starts)} of {total[arm]} seeds, from iteration {min(starts):,} on"
        for arm, starts in found.items()
    ]
    rest = [f"{len(parts) - MAX_NOTED} more arms"] if len(parts) > MAX_NOTED else []
    return f"diverged: {'; '.join([*parts[:MAX_NOTED], *rest])}: lower learning_rate" if parts else ""


def _seeds(runs: Mapping[int, int], labels: Labels) -> str:
    """Return the seeds of runs, and from when on they have diverged."""
    if len(runs) == 1:
        words = labels("seed", seed=next(iter(runs)))
    elif len(runs) <= MAX_SEEDS:
        words = labels("diverged seeds", seeds=labels("comma").join(map(str, runs)))
    else:
        words = labels("diverged count", count=len(runs))
    return labels("diverged from", runs=words, first=f"{min(runs.values()):,}")
