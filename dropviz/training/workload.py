"""Amounts of work of runs, by which progress weighs runs of different length and size.

The unit is one multiplication with addition. The constants are measured: they make the work of networks of 8 to 2,048
units, with and without dropout, proportional to their time on one core within a fifth.
"""

from collections.abc import Iterable
from itertools import pairwise

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.training.events import Run

UPDATE, SNAPSHOT = 20e6, 40e6  # fixed work of an update and of a snapshot
DRAW = 700.0  # of a random number in a mask
CLASSES = 10
# By data set: pixels of an image, images for training and for test, as `training.data` splits them by default.
SIZES = {
    "digits": (64, 1_000, 797),
    **dict.fromkeys(("fashion-mnist", "mnist", "kmnist"), (784, 60_000, 10_000)),
}


def iterations_of(experiment: Experiment, rows: int) -> int:
    """Return the number of iterations of a run on `rows` training examples, smaller last minibatches included."""
    return experiment.epochs * -(-rows // experiment.batch_size)


def run_iterations(experiment: Experiment, arm: Arm) -> int:
    """Return the number of iterations of a run of `arm`."""
    own = experiment.of(arm)
    return iterations_of(own, _train_rows(own))


def run_work(experiment: Experiment, arm: Arm) -> float:
    """Return the work of a run of `arm`: its updates and its snapshots."""
    own = experiment.of(arm)
    pixels, _train, test = SIZES[own.data]
    rows = _train_rows(own)
    iterations, batch = iterations_of(own, rows), min(own.batch_size, rows)
    weights = sum(before * after for before, after in pairwise((pixels, *own.hidden, CLASSES)))
    drawn = sum(units for units, drop_prob in zip(own.hidden, arm.per_layer, strict=True) if drop_prob)
    drawn += pixels if arm.input_drop_prob else 0
    update = UPDATE + batch * (3 * weights + DRAW * drawn)
    snapshot = SNAPSHOT + (rows + test + own.validation_size) * weights
    return iterations * update + -(-iterations // own.snapshot_every) * snapshot


def longest_first(experiment: Experiment, runs: Iterable[Run]) -> list[Run]:
    """Return runs seed by seed, and those of a seed by falling work, so that processes that take them end together."""
    seeds = {seed: place for place, seed in enumerate(experiment.seeds)}
    return sorted(runs, key=lambda run: (seeds[run[1]], -run_work(experiment, run[0])))


def _train_rows(experiment: Experiment) -> int:
    """Return the number of training images; of digits, the validation set is drawn from what is left of them."""
    if experiment.train_size is not None:
        return experiment.train_size
    held_out = 0 if experiment.data == "digits" else experiment.validation_size
    return max(SIZES[experiment.data][1] - held_out, 1)
