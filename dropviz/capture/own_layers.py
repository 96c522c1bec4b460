"""Noise of dropviz's own layers, which keep what they drew: a chain of them is recorded without a trace."""

from copy import copy
from typing import Any

from torch import Tensor, nn

from dropviz.capture.axes import Geometry
from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.capture.uses import Proof, Use

Found = tuple[Use, Geometry, float | None]
# Modules of torch that draw nothing. Only these classes themselves: a subclass may do anything.
DETERMINISTIC = (nn.Sequential, nn.Linear, nn.ReLU, nn.Tanh, nn.Sigmoid, nn.Identity, nn.Flatten)


def keeps_all_noise(model: nn.Module) -> bool:
    """Return whether all that can draw in a model are layers of dropviz, which keep the noise of their last pass."""
    return all(
        type(module) in DETERMINISTIC
        or (isinstance(module, Noise | DropConnect) and type(module).__module__.startswith("dropviz."))
        for module in model.modules()
    )


class OwnLayers:
    """Sites of the first traced pass of such a model, whose noise is read from the layers in later passes."""

    def __init__(self, found: list[Found]) -> None:
        self._found = [(use, geometry, asked) for use, geometry, asked in found if self._is_kept(use)]
        self.is_complete = bool(found) and len(self._found) == len(found)

    def _is_kept(self, use: Use) -> bool:
        """Return whether the layer of a use holds the very noise that was traced."""
        noise = getattr(use.draw.place.module, "noise", None)
        if not isinstance(noise, Tensor) or noise.shape != use.tensor.shape:
            return False
        return bool((noise != 0 if use.mask is not None else noise).equal(use.tensor))

    def read(self) -> list[Found]:
        """Return the uses of the last pass: those of the first with the noise that the layers drew now."""
        return [(_again(use, asked), geometry, asked) for use, geometry, asked in self._found]


def _again(use: Use, asked: float | None) -> Use:
    """Return a use with the noise of the last pass of its layer."""
    layer: Any = use.draw.place.module
    new, noise = copy(use), layer.noise
    new.mask, new.noise = (noise.bool(), None) if use.mask is not None else (None, noise)
    new.proof, new.data = Proof(), None
    if new.mask is not None and layer.drop_prob != asked:  # a schedule changed it
        new.scale = float(noise.amax())
    return new
