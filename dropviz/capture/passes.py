"""Passes of a model in one iteration: every use of noise, its axes, and what could not be seen."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dropviz.capture.applying import Applied
from dropviz.capture.asked import certain_drop_prob, drop_prob_of
from dropviz.capture.axes import Surroundings, read_geometry
from dropviz.capture.marks import Mark, Marks, tensors_of
from dropviz.capture.own_layers import Found, OwnLayers, own_layers
from dropviz.capture.places import ModuleStack, Running, in_backward
from dropviz.capture.structure import Structure
from dropviz.capture.tracer import Tracer
from dropviz.capture.uses import Draw, Trace

CHECKED_PASSES = 20  # whose generators are compared: that takes longer than to trace a small network


class Passes:
    """Passes of a model in one iteration, traced by hooks on it until `close`.

    on_pass   function that is called after each pass in training mode that raised no error
    examples  number of examples of the latest pass; 0 if it is not known
    found     uses of noise in the passes, each with its axes and the drop probability of its module
    count     number of passes in training mode
    unseen    sentences about noise that is not recorded
    """

    def __init__(self, model: nn.Module, on_pass: Callable[[], None]) -> None:
        self._model, self._on_pass = model, on_pass
        self._stack = ModuleStack(model, self._begin, self._end, self._try_to_leave)
        self.tracer = Tracer(self._stack)
        self._asked = {module: drop_prob_of(module) for module in model.modules() if not list(module.children())}
        self._parameters = list(model.parameters())
        # A model that moves to another device gets other buffers.
        self._buffers = [module._buffers for module in model.modules() if module._buffers]  # noqa: SLF001
        self._noise = {module for module, drop_prob in self._asked.items() if drop_prob is not None}
        self._structured: set[nn.Module] = set()
        self._sequences: set[tuple[int, int]] = set()
        self.examples = 0
        # Layers of torch and of dropviz draw from torch alone; other threads may use the other generators meanwhile.
        own = all(type(part).__module__.partition(".")[0] in ("torch", "dropviz") for part in model.modules())
        self._generators = 1 if own else 3
        self._states: tuple[Any, ...] = ()
        self._pass_number = 0
        self._is_traced = False
        self._own: OwnLayers | None = None  # once a traced pass has shown where the noise of the layers acts
        self.structure: Structure | None = Structure(self._stack)
        self.found: list[Found] = []
        self.count = 0
        self.unseen: dict[str, None] = {}

    def _begin(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if self._own is not None:
            self._is_traced = False
            return
        self._is_traced = not self.note_compiled(module)
        if not self._is_traced:
            self.count += 1
            return
        try:
            self._begin_trace(module, args, kwargs)
        except Exception as error:  # noqa: BLE001  # a training pass goes on, whatever fails in its recording
            self._is_traced, self.tracer.failure = False, error

    def _begin_trace(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        inputs = (*args, *kwargs.values())
        first = next((each for each in tensors_of(inputs) if each.dim()), None)
        self.examples = 0 if first is None else first.size(0)
        buffers = (each for owner in self._buffers for each in owner.values() if each is not None)
        is_training = any(part.training for part in module.modules())
        is_new = is_training and module not in self._structured and not in_backward()
        structure = self.structure if is_new else None
        self.tracer.begin(Marks(self._parameters, (*buffers, *tensors_of(inputs))), structure)
        if structure is not None:
            self._structured.add(module)
            structure.begin(inputs)
        self._states = _generator_states()[: self._generators] if self._pass_number < CHECKED_PASSES else ()
        self._pass_number += 1
        self.tracer.__enter__()

    def note_compiled(self, module: nn.Module) -> bool:
        """Note a part of a module that torch.compile compiled; return whether there is one."""
        compiled = _compiled_part(module)
        if compiled is not None:
            name = self._stack.paths.get(compiled) or type(compiled).__name__
            self._note(
                f"{name} is compiled by torch.compile, and what it draws stays in the compiled code: "
                "record the model without torch.compile"
            )
        return compiled is not None

    def _try_to_leave(self, running: Running, inputs: Any, output: Any) -> None:
        if not self._is_traced or self.tracer.failure is not None:
            return
        try:
            self._leave(running, inputs, output)
        except Exception as error:  # noqa: BLE001  # a training pass goes on, whatever fails in its recording
            self.tracer.failure = error

    def _leave(self, running: Running, inputs: Any, output: Any) -> None:
        module = running.module
        data = next((each for each in inputs if isinstance(each, Tensor)), None)
        if data is not None and data.dim() == 3 and getattr(module, "batch_first", True) is False:
            self._sequences.add((data.shape[0], data.shape[1]))
        is_certain = module in self._noise and module.training and not running.draws
        certain = certain_drop_prob(module) if is_certain else None
        if certain is not None and data is not None and isinstance(output, Tensor):
            self._add_certain(certain, data.detach(), output)
        if self.tracer.structure is not None:
            self.tracer.structure.leave(running, output)

    def _add_certain(self, drop_prob: float, data: Tensor, output: Tensor) -> None:
        """Add the mask of a dropout module that drops nothing or everything, and draws no random numbers for it."""
        mask = torch.full(data.shape, drop_prob == 0, device=data.device)
        place = Draw(self._stack.place(), "constant")
        self.tracer.log.record(Mark(place, p_true=1 - drop_prob), Applied("mul", mask=mask, scale=1.0), data, output)

    def _end(self, succeeded: bool) -> None:  # the signature of a callback
        if not self._is_traced:
            if self._own is not None and succeeded and self._model.training:
                self.count += 1
                self.found += self._own.read()
                self._on_pass()
            return
        self.tracer.__exit__(None, None, None)
        if succeeded and self.tracer.failure is None:
            try:
                self._read_pass(self.tracer.trace)
            except Exception as error:  # noqa: BLE001  # a training pass goes on, whatever fails in its recording
                self.tracer.failure = error

    def _read_pass(self, trace: Trace) -> None:
        """Read the axes of what acted in a pass."""
        outermost = self._model.training
        used = [use for use in trace.uses if outermost or use.draw.place.module.training]
        for use in trace.uses:
            if use not in used and use.draw.operation not in ("constant", "outside"):
                name = use.draw.place.name
                self._note(f"{name} draws in evaluation mode too, which is not recorded: pass training=self.training")
        if not (outermost or used):
            return
        self.count += 1
        self._note_generators(
            has_draws=bool(trace.draws), has_outside=any(use.draw.operation == "outside" for use in used)
        )
        self.unseen |= trace.unseen
        around = (self.examples, frozenset(self._sequences))
        for use in used:
            geometry = read_geometry(use, Surroundings(use.modules, *around))
            module = use.draw.place.module
            self.found.append((use, geometry, self._asked.get(module)))
        self._on_pass()

    def _note_generators(self, *, has_draws: bool, has_outside: bool) -> None:
        """Note generators of random numbers that advanced, although no random tensor of theirs was seen."""
        if not self._states:
            return
        before, after = self._states, _generator_states()
        names = ("torch's generator", "NumPy's generator", "Python's module random")
        seen = (has_draws, has_outside, False)
        for name, one, other, is_seen in zip(names, before, after, seen, strict=False):
            changed = not torch.equal(one, other) if isinstance(one, Tensor) else one != other
            if changed and not is_seen:
                self._note(f"{name} gave random numbers in the pass that no operation of torch showed: draw with torch")

    def _note(self, sentence: str) -> None:
        self.unseen[sentence] = None

    def clear(self) -> None:
        """Forget the iteration, to begin the next one."""
        if self._own is None and self.count == 1:
            self._own = own_layers(self._model, self.found)
            if self._own is not None:
                self._stack.keep_outermost_hooks()
        self.found, self.count = [], 0

    @property
    def problem(self) -> str:
        """Reason for which the iteration cannot be recorded; "" if there is none."""
        if self._stack.is_crossed:
            return "two threads ran the model at once: record the passes of one thread"
        failure = self.tracer.failure
        return f"its masks cannot be kept ({type(failure).__name__}: {failure})" if failure else ""

    def close(self) -> None:
        """Remove the hooks from the model."""
        self._stack.close()


def _compiled_part(module: nn.Module) -> nn.Module | None:
    """Return a module that torch.compile compiled; None if there is none."""
    for part in module.modules():
        if type(part).__name__ == "OptimizedModule" or getattr(part, "_compiled_call_impl", None) is not None:
            return part
    return None


def _generator_states() -> tuple[Any, ...]:
    """Return the state of torch's generator, and two numbers of the states of NumPy's and of Python's."""
    state = np.random.get_state(legacy=False)["state"]  # noqa: NPY002  # the one that NumPy's functions share
    words = random.getstate()[1]
    return torch.get_rng_state(), (state["pos"], state["key"][0]), (words[-1], words[0])
