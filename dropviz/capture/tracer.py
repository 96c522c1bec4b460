"""Trace of a pass: every random tensor that it draws, and every use of one on data.

Operations are seen below the modules, where torch dispatches them, so that it does not matter which code draws. What is
kept is a copy of what was drawn.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from dropviz.capture.applying import Applied, as_real, conditions_of, read_applied
from dropviz.capture.marks import CONSTANT, Mark, Marks, after_arithmetic, mark_of_draw, number_of, tensors_of
from dropviz.capture.operations import COMPARING, FUSED, SAMPLING, Operation, read_operation
from dropviz.capture.places import ModuleStack, in_backward
from dropviz.capture.structure import Structure
from dropviz.capture.use_log import UseLog
from dropviz.capture.uses import Draw, Trace


class Tracer(TorchDispatchMode):
    """Context manager that traces what the running modules of `stack` draw.

    structure  graph of blocks that every operation is added to; None for none
    marks      roles of the tensors of the pass
    log        uses of what the pass drew
    failure    error of the trace itself, after which it stops
    """

    def __init__(self, stack: ModuleStack) -> None:
        super().__init__()
        self._stack = stack
        self._operations: dict[Any, Operation] = {}
        self.marks = Marks()
        self.structure: Structure | None = None
        self.log = UseLog(stack, self.marks, None)
        self.failure: Exception | None = None

    @property
    def trace(self) -> Trace:
        """Draws and uses of the pass so far."""
        return self.log.trace

    def begin(self, marks: Marks, structure: Structure | None = None) -> None:
        """Start the trace of a pass."""
        marks.carry_over(self.marks)
        for use in self.trace.uses:
            use.draw.uses.clear()
        self.marks, self.structure, self.log = marks, structure, UseLog(self._stack, marks, structure)

    def attach(self, structure: Structure | None) -> None:
        """Add the operations of this pass to a graph of blocks from now on."""
        self.structure = self.log.structure = structure

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return False: with True, torch imports its compiler for the first operation, which takes a second or two."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # torch's signature
        """Carry out an operation, and trace it."""
        operation = self._operations.get(func)
        if operation is None:
            operation = self._operations[func] = read_operation(func)
        if operation.is_random and torch.is_inference_mode_enabled():  # there, a function is not yet its operations
            with self:
                parts = func.decompose(*args, **(kwargs or {}))
            if parts is not NotImplemented:
                return parts
        before = None
        if self.failure is None:
            try:
                before = self._copy_overwritten(operation, args)
            except Exception as error:  # noqa: BLE001  # as below
                self.failure = error
        output = func(*args, **(kwargs or {}))
        if self.failure is None:
            try:
                self._follow(operation, args, kwargs, output, before)
            except Exception as error:  # noqa: BLE001  # a training pass goes on, whatever fails in its recording
                self.failure = error
        return output

    def _copy_overwritten(self, operation: Operation, args: Any) -> Tensor | None:
        """Return a copy of data that an operation in place is about to add noise to."""
        if not operation.is_inplace or operation.is_random or len(args) < 2 or not isinstance(args[0], Tensor):
            return None
        others = [self.marks.get(each) for each in tensors_of(args[1:])]
        if self.marks.get(args[0]) or not any(mark and mark.draw for mark in others):
            return None
        copy = args[0].detach().clone()
        self.log.move(args[0], copy)
        return copy

    def _follow(self, operation: Operation, args: Any, kwargs: Any, output: Any, before: Tensor | None) -> None:
        inputs = list(tensors_of((*args, *kwargs.values()) if kwargs else args))
        args = (*args, kwargs["alpha"]) if kwargs and "alpha" in kwargs else args
        self.log.is_applied = False
        if any(each.is_nested for each in (*inputs, *tensors_of((output,)))):
            self._follow_nested(operation, output)
        elif operation.is_random:
            self._follow_draw(operation, args, inputs, output)
        elif operation.is_factory or not inputs:
            self._set_role(output, CONSTANT)
        else:
            self._follow_inputs(operation, args, inputs, output, before)
        if self.structure is not None and not self.log.is_applied:
            self.structure.add(operation.name, inputs, output, self.marks, is_view=operation.is_view)

    def _set_role(self, output: Any, role: Mark | str) -> None:
        if isinstance(output, Tensor):
            self.marks.set(output, role)
            return
        for tensor in tensors_of((output,)):
            self.marks.set(tensor, role)

    # Draws

    def _draw(self, name: str, output: Any) -> Draw:
        running = self._stack.innermost
        if running is not None:
            running.draws += 1
        single = isinstance(output, Tensor) and output.numel() == 1
        draw = Draw(self._stack.place(), name, single, recomputed=in_backward())
        self.trace.draws.append(draw)
        return draw

    def _follow_nested(self, operation: Operation, output: Any) -> None:
        self._set_role(output, "data")
        if operation.is_random:
            self.log.note_unseen(self._draw(operation.name, output), "nested tensors have masks of several shapes")

    def _follow_draw(self, operation: Operation, args: Any, inputs: list[Tensor], output: Any) -> None:
        name = operation.name
        if name in FUSED:
            self._follow_fused(name, args)
            self._set_role(output, "data")
        elif name in ("native_dropout", "_fused_dropout"):
            self._follow_native_dropout(name, args, *output)
        elif name.startswith("rrelu"):
            self._set_role(output, "data")
            if len(args) > 4 and args[4]:
                factors = Applied("mul", noise=args[1].detach().clone(), scale=1.0)
                self.log.record(Mark(self._draw("rrelu", output)), factors, args[0], output)
        elif isinstance(output, Tensor):
            self._follow_sample(operation, args, inputs, output)

    def _follow_sample(self, operation: Operation, args: Any, inputs: list[Tensor], output: Tensor) -> None:
        if isinstance(output, nn.Parameter):  # a lazy module draws its first weights
            self.marks.set(output, "weights")
            return
        draw = self._draw(operation.name, output)
        data = [each for each in inputs if each is not output and each.dim() and not self.marks.get(each)]
        if data and operation.name in SAMPLING:
            self.marks.set(output, "data")
            self.log.record(Mark(draw), Applied("sample", noise=output.detach().clone()), data[0], output)
        else:
            self.marks.set(output, mark_of_draw(draw, args, is_inplace=operation.is_inplace))

    def _follow_fused(self, name: str, args: Any) -> None:
        drop_prob = args[FUSED[name]] if len(args) > FUSED[name] else 0.0
        if isinstance(drop_prob, float) and drop_prob > 0:
            place = self._draw(name, None).place
            self.trace.unseen[
                f"{place.name}: {name.strip('_')} drops {drop_prob:g} inside a fused "
                "kernel, which gives no mask: run it in the open, on the CPU or under "
                "torch.nn.attention.sdpa_kernel(SDPBackend.MATH)"
            ] = None

    def _follow_native_dropout(self, name: str, args: Any, output: Tensor, mask: Tensor) -> None:
        data, is_fused = args[0], name == "_fused_dropout"
        if not is_fused and args[2] is False:
            self._set_role(output, "data")
            return
        drop_prob = 1 - args[1] if is_fused else args[1]
        mark = Mark(self._draw(name, output), p_true=1 - drop_prob)
        if self.marks.get(data):
            self.marks.set(output, mark)
            return
        self._set_role(output, "data")
        scale = 1 / (1 - drop_prob) if drop_prob < 1 else None
        self.log.record(mark, Applied("mul", mask=mask.bool().clone(), scale=scale), data, output)

    # Operations on what was drawn, and on data

    def _follow_inputs(
        self, operation: Operation, args: Any, inputs: list[Tensor], output: Any, before: Tensor | None
    ) -> None:
        roles = [self.marks.role(each) for each in inputs]
        if all(isinstance(role, str) for role in roles):  # most operations are on data alone
            self._set_role(output, "data" if "data" in roles else "weights")
            self.log.follow(operation.name, args, inputs[0], output)
            return
        marks = [self._mark_or_outside(each) for each in inputs]
        random = [(each, mark) for each, mark in zip(inputs, marks, strict=True) if mark is not None and mark.draw]
        has_axes = bool(random) and random[-1][0].dim() > 0
        data = [each for each, mark in zip(inputs, marks, strict=True) if mark is None and (each.dim() or not has_axes)]
        if random and data and operation.name not in COMPARING:
            self._meet(operation, args, random, data, output, before)
        elif random:
            tensor, mark = random[-1]
            if operation.name == "mul" and any(
                not each.draw and not one.any() for one, each in zip(inputs, marks, strict=True) if each
            ):
                self._set_role(output, CONSTANT)  # a first state of zeros stays one
                return
            if any(each.draw is not mark.draw for _, each in random):  # a product of two draws may have any values
                mark = replace(mark, p_true=None, low=None, high=None)
            self._propagate(operation, args, tensor, mark, output)
        elif data:
            self._set_role(output, "data")
            self.log.follow(operation.name, args, data[0], output)
        else:
            self._set_role(output, CONSTANT)

    def _mark_or_outside(self, tensor: Tensor) -> Mark | None:
        """Return the mark of a tensor. One that was made outside torch is taken for random until it proves constant."""
        mark = self.marks.get(tensor)
        if mark is None and self.marks.is_from_outside(tensor):
            mark = CONSTANT
            if tensor.numel() > 1:
                mark = Mark(Draw(self._stack.place(), "outside"))
            self.marks.set(tensor, mark)
        return mark

    def _propagate(self, operation: Operation, args: Any, tensor: Tensor, mark: Mark, output: Any) -> None:
        draw = mark.draw
        if operation.name == "_local_scalar_dense" and draw is not None:
            if draw.is_single:
                self.log.record(mark, Applied("decision", noise=tensor.detach().clone()), tensor, None)
            return
        is_first = bool(args) and args[0] is tensor
        number = number_of(args[1:2]) if is_first or operation.name in ("add", "mul") else None
        for each in tensors_of((output,)):
            self.marks.set(each, after_arithmetic(mark, operation.name, number))

    def _meet(
        self,
        operation: Operation,
        args: Any,
        random: list[tuple[Tensor, Mark]],
        data: list[Tensor],
        output: Any,
        before: Tensor | None,
    ) -> None:
        """Handle an operation on random tensors and data."""
        conditions = list(tensors_of(conditions_of(operation.name, args)))
        noise, mark = next((pair for pair in random if any(pair[0] is each for each in conditions)), random[-1])
        data = [each for each in data if each.shape == getattr(output, "shape", None)] or data
        if operation.name == "masked_fill" and args[0] is noise:  # noise itself is filled where a data mask says
            self._propagate(operation, args, noise, mark, output)
            return
        if operation.name == "copy" and args[0] is not noise and _is_whole(args[0]):
            self.marks.set(output, mark)  # a buffer that a mask overwrites is the mask
            return
        self._set_role(output, "weights" if all(self.marks.is_weights(each) for each in data) else "data")
        if operation.name == "copy" and args[0] is not noise:
            data = [args[0]]
        if isinstance(output, Tensor) and not self.log.rescale(operation.name, noise, mark, data[0], output):
            noise = as_real(noise)
            if noise.is_complex():
                self.log.note_unseen(mark.draw, "a recording holds no complex numbers")
                return
            applied = read_applied(operation.name, args, noise, data[0], mark)
            self.log.record(mark, applied, data[0] if before is None else before, output, data[1:])


def _is_whole(tensor: Tensor) -> bool:
    """Return whether a tensor is no part of another one."""
    is_dense = tensor.layout == torch.strided and not tensor.requires_grad
    return is_dense and tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()
