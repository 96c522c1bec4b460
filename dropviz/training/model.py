"""The network under study: a multilayer perceptron with ReLU, and noise after the activations."""

from torch import nn

from dropviz.experiment import Arm
from dropviz.training.noise import NOISE_LAYERS


def build_mlp(inputs: int, hidden: tuple[int, ...], classes: int, arm: Arm) -> nn.Sequential:
    """An MLP from [examples, inputs] to logits [examples, classes].

    Initial weights come from torch's default generator and do not depend on the arm, since noise layers draw nothing
    here. A drop probability of 0 makes no noise layer.
    """
    noise = NOISE_LAYERS[arm.noise]
    modules: list[nn.Module] = [noise(arm.input_drop_prob)] if arm.input_drop_prob else []
    width = inputs
    for units, drop_prob in zip(hidden, arm.per_layer, strict=True):
        modules += [nn.Linear(width, units), nn.ReLU()]
        modules += [noise(drop_prob)] if drop_prob else []
        width = units
    return nn.Sequential(*modules, nn.Linear(width, classes))
