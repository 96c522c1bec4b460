"""Measurement of the noise in a model: passes in both modes, and everything they draw."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.capture.draws import DrawTracer, Pass
from dropviz.capture.noise_layers import Noise
from dropviz.errors import ModelError, reason

PASSES, MIN_PASSES, MAX_SECONDS = 100, 10, 20.0
DROPPED = ("drop_prob", "p", "drop_rate", "dropout", "dropout_prob", "dropout_p", "p_drop", "rate", "prob", "drop")
KEPT = ("keep_prob", "keep", "p_keep")
DROPOUT_MODULES = (nn.modules.dropout._DropoutNd, Noise)  # noqa: SLF001  # the common base of torch's own


class Measurement:
    """Passes of a model on the same inputs.

    evaluations  output and draws of two passes in evaluation mode
    trainings    draws of each of `PASSES` passes in training mode; fewer, but MIN_PASSES, if they take MAX_SECONDS
    idle         by module with a drop probability, whether it never changed its input in training
    """

    def __init__(self, model: nn.Module, file: str, inputs: Tensor) -> None:
        self.model, self.inputs = model, inputs
        self._names = {module: name for name, module in model.named_modules()}
        self.idle = {
            module: True for module in self._names if drop_prob_of(module) is not None and not list(module.children())
        }
        tracer = DrawTracer(model, file)
        hooks: list[Any] = []
        try:
            self.evaluations = [self._run(tracer, training=False) for _ in range(2)]
            hooks += self._hook_idle()
            self.trainings = list(self._train(tracer))
        finally:
            tracer.close()
            for hook in hooks:
                hook.remove()

    def name(self, module: nn.Module) -> str:
        """Return name and class of a module."""
        name = self._names.get(module, "")
        return f"{name} ({type(module).__name__})" if name else type(module).__name__

    def _run(self, tracer: DrawTracer, *, training: bool) -> tuple[Tensor | None, Pass]:
        self.model.train(training)
        try:
            with tracer:
                output = self.model(self.inputs)
        except Exception as error:  # noqa: BLE001  # a user's model may raise anything
            mode = "training" if training else "evaluation"
            raise ModelError(f"it does not run in {mode} mode: {type(error).__name__}: {reason(error)}") from None
        return _first_tensor(output), tracer.end()

    def _train(self, tracer: DrawTracer) -> Iterator[Pass]:
        start = time.monotonic()
        for number in range(PASSES):
            if number >= MIN_PASSES and time.monotonic() - start > MAX_SECONDS:
                return
            yield self._run(tracer, training=True)[1]

    def _hook_idle(self) -> list[Any]:
        """Compare input and output of the modules in `idle` at each pass."""
        given: dict[nn.Module, Tensor] = {}

        def before(module: nn.Module, inputs: Any) -> None:
            if inputs and isinstance(inputs[0], Tensor):
                given[module] = inputs[0].clone()

        def after(module: nn.Module, _inputs: Any, output: Any) -> None:
            same = isinstance(output, Tensor) and module in given and torch.equal(given.pop(module), output)
            self.idle[module] = self.idle[module] and same

        return [
            hook
            for module in self.idle
            for hook in (module.register_forward_pre_hook(before), module.register_forward_hook(after))
        ]


def drop_prob_of(module: nn.Module) -> float | None:
    """Return the drop probability in the attributes of a dropout module; None for other modules."""
    if not isinstance(module, DROPOUT_MODULES) and "drop" not in type(module).__name__.lower():
        return None
    readers: list[tuple[tuple[str, ...], Callable[[float], float]]] = [
        (DROPPED, lambda value: value),
        (KEPT, lambda value: 1 - value),
    ]
    for names, read in readers:
        for name in names:
            value = getattr(module, name, None)
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
                return read(float(value))
    return None


def _first_tensor(output: Any) -> Tensor | None:
    """Return the output, or the first one of several."""
    if isinstance(output, dict):
        output = tuple(output.values())
    while isinstance(output, list | tuple) and output:
        output = output[0]
    return output.detach().double() if isinstance(output, Tensor) and output.numel() else None
