"""Networks of the experiments: multilayer perceptrons with ReLU, and noise after the activations."""

import torch
from torch import Tensor, nn

from dropviz.capture.noise_layers import NOISE_LAYERS, noisy_linear
from dropviz.experiments.experiment import Experiment, check_width
from dropviz.training.mistakes import find_mistake


class InputNoise(nn.Module):
    """Layer that adds normal numbers of mean 0 and standard deviation `deviation` in training (Bishop 1995)."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        """Return a noisy copy in training, `x` itself in evaluation."""
        return x + self.deviation * torch.randn_like(x) if self.training else x


def build_mlp(inputs: int, classes: int, experiment: Experiment) -> nn.Sequential:
    """Build an MLP from [examples, inputs] to logits [examples, classes], for an experiment of one arm.

    Initial weights are drawn from torch's default generator, and do not depend on the arm. A drop probability of 0
    makes no noise layer.
    """
    (arm,) = experiment.arms
    if arm.input_drop_prob:
        check_width(arm, inputs, "the input")
    kind = find_mistake(arm.mistake).layer(NOISE_LAYERS[arm.noise])
    modules: list[nn.Module] = [InputNoise(experiment.input_noise)] if experiment.input_noise else []
    width, drop_prob = inputs, arm.input_drop_prob
    for units, following in zip(experiment.hidden, arm.per_layer, strict=True):
        modules += [*noisy_linear(kind, drop_prob, width, units), nn.ReLU()]
        width, drop_prob = units, following
    return nn.Sequential(*modules, *noisy_linear(kind, drop_prob, width, classes))
