"""Inputs and outputs of noise layers in recorded iterations (Srivastava et al. 2014, figure 3)."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.recording.shown import sample_units
from dropviz.training.chain import read_chain
from dropviz.training.probes.probe import Measured, Probe, Subject


class Gate(Probe):
    """Activations of the tracked examples at each noise layer, of the units of `Recording.shown_units`.

    For each layer NAME, float32 [T, examples, shown]:

    NAME before, NAME after  input and output of the noise layer in the training pass of each recorded iteration
    NAME test                output for the same examples after the update, in evaluation mode
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._activations: dict[str, Tensor] = {}
        for name, module in read_chain(subject.model).noise.items():
            module.register_forward_hook(partial(self._keep, name))

    def _keep(self, name: str, module: nn.Module, inputs: Any, output: Tensor) -> None:
        before = inputs[0].detach()
        shown = torch.tensor(sample_units(before.shape[1]), device=before.device)
        if module.training:
            self._activations[f"{name} before"] = before[:, shown]
            self._activations[f"{name} after"] = output.detach()[:, shown]
        else:
            self._activations[f"{name} test"] = output.detach()[:, shown]

    def at_step(self, rows: Tensor, tracked: Tensor) -> Measured:
        """Return the activations of the last training pass, and of an evaluation of the same examples."""
        subject = self.subject
        trained = {name: values[tracked] for name, values in self._activations.items() if not name.endswith(" test")}
        subject.model.eval()
        subject.model(subject.parts.train_images[rows[tracked]])
        return {name: trained.get(name, values) for name, values in self._activations.items()}
