"""Noise of dropviz's own layers, which keep what they drew: a chain of them is recorded without a trace."""

from copy import copy
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from dropviz.capture.axes import Geometry
from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.capture.uses import Proof, Use

Found = tuple[Use, Geometry, float | None]
# Modules of torch that draw nothing. Only these classes themselves: a subclass may do anything.
DETERMINISTIC = (nn.Sequential, nn.Linear, nn.ReLU, nn.Tanh, nn.Sigmoid, nn.Identity, nn.Flatten)


def own_layers(model: nn.Module, found: list[Found]) -> "OwnLayers | None":
    """Return the layers that hold all noise of a model, after a traced pass; None if other code may draw, too.

    found  uses of that pass: there must be one for each layer of dropviz, with the very noise that the layer holds
    """
    layers = [module for module in model.modules() if type(module) not in DETERMINISTIC]
    if not all(_is_own(module) for module in layers):
        return None
    used = [use.draw.place.module for use, _, _ in found]
    is_complete = len(used) == len(layers) and set(used) == set(layers) and all(_is_kept(use) for use, _, _ in found)
    return OwnLayers(found) if is_complete else None


def _is_own(module: nn.Module) -> bool:
    """Return whether a module is a noise layer of dropviz; a subclass elsewhere may do anything."""
    return isinstance(module, Noise | DropConnect) and type(module).__module__ == Noise.__module__


def _is_kept(use: Use) -> bool:
    """Return whether the layer of a use holds the very noise that was traced."""
    noise = getattr(use.draw.place.module, "noise", None)
    if not isinstance(noise, Tensor) or noise.shape != use.tensor.shape:
        return False
    return bool((noise != 0 if use.mask is not None else noise).equal(use.tensor))


class OwnLayers:
    """Sites of the first traced pass of such a model, whose noise is read from the layers in later passes."""

    def __init__(self, found: list[Found]) -> None:
        self._found = found

    def read(self) -> list[Found]:
        """Return the uses of the last pass: those of the first with the noise that the layers drew now.

        A layer in evaluation mode holds no noise, and has no use.
        """
        return [
            (_again(use, asked), _fitting(geometry, use), asked)
            for use, geometry, asked in self._found
            if getattr(use.draw.place.module, "noise", None) is not None
        ]


def _fitting(geometry: Geometry, use: Use) -> Geometry:
    """Return the axes of the noise of the last pass of a layer, whose minibatch may be smaller than the first one."""
    layer: Any = use.draw.place.module
    shape = tuple(layer.noise.shape)
    return replace(geometry, view=shape) if len(shape) == len(geometry.view) else geometry


def _again(use: Use, asked: float | None) -> Use:
    """Return a use with the noise of the last pass of its layer."""
    layer: Any = use.draw.place.module
    new, noise = copy(use), layer.noise
    new.mask, new.noise = (noise.bool(), None) if use.mask is not None else (None, noise)
    new.proof, new.data = Proof(), None
    if new.mask is not None and layer.drop_prob != asked:  # a schedule changed it
        new.scale = float(noise.amax())
    return new
