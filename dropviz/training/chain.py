"""Linear modules of an experiment's network, and the noise on their outputs, by the layers that they lead to."""

from dataclasses import dataclass

from torch import nn

from dropviz.capture.noise_layers import Noise


@dataclass(frozen=True)
class Chain:
    """Modules of an experiment's network, by layer: "input", "hidden 1", …

    noise   noise modules, by the layer that they act on
    linear  linear modules, by the layer that they lead to; the last leads to "output"
    """

    noise: dict[str, nn.Module]
    linear: dict[str, nn.Linear]


def read_chain(model: nn.Module) -> Chain:
    """Return the modules of a network in the order in which it registers them."""
    noise: dict[str, nn.Module] = {}
    linear: dict[str, nn.Linear] = {}
    modules = [module for module in model.modules() if isinstance(module, nn.Linear | nn.Dropout | Noise)]
    last = sum(isinstance(module, nn.Linear) for module in modules)
    layer = "input"
    for module in modules:
        if isinstance(module, nn.Linear):
            layer = f"hidden {len(linear) + 1}" if len(linear) + 1 < last else "output"
            linear[layer] = module
        else:
            noise[layer] = module
    return Chain(noise, linear)
