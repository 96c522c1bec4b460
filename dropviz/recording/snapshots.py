"""Snapshots of a run while they are collected: each metric at some or all of the iterations."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.errors import RecordingError
from dropviz.recording.validation import METRIC_NAME


class SnapshotLog:
    """Metrics by iteration, which are added in the order of the iterations.

    >>> log = SnapshotLog()
    >>> log.add(10, {"train_loss": 0.7})
    >>> log.add(20, {"train_loss": 0.6, "test_accuracy": 0.8})
    >>> log.arrays()["test_accuracy"]
    array([nan, 0.8])
    """

    def __init__(self) -> None:
        self._metrics: dict[str, dict[int, float]] = {}
        self._latest = 0

    def add(self, iteration: int, metrics: Mapping[str, float]) -> None:
        """Add metrics of an iteration; those of one iteration may be added one after the other.

        A value that is not a number is stored as infinity, since NaN stands for "not measured".

        Raises RecordingError for an iteration before the latest one, no metric, a name that cannot be used, a metric
        that the iteration has already, or an accuracy that is not from 0 to 1.
        """
        if iteration < max(self._latest, 1):
            raise RecordingError(f"iteration {iteration} cannot have a snapshot: take one after step(), in order")
        if not metrics:
            raise RecordingError("a snapshot has no metric: give at least one, like test_loss=0.3")
        for name, value in metrics.items():
            self._check(iteration, name, value)
        self._latest = iteration
        for name, value in metrics.items():
            self._metrics.setdefault(name, {})[iteration] = math.inf if math.isnan(value) else float(value)

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "SnapshotLog":
        """Return a log that goes on from the arrays of another."""
        log = cls()
        for place, iteration in enumerate(arrays["iteration"].tolist()):
            values = {name: float(array[place]) for name, array in arrays.items() if name != "iteration"}
            log.add(iteration, {name: value for name, value in values.items() if not math.isnan(value)})
        return log

    def _check(self, iteration: int, name: str, value: float) -> None:
        if name == "iteration" or not METRIC_NAME.fullmatch(name):
            raise RecordingError(f"a metric cannot be called {name!r}: use 1 to 40 letters, digits, '_'")
        if iteration in self._metrics.get(name, {}):
            raise RecordingError(f"iteration {iteration} cannot have a second {name}: take a snapshot after step()")
        if name.endswith("accuracy") and not 0 <= value <= 1:
            raise RecordingError(f"{name} is {value!r}: must be from 0 to 1")

    def rows(self) -> list[tuple[int, dict[str, float]]]:
        """Return the metrics of each snapshot, by its iteration."""
        arrays = self.arrays()
        iterations = arrays.pop("iteration").tolist()
        return [
            (iteration, {name: float(values[place]) for name, values in arrays.items()})
            for place, iteration in enumerate(iterations)
        ]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return `iteration`, int [S], and each metric, float [S]: NaN at iterations at which it was not measured."""
        iterations = sorted({iteration for values in self._metrics.values() for iteration in values})
        return {"iteration": np.array(iterations, np.int64)} | {
            name: np.array([values.get(iteration, math.nan) for iteration in iterations], float)
            for name, values in self._metrics.items()
        }
