"""Marks of the tensors of a pass: random ones, constants, weights; all others are data."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, UntypedStorage
from torch._C import _functorch as functorch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.parameter import is_lazy

from dropviz.capture.uses import Draw


@dataclass(frozen=True)
class Mark:
    """Mark of the tensors in one storage that hold no data.

    draw       the draw that they come from; None for constants
    p_true     probability, as written in the code, that an element is not 0 (or True); None if it is not known
    low        lowest value of a uniform draw
    high       highest value of a uniform draw
    is_pooled  True if the draw went through a pooling operation, as in DropBlock
    """

    draw: Draw | None = None
    p_true: float | None = None
    low: float | None = None
    high: float | None = None
    is_pooled: bool = False


CONSTANT = Mark()


def tensors_of(values: Iterable[Any]) -> Iterator[Tensor]:
    """Yield the tensors among values, and in lists, tuples and dicts among them."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            if not value or not isinstance(value[0], int):  # sizes and axes hold no tensors
                yield from tensors_of(value)
        elif isinstance(value, dict):
            yield from tensors_of(value.values())


class Storages:
    """Values by the storage of a tensor. Views of a tensor, and operations in place on it, have its value.

    values      by the address of the storage
    references  weak, which keep the address of a storage from being given to another one
    """

    def __init__(self) -> None:
        self.values: dict[int, Any] = {}
        self.references: dict[int, StorageWeakRef | Held] = {}

    def get(self, tensor: Tensor) -> Any:
        """Return the value of a tensor; None if it has none."""
        return self.values.get(_key(tensor))

    def set(self, tensor: Tensor, value: Any) -> None:
        """Set the value of a tensor."""
        key = _key(tensor)
        self.values[key] = value
        if key not in self.references:
            self.references[key] = _reference(tensor)

    def pop(self, tensor: Tensor) -> Any:
        """Remove the value of a tensor, and return it."""
        return self.values.pop(_key(tensor), None)

    def __iter__(self) -> Iterator[Any]:
        """Yield the values of storages that are still in use."""
        return (value for key, value in self.values.items() if not self.references[key].expired())

    def adopt(self, other: "Storages", accept: Callable[[Any], bool]) -> None:
        """Take over the values that `accept` accepts, of storages that are still in use and have no value here."""
        for key, value in other.values.items():
            if key not in self.values and accept(value) and not other.references[key].expired():
                self.values[key], self.references[key] = value, other.references[key]


def _storage(tensor: Tensor) -> UntypedStorage | None:
    """Return the storage of a tensor, also within the wrappers of torch.func; None if it has none, as a sparse one."""
    try:
        return tensor.untyped_storage()
    except (NotImplementedError, RuntimeError):
        wrapped = functorch.is_functorch_wrapped_tensor(tensor)
        return _storage(functorch.get_unwrapped(tensor)) if wrapped else None


def _key(tensor: Tensor) -> int:
    storage = _storage(tensor)
    return id(tensor) if storage is None else int(storage._cdata)  # noqa: SLF001  # its address; others take longer


@dataclass(frozen=True)
class Held:
    """A tensor without a storage, which is held for one pass: its address is not given to another one."""

    tensor: Tensor

    def expired(self) -> bool:
        """Return True: no other pass takes it over."""
        return True


def _reference(tensor: Tensor) -> StorageWeakRef | Held:
    storage = _storage(tensor)
    return Held(tensor) if storage is None else StorageWeakRef(storage)


class Marks:
    """Roles of the tensors of one pass: data, weights, or with a Mark.

    weights  parameters of the model
    data     its buffers, and the arguments of the pass
    """

    def __init__(self, weights: Iterable[Tensor] = (), data: Iterable[Tensor] = ()) -> None:
        self._roles = Storages()
        for tensor in weights:
            if not is_lazy(tensor):
                self._roles.set(tensor, "weights")
        for tensor in data:
            if not is_lazy(tensor):
                self._roles.set(tensor, "data")

    def role(self, tensor: Tensor) -> Mark | str | None:
        """Return the mark of a tensor, "weights" or "data"; None if it is not known."""
        role: Mark | str | None = self._roles.get(tensor)
        return role

    def get(self, tensor: Tensor) -> Mark | None:
        """Return the mark of a tensor; None for data and weights."""
        role = self._roles.get(tensor)
        return role if isinstance(role, Mark) else None

    def set(self, tensor: Tensor, role: Mark | str) -> None:
        """Set the role of a tensor: a mark, "weights" or "data"."""
        self._roles.set(tensor, role)

    def forget(self, tensor: Tensor) -> None:
        """Take a tensor for one that was made outside the pass."""
        self._roles.pop(tensor)

    def is_weights(self, tensor: Tensor) -> bool:
        """Return whether a tensor depends on parameters and not on data."""
        return bool(self._roles.get(tensor) == "weights")

    def is_from_outside(self, tensor: Tensor) -> bool:
        """Return whether a tensor is no parameter, buffer or input, and no operation of this pass made it."""
        return self._roles.get(tensor) is None and not tensor.requires_grad

    def carry_over(self, before: "Marks") -> None:
        """Take over random tensors and data of the pass before that are still in use: a mask, or a state, may be."""
        self._roles.adopt(before._roles, lambda role: role == "data" or getattr(role, "draw", None) is not None)  # noqa: SLF001


# Operations after which a tensor of 0 and one other value is still one.
_KEEPING = """mul div _to_copy clone view expand unsqueeze squeeze reshape _unsafe_view _reshape_alias as_strided t
    transpose permute detach alias slice select index repeat cat stack copy lift_fresh unbind split chunk"""
KEEPING_MASKS = frozenset(_KEEPING.split())


def after_arithmetic(mark: Mark, name: str, number: float | None) -> Mark:
    """Return the mark of the output of an operation on a random tensor and, maybe, a number."""
    low, high = mark.low, mark.high
    unknown = replace(mark, p_true=None, low=None, high=None)
    if "pool" in name:
        return replace(unknown, is_pooled=True)
    if name in ("bitwise_not", "logical_not") or (name == "rsub" and number == 1 and mark.p_true is not None):
        return replace(unknown, p_true=None if mark.p_true is None else 1 - mark.p_true)
    if is_normal(mark) and name in ("gt", "ge", "lt", "le") and number is not None and 0 < number < 1:
        # A probability that was written for uniform numbers: `dropviz.check` finds it by the share that is dropped.
        return replace(unknown, p_true=1 - number if name in ("gt", "ge") else number)
    if low is None or high is None:
        return mark if name in KEEPING_MASKS else unknown
    return _after_uniform(mark, name, number, low, high)


def is_normal(mark: Mark) -> bool:
    """Return whether a random tensor was drawn as normal numbers."""
    return mark.draw is not None and mark.draw.operation in ("randn", "randn_like", "normal")


def _after_uniform(mark: Mark, name: str, number: float | None, low: float, high: float) -> Mark:
    """Return the mark of the output of an operation on uniform numbers from `low` to `high`."""
    unknown = replace(mark, p_true=None, low=None, high=None)
    if name in ("gt", "ge", "lt", "le") and number is not None:
        above = (high - number) / ((high - low) or 1)
        share = above if name in ("gt", "ge") else 1 - above
        return replace(unknown, p_true=min(max(share, 0.0), 1.0))
    if name == "floor" and 0 <= low < 1 <= high <= 2:
        return replace(unknown, p_true=(high - 1) / ((high - low) or 1))
    if name in ("add", "sub", "rsub", "mul", "div"):
        if number is None:
            return unknown
        low, high = sorted(_moved(name, each, number) for each in (low, high))
        return replace(mark, low=low, high=high)
    return mark if name in KEEPING_MASKS else unknown


def _moved(name: str, value: float, number: float) -> float:
    if name == "div":
        return value / number if number else value
    return {"add": value + number, "sub": value - number, "rsub": number - value, "mul": value * number}[name]


def number_of(values: Iterable[Any]) -> float | None:
    """Return the first number among the arguments of an operation, also one in a tensor without axes."""
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, Tensor) and value.dim() == 0 and value.device.type == "cpu" and not value.is_complex():
            return float(value.detach())
    return None


def mark_of_draw(draw: Draw, args: Any, *, is_inplace: bool) -> Mark:
    """Return the mark of a random tensor that was just drawn."""
    numbers = [float(each) for each in args[1:3] if isinstance(each, int | float) and not isinstance(each, bool)]
    if draw.operation == "bernoulli":
        probabilities = args[-1] if isinstance(args[-1], Tensor) else None
        if is_inplace and len(args) == 1:  # its default is left out
            return Mark(draw, p_true=0.5)
        if not numbers and probabilities is not None and probabilities.numel():
            lowest, highest = probabilities.detach().aminmax()
            numbers = [float(lowest)] if bool(lowest == highest) else []
        return Mark(draw, p_true=numbers[0] if numbers else None)
    if draw.operation == "uniform":
        low, high = numbers if len(numbers) == 2 else (0.0, 1.0)
        return Mark(draw, low=low, high=high)
    return Mark(draw, low=0.0, high=1.0) if draw.operation in ("rand", "rand_like") else Mark(draw)
