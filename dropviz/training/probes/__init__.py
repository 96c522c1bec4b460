"""Measurements beyond accuracy and loss. A new one is one file, one line here, and one in `kinds.PROBES`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dropviz._util.registry import Entry
from dropviz.capture.rng import preserve_rng_state, stream_seed
from dropviz.training.probes.probe import Measured, Probe, Subject

STREAM = 4  # apart from those of the training

PROBE_CLASSES = {
    "activations": Entry("", "dropviz.training.probes.activations:Activations"),
    "expectation": Entry("", "dropviz.training.probes.expectation:Expectation"),
    "features": Entry("", "dropviz.training.probes.features:Features"),
    "gate": Entry("", "dropviz.training.probes.gate:Gate"),
    "giveaway": Entry("", "dropviz.training.probes.giveaway:Giveaway"),
    "samples": Entry("", "dropviz.training.probes.samples:Samples"),
    "weights": Entry("", "dropviz.training.probes.weights:Weights"),
}


class Probes:
    """The probes of one run, and what they measured so far.

    Whatever they draw, the random numbers of the training go on as if nothing had been: the same run without probes is
    the same run.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject, self._asked = subject, 0
        self._probes: dict[str, Probe] = {
            name: PROBE_CLASSES[name].load()(subject) for name in subject.experiment.probes
        }
        self._measured: dict[str, list[NDArray[Any]]] = {}
        self._at_end: dict[str, NDArray[Any]] = {}

    def step(self, rows: Tensor) -> None:
        """After the update of a kept iteration on these rows of the training set."""
        self._ask(lambda probe: probe.at_step(rows))

    def snapshot(self, iteration: int) -> None:
        """After an evaluation."""
        self._ask(lambda probe: probe.at_snapshot(iteration))

    def end(self) -> None:
        """After the last iteration."""
        for name, values in self._gather(lambda probe: probe.at_end()):
            self._at_end[name] = values

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything measured, by `probe/quantity`; the first dimension is the kept step, or the snapshot."""
        return {name: np.stack(values) for name, values in self._measured.items()} | self._at_end

    def _ask(self, question: Callable[[Probe], Measured]) -> None:
        for name, values in self._gather(question):
            self._measured.setdefault(name, []).append(values)

    def _gather(self, question: Callable[[Probe], Measured]) -> list[tuple[str, NDArray[Any]]]:
        if not self._probes:
            return []
        model = self._subject.model
        was_training = model.training
        self._asked += 1
        with torch.no_grad(), preserve_rng_state(self._subject.device):
            torch.manual_seed(stream_seed(self._subject.seed, STREAM, self._asked))
            found = [
                (f"{name}/{quantity}", _array(values))
                for name, probe in self._probes.items()
                for quantity, values in question(probe).items()
            ]
        model.train(was_training)
        return found


def _array(values: Tensor | NDArray[Any] | float) -> NDArray[Any]:
    return values.detach().cpu().numpy().copy() if isinstance(values, Tensor) else np.asarray(values)


__all__ = ["PROBE_CLASSES", "Probe", "Probes", "Subject"]
