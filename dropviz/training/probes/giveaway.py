"""What gives common mistakes with dropout away: what comes out where another number should."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.capture.chain import read_chain
from dropviz.training.losses import LOSS_FUNCTIONS, mean_loss
from dropviz.training.mistakes import find_mistake
from dropviz.training.probes.probe import Measured, Probe, Subject


class Giveaway(Probe):
    """Ratios that are 1, and shares that are `drop_prob` or 0, where all is well; `layers` are those with noise.

    In each kept iteration, of its training pass:

    ratio    float [T, layers], mean of what each noise layer hands on, over that of what it is given: what it hands on
             with dropout off
    zeros    float [T, layers], the share of zeros in what each noise layer is given
    dropped  float [T, layers], the share of what is not zero there that it sets to zero
    printed  float [T], the loss that is minimised, and that a training loop would print
    true     float [T], the mean loss of the same outputs

    At each snapshot:

    inputs   float [S], mean of the pixels that the evaluation was given, over that in the training since the last one
    changed  float [S], the share of test images that two evaluations of the same model put into different classes
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        experiment = subject.experiment
        self._true = lambda outputs, labels: LOSS_FUNCTIONS[experiment.loss](outputs, labels).mean()
        self._printed = find_mistake(experiment.arms[0].mistake).loss(mean_loss(experiment.loss))
        self._noise = tuple(read_chain(subject.model).noise.values())
        self._seen: dict[nn.Module, tuple[Tensor, Tensor, Tensor]] = {}
        self._pixels = {True: [0.0, 0], False: [0.0, 0]}  # sum and number, in training and in evaluation
        self._test_images, self._outputs = subject.parts.test_images, torch.empty(0)
        self._asking = False
        for module in self._noise:
            module.register_forward_hook(partial(self._keep_noise))
        subject.model.register_forward_hook(self._keep_pass)

    def _keep_noise(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        if module.training:
            self._seen[module] = _figures(inputs[0].detach(), output.detach())

    def _keep_pass(self, model: nn.Module, inputs: Any, output: Tensor) -> None:
        if self._asking:
            return
        total = self._pixels[model.training]
        total[0] += float(inputs[0].sum())
        total[1] += inputs[0].numel()
        if model.training:
            self._outputs = output.detach()

    def at_step(self, rows: Tensor) -> Measured:
        """Of the pass that has just been."""
        labels = self.subject.parts.train_labels[rows]
        figures = (
            [torch.stack([self._seen[module][which] for module in self._noise]) for which in range(3)]
            if (self._noise)
            else [torch.empty(0)] * 3
        )
        names = dict(zip(("ratio", "zeros", "dropped"), figures, strict=True))
        return names | {
            "printed": self._printed(self._outputs, labels),
            "true": self._true(self._outputs, labels),
        }

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # at all of them
        """Of the evaluation that has just been, and of two more."""
        (trained, some), (evaluated, others) = self._pixels[True], self._pixels[False]
        self._pixels = {True: [0.0, 0], False: [0.0, 0]}
        self._asking = True
        self.subject.model.eval()
        one, other = (self.subject.model(self._test_images).argmax(dim=1) for _ in range(2))
        self._asking = False
        return {
            "inputs": (evaluated / others) / (trained / some),
            "changed": (one != other).double().mean(),
        }


def _figures(before: Tensor, after: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    active = before != 0
    ratio = after.double().mean() / before.double().mean()
    return ratio, 1 - active.double().mean(), ((after == 0) & active).sum() / active.sum().double()
