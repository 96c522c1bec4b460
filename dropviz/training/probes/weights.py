"""Weights into the first layer during training."""

import torch

from dropviz.recording.shown import sample_units
from dropviz.training.chain import read_chain
from dropviz.training.probes.probe import Measured, Probe, Subject


class Weights(Probe):
    """Weights into the first layer at each snapshot.

    into first  float32 [S, shown, inputs], from all inputs to the units of `Recording.shown_units`; the units of a
                linear model are its classes
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._layer = next(iter(read_chain(subject.model).linear.values()))
        self._shown = torch.tensor(sample_units(self._layer.out_features), device=subject.device)

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # all iterations
        """Return the present weights."""
        return {"into first": self._layer.weight[self._shown]}
