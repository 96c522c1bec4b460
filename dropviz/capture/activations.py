"""Inputs of the linear modules of a model in its latest pass: the activations that the layers before them handed on."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from dropviz.capture.places import Hook


class LinearInputs:
    """Inputs of linear modules in training mode, [examples, units], held from a pass until `take`."""

    def __init__(self, model: nn.Module) -> None:
        self._inputs: dict[nn.Module, Tensor] = {}
        hook = Hook(self._on_enter)
        self._hooks = {
            module: module.register_forward_pre_hook(hook)
            for module in model.modules()
            if isinstance(module, nn.Linear)
        }

    def _on_enter(self, module: nn.Module, args: Any) -> None:
        if module.training and args and isinstance(args[0], Tensor) and args[0].dim() == 2:
            self._inputs[module] = args[0]

    def take(self) -> dict[nn.Module, Tensor]:
        """Return the inputs by module, and forget them, so that their memory is free after the pass."""
        inputs, self._inputs = self._inputs, {}
        return inputs

    def keep_hooks(self, modules: Iterable[nn.Module]) -> None:
        """Remove the hooks from all but these modules."""
        kept = set(modules)
        for module in [each for each in self._hooks if each not in kept]:
            self._hooks.pop(module).remove()

    def close(self) -> None:
        """Remove all hooks."""
        self.keep_hooks(())
        self._inputs = {}
