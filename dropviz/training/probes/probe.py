"""Base class of probes, which measure a model while it trains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz.errors import ExperimentError
from dropviz.experiments.experiment import Experiment
from dropviz.training.data import Split

Measured = Mapping[str, Tensor | NDArray[Any] | float]


@dataclass(frozen=True, eq=False)
class Subject:
    """Run in training: `experiment` has its arm alone, `parts` are on the device of the `model`."""

    experiment: Experiment
    seed: int
    model: nn.Module
    parts: Split

    @property
    def device(self) -> torch.device:
        """Device of model and data."""
        return self.parts.train_labels.device


class Probe:
    """Measurements of one run. Each method returns arrays by quantity, the same quantities at each call.

    Methods are called without gradients, with a random stream of their own. They may change the mode of the model,
    which is restored.
    """

    watches_evaluation: ClassVar[bool] = False  # True if its hooks must see the passes of evaluations

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def at_step(self, rows: Tensor, tracked: Tensor) -> Measured:  # noqa: ARG002  # for probes that need the minibatch
        """Measure after the update of a recorded iteration on these rows of the training set, int [examples].

        tracked  places of the tracked examples among them
        """
        return {}

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # for probes that need the iteration
        """Measure after an evaluation."""
        return {}

    def at_end(self) -> Measured:
        """Measure after the last iteration."""
        return {}


def need_hidden_layer(subject: Subject, name: str) -> None:
    """Raise ExperimentError if the network has no hidden layer, which the probe of that name measures."""
    if not subject.experiment.hidden:
        raise ExperimentError(f"probe {name!r} needs a hidden layer: give hidden one or more sizes")
