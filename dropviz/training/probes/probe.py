"""What every probe is: it looks at a model in training, and says in arrays what it sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz.errors import ExperimentError
from dropviz.experiments.experiment import Experiment
from dropviz.training.data import Split

Measured = Mapping[str, Tensor | NDArray[Any] | float]


@dataclass(frozen=True, eq=False)
class Subject:
    """One run in training: `experiment` is that of its arm alone, `parts` are on the device of the `model`."""

    experiment: Experiment
    seed: int
    model: nn.Module
    parts: Split

    @property
    def device(self) -> torch.device:
        """Where model and data are."""
        return self.parts.train_labels.device


class Probe:
    """Each method returns arrays by quantity, always the same ones; asked without gradients, in a random stream apart.

    The model may be put in either mode, and is put back afterwards.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def at_step(self, rows: Tensor) -> Measured:  # noqa: ARG002  # for probes that look at the minibatch
        """After the update of a kept iteration; `rows` int [examples] are those of its minibatch, in the split."""
        return {}

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # for probes that look at some only
        """After each evaluation."""
        return {}

    def at_end(self) -> Measured:
        """After the last iteration."""
        return {}


def need_hidden_layer(subject: Subject, name: str) -> None:
    """ExperimentError if the network is linear, and has nothing for the probe of that name to look at."""
    if not subject.experiment.hidden:
        raise ExperimentError(f"probe {name!r} needs a hidden layer: give hidden one or more sizes")
