"""What comes to each noise layer and what leaves it, in kept iterations (Srivastava et al. 2014, figure 3)."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.capture.chain import read_chain
from dropviz.recording.shown import sample_units
from dropviz.training.probes.probe import Measured, Probe, Subject


class Gate(Probe):
    """By layer: `NAME before` and `NAME after`, float32 [T, examples, shown], of the units of `Recording.shown_units`.

    They are the activations of the followed examples in the training pass of each kept iteration; `NAME test`, those of
    the same examples in an evaluation after its update, with dropout off.
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._seen: dict[str, Tensor] = {}
        self._examples = min(subject.experiment.tracked_examples, subject.experiment.batch_size)
        for name, module in read_chain(subject.model).noise.items():
            module.register_forward_hook(partial(self._keep, name))

    def _keep(self, name: str, module: nn.Module, inputs: Any, output: Tensor) -> None:
        before = inputs[0].detach()
        shown = torch.tensor(sample_units(before.shape[1]), device=before.device)
        if module.training:
            self._seen[f"{name} before"] = before[: self._examples, shown]
            self._seen[f"{name} after"] = output.detach()[: self._examples, shown]
        else:
            self._seen[f"{name} test"] = output.detach()[: self._examples, shown]

    def at_step(self, rows: Tensor) -> Measured:
        """Of the pass that has just been, and of one in evaluation on the same examples."""
        subject = self.subject
        subject.model.eval()
        subject.model(subject.parts.train_images[rows[: self._examples]])
        return self._seen
