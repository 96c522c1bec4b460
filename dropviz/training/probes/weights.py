"""The weights of the first layer while they grow: what each of its units looks for in an image."""

import torch

from dropviz.capture.chain import read_chain
from dropviz.recording.shown import sample_units
from dropviz.training.probes.probe import Measured, Probe, Subject


class Weights(Probe):
    """`into first`: float32 [S, shown, inputs], the weights from all inputs to the units of `Recording.shown_units`.

    Of a linear model those are its classes.
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._layer = next(iter(read_chain(subject.model).linear.values()))
        self._shown = torch.tensor(sample_units(self._layer.out_features), device=subject.device)

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # at every one
        """As they are after the update."""
        return {"into first": self._layer.weight[self._shown]}
