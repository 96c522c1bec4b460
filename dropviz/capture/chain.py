"""A model as a chain of layers of units: its linear modules, and the noise on what they hand on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.capture.rng import get_state, set_state
from dropviz.errors import RecordingError
from dropviz.recording import Layer
from dropviz.recording.shown import sample_units

Keep = Callable[[Tensor], None]


@dataclass(frozen=True)
class Chain:
    """`layers` from input to output; `noise` modules by the name of their layer; `modules`, all that must run in turn.

    `linear` modules stand by the name of the layer that they lead to.
    A layer of 0 units has no linear module beside it: it shows its size when it draws its first mask.
    """

    layers: tuple[Layer, ...]
    noise: dict[str, nn.Module]
    linear: dict[str, nn.Linear]
    modules: tuple[nn.Module, ...]


def read_chain(model: nn.Module) -> Chain:
    """Read the layers of a model in the order in which it registers them; RecordingError if there are none."""
    layers: list[Layer] = []
    noise: dict[str, nn.Module] = {}
    modules = [module for module in model.modules() if isinstance(module, nn.Linear | nn.Dropout | Noise)]
    for module in modules:
        if not layers:
            layers.append(Layer("input", 0, "input"))
        last = layers[-1]
        if isinstance(module, nn.Linear):
            if isinstance(module, DropConnect):
                last = replace(last, drop_prob=module.drop_prob, noise="weights")
            layers[-1] = replace(last, units=last.units or module.in_features)
            layers.append(Layer(f"hidden {len(layers)}", module.out_features, "hidden"))
        elif last.name in noise:
            raise RecordingError(
                f"the model drops units of its {last.name} layer twice: a Recorder knows one mask a layer"
            )
        else:
            drop_prob = module.drop_prob if isinstance(module, Noise) else module.p
            kind = "multiplicative" if isinstance(module, Noise) and not module.is_mask else "units"
            layers[-1] = replace(last, drop_prob=drop_prob, noise=kind)
            noise[last.name] = module
    if not layers:
        raise RecordingError("the model has no torch.nn.Linear and no torch.nn.Dropout for a Recorder to watch")
    if len(layers) > 1 and layers[-1].name not in noise:
        layers[-1] = replace(layers[-1], name="output", kind="output")
    lead = [module for module in modules if isinstance(module, nn.Linear)]
    linear = {layer.name: module for layer, module in zip(layers[1:], lead, strict=True)}
    return Chain(tuple(layers), noise, linear, tuple(modules))


def pick_shown(module: nn.Linear) -> Callable[[Tensor], Tensor]:
    """A function that takes from a matrix of the module's shape what lies between shown units, [shown, shown before].

    One gather from the flattened matrix.
    """
    shown, before = sample_units(module.out_features), sample_units(module.in_features)
    places = torch.tensor([[row * module.in_features + column for column in before] for row in shown])
    flat = places.flatten().to(module.weight.device)

    def pick(matrix: Tensor) -> Tensor:
        return matrix.detach().reshape(-1).index_select(0, flat.to(matrix.device)).view(places.shape)

    return pick


def watch_torch(module: nn.Module, keep: Keep) -> list[RemovableHandle]:
    """Hand what `torch.nn.Dropout` draws in training to `keep`: of the input's shape, not 0 where a unit is kept.

    It keeps no mask, and zeros may be activations: so the same is drawn once more, from the same state.
    """
    before_pass: list[Tensor] = []

    def before(_module: nn.Module, inputs: Any, named: Any) -> None:
        before_pass[:] = [get_state(_input(inputs, named).device)]

    def after(_module: nn.Module, inputs: Any, named: Any, _output: Any) -> None:
        if not module.training:
            return
        x = _input(inputs, named).detach()
        now = get_state(x.device)
        set_state(x.device, before_pass[0])
        # ones_like, not ones: where the noise falls follows the strides of the input.
        keep(F.dropout(torch.ones_like(x), module.p))  # type: ignore[arg-type]  # a Dropout's p
        set_state(x.device, now)

    return [
        module.register_forward_pre_hook(before, with_kwargs=True),
        module.register_forward_hook(after, with_kwargs=True),
    ]


def _input(inputs: tuple[Tensor, ...], named: dict[str, Tensor]) -> Tensor:
    return next(iter([*inputs, *named.values()]))
