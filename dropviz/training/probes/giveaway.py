"""Numbers that show common mistakes with dropout."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.training.chain import read_chain
from dropviz.training.losses import LOSS_FUNCTIONS, mean_loss
from dropviz.training.mistakes import find_mistake
from dropviz.training.probes.probe import Measured, Probe, Subject


class Giveaway(Probe):
    """Ratios and shares of noise layers, losses and inputs. Without mistakes, ratios are 1 and `changed` is 0.

    Of the training pass of each recorded iteration; `layers` are those with noise:

    ratio    float [T, layers], mean of the output of each noise layer over the mean of its input
    zeros    float [T, layers], share of zeros in the input of each noise layer
    dropped  float [T, layers], share of the other inputs that the layer sets to zero
    printed  float [T], the loss that is minimised, and that a training loop would print
    true     float [T], the mean loss of the same outputs

    At each snapshot:

    inputs   float [S], mean pixel of the evaluation over the mean pixel of training since the last snapshot
    changed  float [S], share of test images that two evaluations of the same model put into different classes
    """

    watches_evaluation = True

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        experiment = subject.experiment
        self._true = lambda outputs, labels: LOSS_FUNCTIONS[experiment.loss](outputs, labels).mean()
        self._printed = find_mistake(experiment.arms[0].mistake).loss(mean_loss(experiment.loss))
        self._noise = tuple(read_chain(subject.model).noise.values())
        self._ratios: dict[nn.Module, tuple[Tensor, Tensor, Tensor]] = {}
        self._pixels = {True: [0.0, 0], False: [0.0, 0]}  # sum and number, in training and in evaluation
        self._test_images, self._outputs = subject.parts.test_images, torch.empty(0)
        self._evaluating = False
        for module in self._noise:
            module.register_forward_hook(partial(self._keep_noise))
        subject.model.register_forward_hook(self._keep_pass)

    def _keep_noise(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        if module.training:
            self._ratios[module] = _ratios(inputs[0].detach(), output.detach())

    def _keep_pass(self, model: nn.Module, inputs: Any, output: Tensor) -> None:
        if self._evaluating:
            return
        total = self._pixels[model.training]
        total[0] += float(inputs[0].sum())
        total[1] += inputs[0].numel()
        if model.training:
            self._outputs = output.detach()

    def at_step(self, rows: Tensor, tracked: Tensor) -> Measured:  # noqa: ARG002  # it measures all examples
        """Measure the last training pass."""
        labels = self.subject.parts.train_labels[rows]
        ratios = (
            [torch.stack([self._ratios[module][index] for module in self._noise]) for index in range(3)]
            if self._noise
            else [torch.empty(0)] * 3
        )
        return dict(zip(("ratio", "zeros", "dropped"), ratios, strict=True)) | {
            "printed": self._printed(self._outputs, labels),
            "true": self._true(self._outputs, labels),
        }

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # all iterations
        """Measure the last evaluation, and two more."""
        (train_sum, train_count), (test_sum, test_count) = self._pixels[True], self._pixels[False]
        self._pixels = {True: [0.0, 0], False: [0.0, 0]}
        self._evaluating = True
        self.subject.model.eval()
        one, other = (self.subject.model(self._test_images).argmax(dim=1) for _ in range(2))
        self._evaluating = False
        return {
            "inputs": (test_sum / test_count) / (train_sum / train_count),
            "changed": (one != other).double().mean(),
        }


def _ratios(before: Tensor, after: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    active = before != 0
    ratio = after.double().mean() / before.double().mean()
    return ratio, 1 - active.double().mean(), ((after == 0) & active).sum() / active.sum().double()
