"""Linear modules of an experiment's network, and the noise on their outputs, by the layers that they lead to."""

from dataclasses import dataclass

from torch import nn

from dropviz.capture.asked import drop_prob_of
from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.recording import Layer


@dataclass(frozen=True)
class Chain:
    """Modules of an experiment's network, by the names of its layers.

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


def network_layers(model: nn.Module) -> tuple[Layer, ...]:
    """Return the layers of a network of which no pass was recorded."""
    chain = read_chain(model)
    units = {"input": next(iter(chain.linear.values())).in_features}
    units |= {name: linear.out_features for name, linear in chain.linear.items()}
    names = list(units)
    layers = []
    for name, after in zip(names, [*names[1:], ""], strict=True):
        noise, linear = chain.noise.get(name), chain.linear.get(after)
        module = noise if noise is not None else linear if isinstance(linear, DropConnect) else None
        kind = "input" if name == "input" else "hidden" if after else "output"
        acts = "weights" if isinstance(module, DropConnect) else "multiplicative" if _is_factor(module) else "units"
        drop_prob = None if module is None else drop_prob_of(module)
        layers.append(Layer(name, units[name], kind, drop_prob or 0.0, "none" if module is None else acts))
    return tuple(layers)


def _is_factor(module: nn.Module | None) -> bool:
    return isinstance(module, Noise) and not module.is_mask
