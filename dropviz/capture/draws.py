"""Random draws of a model in a pass, traced through torch's operations, whatever code draws them."""

import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.hooks import RemovableHandle

COPIES = ("_to_copy", "clone", "detach", "alias", "view", "_unsafe_view", "reshape", "expand", "unsqueeze", "squeeze")
ABOVE, BELOW = ("gt", "ge"), ("lt", "le")
# Operations that may follow dropout on an output: they mix it with no other layer.
ENDINGS = {*COPIES, *ABOVE, *BELOW, "mul", "div", "empty_like", "ones_like", "bernoulli", "rsub", "bitwise_not"} | {
    "_softmax",
    "_log_softmax",
    "sigmoid",
    "where",
    "masked_fill",
    "zeros_like",
    "rand_like",
    "equal",  # of the hooks that compare inputs and outputs
}


@dataclass(frozen=True)
class Place:
    """The innermost module that ran at a draw, and the line of the user's file (0: not in that file)."""

    module: nn.Module
    line: int


@dataclass(eq=False)
class Draw:
    """A mask that was multiplied with a tensor.

    drop_prob  drop probability that the mask was drawn with; None if the operations do not show it
    drop_rate  share that the mask drops
    scale      factor of everything that the mask keeps; None if the operations do not show it
    """

    place: Place
    drop_prob: float | None
    drop_rate: float
    scale: float | None


@dataclass(eq=False)
class _Origin:
    """Uses of one mask: its draws; `is_mixed` if it is more than a factor, as in alpha dropout."""

    is_mixed: bool = False
    draws: list[Draw] = field(default_factory=list)


@dataclass(eq=False)
class _Mark:
    """Role of a tensor: "random", a "mask", a "product" with a mask, or "scaled" by a number."""

    kind: str
    tensor: Tensor  # kept alive, so that no other tensor gets its id
    drop_prob: float | None = None
    scale: float | None = 1.0
    draw: Draw | None = None
    origin: _Origin = field(default_factory=_Origin)


@dataclass(eq=False)
class Pass:
    """Draws of one pass.

    draws           masks that were multiplied with a tensor
    places          places of all random draws
    factors         numbers that tensors were multiplied by, with the module
    ends_with_draw  True if no layer follows the last draw
    """

    draws: list[Draw] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    factors: list[tuple[nn.Module, float]] = field(default_factory=list)
    ends_with_draw: bool = False


class DrawTracer(TorchDispatchMode):
    """Context manager that traces the draws of passes of `model`, whose code is in `file`."""

    def __init__(self, model: nn.Module, file: str) -> None:
        super().__init__()
        self._model, self._file = model, file
        self._running: list[nn.Module] = []
        self._marks: dict[int, _Mark] = {}
        self._pass = Pass()
        self._hooks: list[RemovableHandle] = []
        for module in model.modules():
            self._hooks.append(module.register_forward_pre_hook(lambda module, _inputs: self._running.append(module)))
            self._hooks.append(module.register_forward_hook(lambda *_: self._leave(), always_call=True))

    def _leave(self) -> None:
        self._running.pop()

    def end(self) -> Pass:
        """Return the draws since the last call."""
        finished, self._pass, self._marks = self._pass, Pass(), {}
        return finished

    def close(self) -> None:
        """Remove the hooks from the model."""
        for hook in self._hooks:
            hook.remove()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # torch's signature
        """Carry out an operation, and trace it."""
        output = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        plain = name if name in COPIES else name.removesuffix("_")
        if torch.Tag.nondeterministic_seeded in func.tags:
            self._trace_draw(plain, args, output)
        else:
            if plain not in ENDINGS:
                self._pass.ends_with_draw = False
            self._trace(plain, args, output)
        return output

    def _place(self) -> Place:
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the way to a line of the user's code
        while frame is not None and frame.f_code.co_filename != self._file:
            frame = frame.f_back
        module = self._running[-1] if self._running else self._model
        return Place(module, frame.f_lineno if frame else 0)

    def _trace_draw(self, name: str, args: Any, output: Any) -> None:
        self._pass.places.append(self._place())
        self._pass.ends_with_draw = True
        if isinstance(output, Tensor):
            keep = args[1] if name == "bernoulli" and len(args) > 1 and isinstance(args[1], float) else None
            kind = "mask" if name == "bernoulli" else "random"
            self._mark(_Mark(kind, output, drop_prob=None if keep is None else 1 - keep))

    def _mark(self, mark: _Mark) -> None:
        self._marks[id(mark.tensor)] = mark

    def _mark_of(self, value: Any) -> _Mark | None:
        return self._marks.get(id(value)) if isinstance(value, Tensor) else None

    def _trace(self, name: str, args: Any, output: Any) -> None:
        marks = [mark for value in args if (mark := self._mark_of(value))]
        factor = _factor(name, args)
        if factor is not None and isinstance(output, Tensor):
            self._pass.factors.append((self._place().module, factor))
            self._trace_scale(marks, factor, output)
            return
        if not marks or not isinstance(output, Tensor):
            return
        mark = next((each for each in marks if each.kind == "mask"), marks[0])
        if mark.kind == "random" and name in ABOVE + BELOW and isinstance(args[1], float | int):
            threshold = float(args[1])
            drop_prob = threshold if name in ABOVE else 1 - threshold
            self._mark(_Mark("mask", output, drop_prob=drop_prob if 0 < threshold < 1 else None))
        elif name in COPIES:
            self._mark(_Mark(mark.kind, output, mark.drop_prob, mark.scale, mark.draw, mark.origin))
        elif mark.kind == "mask":
            self._trace_mask(mark, name, args, output)

    def _trace_mask(self, mark: _Mark, name: str, args: Any, output: Tensor) -> None:
        if name == "mul":
            self._trace_product(mark, args, output)
        elif name in ("bitwise_not", "logical_not", "rsub"):
            self._mark(_Mark("mask", output, None if mark.drop_prob is None else 1 - mark.drop_prob))
        else:
            mark.origin.is_mixed = True
            for draw in mark.origin.draws:
                draw.scale = None

    def _trace_scale(self, marks: list[_Mark], factor: float, output: Tensor) -> None:
        if not marks:
            self._mark(_Mark("scaled", output, scale=factor))
            return
        mark = marks[0]
        if mark.kind == "product" and mark.draw is not None:
            if mark.draw.scale == 1:  # a product that is scaled already may be multiplied for any other reason
                mark.draw.scale = factor
            self._mark(_Mark("product", output, draw=mark.draw))
        elif mark.kind in ("mask", "scaled"):
            scale = None if mark.scale is None else mark.scale * factor
            self._mark(_Mark(mark.kind, output, mark.drop_prob, scale, origin=mark.origin))

    def _trace_product(self, mark: _Mark, args: Any, output: Tensor) -> None:
        other = self._mark_of(args[0] if args[1] is mark.tensor else args[1])
        scale = None if mark.origin.is_mixed else mark.scale
        if scale is not None and other is not None and other.kind == "scaled":
            scale = None if other.scale is None else scale * other.scale
        kept = mark.tensor.bool()
        drop_rate = 1 - int(kept.count_nonzero()) / max(kept.numel(), 1)
        draw = Draw(self._place(), mark.drop_prob, drop_rate, scale)
        self._pass.draws.append(draw)
        mark.origin.draws.append(draw)
        self._mark(_Mark("product", output, draw=draw))


def _factor(name: str, args: Any) -> float | None:
    """Return the number that an operation multiplies a tensor by; None for other operations."""
    if name not in ("mul", "div") or len(args) < 2:
        return None
    number = next((each for each in args[:2] if _is_number(each)), None)
    if number is None or not (_is_number(args[1]) or name == "mul"):
        return None
    value = float(number)
    return value if name == "mul" else 1 / value if value else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, Tensor) and value.dim() == 0)
