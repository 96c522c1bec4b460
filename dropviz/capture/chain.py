"""Chain of layers of a model: linear modules, and the noise on their outputs."""

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

MaskCallback = Callable[[Tensor], None]


@dataclass(frozen=True)
class Chain:
    """Layers of a model and their modules.

    layers   from input to output; a layer of 0 units has no linear module beside it: its first mask has its size
    noise    noise modules, by the layer that they act on
    linear   linear modules, by the layer that they lead to
    modules  both, in the order in which they must run
    """

    layers: tuple[Layer, ...]
    noise: dict[str, nn.Module]
    linear: dict[str, nn.Linear]
    modules: tuple[nn.Module, ...]


def read_chain(model: nn.Module) -> Chain:
    """Return the layers of a model in the order in which it registers them. Raises RecordingError if there are none."""
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
                f"the model drops units of its {last.name} layer twice: a Recorder records one mask a layer"
            )
        else:
            drop_prob = module.drop_prob if isinstance(module, Noise) else module.p
            kind = "multiplicative" if isinstance(module, Noise) and not module.is_mask else "units"
            layers[-1] = replace(last, drop_prob=drop_prob, noise=kind)
            noise[last.name] = module
    if not layers:
        raise RecordingError("the model has no torch.nn.Linear and no torch.nn.Dropout for a Recorder to record")
    if len(layers) > 1 and layers[-1].name not in noise:
        layers[-1] = replace(layers[-1], name="output", kind="output")
    lead = [module for module in modules if isinstance(module, nn.Linear)]
    linear = {layer.name: module for layer, module in zip(layers[1:], lead, strict=True)}
    return Chain(tuple(layers), noise, linear, tuple(modules))


def pick_shown(module: nn.Linear) -> Callable[[Tensor], Tensor]:
    """Return a function from a matrix of the module's shape to the part between shown units, [shown, shown before]."""
    shown, before = sample_units(module.out_features), sample_units(module.in_features)
    indices = torch.tensor([[row * module.in_features + column for column in before] for row in shown])
    flat = indices.flatten().to(module.weight.device)

    def pick(matrix: Tensor) -> Tensor:
        return matrix.detach().reshape(-1).index_select(0, flat.to(matrix.device)).view(indices.shape)

    return pick


def hook_torch_dropout(module: nn.Module, callback: MaskCallback) -> list[RemovableHandle]:
    """Call `callback` with the draw of each training pass of `torch.nn.Dropout`: input's shape, 0 for dropped units.

    The module keeps no mask, and zeros of its output may be activations: the mask is drawn again from the same state of
    the generator. Returns the hooks.
    """
    before_pass: list[Tensor] = []

    def before(_module: nn.Module, inputs: Any, named: Any) -> None:
        before_pass[:] = [get_state(_input(inputs, named).device)]

    def after(_module: nn.Module, inputs: Any, named: Any, _output: Any) -> None:
        if not module.training:
            return
        x = _input(inputs, named).detach()
        after_pass = get_state(x.device)
        set_state(x.device, before_pass[0])
        # ones_like, not ones: the order of the draws follows the strides of the input.
        callback(F.dropout(torch.ones_like(x), module.p))  # type: ignore[arg-type]  # a Dropout's p
        set_state(x.device, after_pass)

    return [
        module.register_forward_pre_hook(before, with_kwargs=True),
        module.register_forward_hook(after, with_kwargs=True),
    ]


def _input(inputs: tuple[Tensor, ...], named: dict[str, Tensor]) -> Tensor:
    return next(iter([*inputs, *named.values()]))
