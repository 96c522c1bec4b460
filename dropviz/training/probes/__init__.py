"""Measurements beyond accuracy and loss. A new one is one file, one line here, and one in `choices.PROBES`."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dropviz._util.registry import Entry
from dropviz.capture.rng import preserve_rng_state, stream_seed
from dropviz.training.probes.probe import Measured, Probe, Subject

STREAM = 4  # random stream, independent of those of training

PROBE_CLASSES = {
    "activations": Entry("", "dropviz.training.probes.activations:Activations"),
    "expectation": Entry("", "dropviz.training.probes.expectation:Expectation"),
    "features": Entry("", "dropviz.training.probes.features:Features"),
    "gate": Entry("", "dropviz.training.probes.gate:Gate"),
    "giveaway": Entry("", "dropviz.training.probes.giveaway:Giveaway"),
    "passes": Entry("", "dropviz.training.probes.passes:Passes"),
    "samples": Entry("", "dropviz.training.probes.samples:Samples"),
    "weights": Entry("", "dropviz.training.probes.weights:Weights"),
}


class Probes:
    """Probes of one run, and their measurements so far.

    They draw from a random stream of their own: a run with probes trains exactly as one without.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject, self._calls = subject, 0
        self._probes: dict[str, Probe] = {
            name: PROBE_CLASSES[name].load()(subject) for name in subject.experiment.probes
        }
        self._measured: dict[str, list[NDArray[Any]]] = {}
        self._at_end: dict[str, NDArray[Any]] = {}

    def go_on(self, arrays: Mapping[str, NDArray[Any]], calls: int) -> None:
        """Go on from the measurements of a run that was interrupted after so many calls."""
        self._measured = {name: list(values) for name, values in arrays.items()}
        self._calls = calls

    @property
    def calls(self) -> int:
        """Number of calls, each of which has a random stream of its own."""
        return self._calls

    @property
    def watch_evaluation(self) -> bool:
        """True if a probe needs to see the passes of evaluations."""
        return any(probe.watches_evaluation for probe in self._probes.values())

    def step(self, rows: Tensor, tracked: Tensor) -> None:
        """Measure after the update of a recorded iteration on these rows of the training set.

        tracked  places of the tracked examples among them
        """
        self._measure(lambda probe: probe.at_step(rows, tracked))

    def snapshot(self, iteration: int) -> None:
        """Measure after an evaluation."""
        self._measure(lambda probe: probe.at_snapshot(iteration))

    def end(self) -> None:
        """Measure after the last iteration."""
        self._at_end.update(self._call(lambda probe: probe.at_end()))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return arrays by `probe/quantity`; their first dimension is the recorded iteration, or the snapshot."""
        return {name: np.stack(values) for name, values in self._measured.items()} | self._at_end

    def _measure(self, method: Callable[[Probe], Measured]) -> None:
        for name, values in self._call(method):
            self._measured.setdefault(name, []).append(values)

    def _call(self, method: Callable[[Probe], Measured]) -> list[tuple[str, NDArray[Any]]]:
        if not self._probes:
            return []
        model = self._subject.model
        was_training = model.training
        self._calls += 1
        with torch.no_grad(), preserve_rng_state(self._subject.device):
            torch.manual_seed(stream_seed(self._subject.seed, STREAM, self._calls))
            measured = [
                (f"{name}/{quantity}", _array(values))
                for name, probe in self._probes.items()
                for quantity, values in method(probe).items()
            ]
        model.train(was_training)
        return measured


def _array(values: Tensor | NDArray[Any] | float) -> NDArray[Any]:
    return values.detach().cpu().numpy().copy() if isinstance(values, Tensor) else np.asarray(values)


__all__ = ["PROBE_CLASSES", "Probe", "Probes", "Subject"]
