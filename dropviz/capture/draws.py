"""What a model draws as it runs, by whatever means: seen below the modules, where torch carries operations out."""

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
# What may come after dropout on an output: nothing that mixes it with anything else.
ENDINGS = {*COPIES, *ABOVE, *BELOW, "mul", "div", "empty_like", "ones_like", "bernoulli", "rsub", "bitwise_not"} | {
    "_softmax",
    "_log_softmax",
    "sigmoid",
    "where",
    "masked_fill",
    "zeros_like",
    "rand_like",
    "equal",  # of whoever watches, in a hook
}


@dataclass(frozen=True)
class Place:
    """Where something was drawn: in the innermost module that ran, at this line of the user's file (0: not in it)."""

    module: nn.Module
    line: int


@dataclass(eq=False)
class Draw:
    """A mask that was multiplied with something.

    asked  the share to drop that it was drawn with, where that can be seen
    drop   the share that it dropped
    scale  what all that is kept was multiplied by; None where that cannot be told
    """

    place: Place
    asked: float | None
    drop: float
    scale: float | None


@dataclass(eq=False)
class _Origin:
    """What became of all that was made of one mask: `is_mixed` if it is more than a factor, as in alpha dropout."""

    is_mixed: bool = False
    draws: list[Draw] = field(default_factory=list)


@dataclass(eq=False)
class _Mark:
    """What is known of a tensor: it is "random", a "mask", a "product" with one, or something "scaled"."""

    kind: str
    tensor: Tensor  # kept, so that no other tensor gets its id
    asked: float | None = None
    scale: float | None = 1.0
    draw: Draw | None = None
    origin: _Origin = field(default_factory=_Origin)


@dataclass(eq=False)
class Pass:
    """One pass: masks, places of all random draws, factors by module, and whether a draw was the last that mattered."""

    draws: list[Draw] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    factors: list[tuple[nn.Module, float]] = field(default_factory=list)
    ends_with_draw: bool = False


class DrawWatch(TorchDispatchMode):
    """Watches passes of `model`, whose code is in `file`. Use as a context; `end` gives what one pass drew."""

    def __init__(self, model: nn.Module, file: str) -> None:
        super().__init__()
        self._model, self._file = model, file
        self._running: list[nn.Module] = []
        self._marks: dict[int, _Mark] = {}
        self._pass = Pass()
        self._hooks: list[RemovableHandle] = []
        for module in model.modules():
            self._hooks.append(module.register_forward_pre_hook(lambda module, _inputs: self._running.append(module)))
            self._hooks.append(module.register_forward_hook(lambda *_: self._left(), always_call=True))

    def _left(self) -> None:
        self._running.pop()

    def end(self) -> Pass:
        """What was seen since the last call."""
        seen, self._pass, self._marks = self._pass, Pass(), {}
        return seen

    def close(self) -> None:
        """Take the hooks off the model."""
        for hook in self._hooks:
            hook.remove()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # torch's signature
        """Carry an operation out, and look at it."""
        output = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        plain = name if name in COPIES else name.removesuffix("_")
        if torch.Tag.nondeterministic_seeded in func.tags:
            self._drawn(plain, args, output)
        else:
            if plain not in ENDINGS:
                self._pass.ends_with_draw = False
            self._follow(plain, args, output)
        return output

    def _here(self) -> Place:
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the way to a line of the user's code
        while frame is not None and frame.f_code.co_filename != self._file:
            frame = frame.f_back
        module = self._running[-1] if self._running else self._model
        return Place(module, frame.f_lineno if frame else 0)

    def _drawn(self, name: str, args: Any, output: Any) -> None:
        self._pass.places.append(self._here())
        self._pass.ends_with_draw = True
        if isinstance(output, Tensor):
            keep = args[1] if name == "bernoulli" and len(args) > 1 and isinstance(args[1], float) else None
            kind = "mask" if name == "bernoulli" else "random"
            self._mark(_Mark(kind, output, asked=None if keep is None else 1 - keep))

    def _mark(self, mark: _Mark) -> None:
        self._marks[id(mark.tensor)] = mark

    def _known(self, value: Any) -> _Mark | None:
        return self._marks.get(id(value)) if isinstance(value, Tensor) else None

    def _follow(self, name: str, args: Any, output: Any) -> None:
        marks = [mark for value in args if (mark := self._known(value))]
        factor = _factor(name, args)
        if factor is not None and isinstance(output, Tensor):
            self._pass.factors.append((self._here().module, factor))
            self._scaled(marks, factor, output)
            return
        if not marks or not isinstance(output, Tensor):
            return
        mark = next((each for each in marks if each.kind == "mask"), marks[0])
        if mark.kind == "random" and name in ABOVE + BELOW and isinstance(args[1], float | int):
            share = float(args[1])
            asked = share if name in ABOVE else 1 - share
            self._mark(_Mark("mask", output, asked=asked if 0 < share < 1 else None))
        elif name in COPIES:
            self._mark(_Mark(mark.kind, output, mark.asked, mark.scale, mark.draw, mark.origin))
        elif mark.kind == "mask" and name == "mul":
            self._applied(mark, args, output)
        elif mark.kind == "mask" and name in ("bitwise_not", "logical_not", "rsub"):
            self._mark(_Mark("mask", output, None if mark.asked is None else 1 - mark.asked))
        elif mark.kind == "mask":
            mark.origin.is_mixed = True
            for draw in mark.origin.draws:
                draw.scale = None

    def _scaled(self, marks: list[_Mark], factor: float, output: Tensor) -> None:
        if not marks:
            self._mark(_Mark("scaled", output, scale=factor))
            return
        (mark,) = marks[:1]
        if mark.kind == "product" and mark.draw is not None:
            if mark.draw.scale == 1:  # what is scaled already, may be multiplied for any other reason
                mark.draw.scale = factor
            self._mark(_Mark("product", output, draw=mark.draw))
        elif mark.kind in ("mask", "scaled"):
            scale = None if mark.scale is None else mark.scale * factor
            self._mark(_Mark(mark.kind, output, mark.asked, scale, origin=mark.origin))

    def _applied(self, mark: _Mark, args: Any, output: Tensor) -> None:
        other = args[0] if args[1] is mark.tensor else args[1]
        known = self._known(other)
        scale = None if mark.origin.is_mixed else mark.scale
        if scale is not None and known is not None and known.kind == "scaled":
            scale = None if known.scale is None else scale * known.scale
        kept = mark.tensor.bool()
        draw = Draw(self._here(), mark.asked, 1 - int(kept.count_nonzero()) / max(kept.numel(), 1), scale)
        self._pass.draws.append(draw)
        mark.origin.draws.append(draw)
        self._mark(_Mark("product", output, draw=draw))


def _factor(name: str, args: Any) -> float | None:
    """The number that an operation multiplies a tensor by, if that is what it does."""
    if name not in ("mul", "div") or len(args) < 2:
        return None
    number = next((each for each in args[:2] if _is_number(each)), None)
    if number is None or not (_is_number(args[1]) or name == "mul"):
        return None
    value = float(number)
    return value if name == "mul" else 1 / value if value else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, Tensor) and value.dim() == 0)
