"""Axes and kinds of masks: what each axis of a random tensor stands for, from the data that it acts on."""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.modules.dropout import AlphaDropout, Dropout, _DropoutNd

from dropviz.capture.uses import Use

HEADS = ("num_heads", "nhead", "n_heads", "n_head", "num_attention_heads", "heads")
SPACE = frozenset(["row", "column", "depth", "time"])
OPERATIONS = {"add": "additive", "sample": "additive", "select": "selection", "decision": "decision", "other": "other"}


@dataclass(frozen=True)
class Surroundings:
    """Surroundings of a use, from which its axes follow.

    modules    running modules, from the innermost outwards
    examples   number of examples of the pass
    sequences  (length, examples) of tensors whose first axis is time
    """

    modules: tuple[nn.Module, ...]
    examples: int
    sequences: frozenset[tuple[int, int]]

    @property
    def heads(self) -> int:
        """Number of attention heads of the innermost module that has any; 0 if none has."""
        for module in self.modules:
            for name in HEADS:
                value = getattr(module, name, None)
                if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                    return value
        return 0

    @property
    def is_recurrent(self) -> bool:
        """True within a recurrent module of torch."""
        return bool(self.modules) and isinstance(self.modules[0], nn.RNNBase)


@dataclass(frozen=True)
class Geometry:
    """Axes of the mask or noise of a site.

    kind   kind of noise
    names  names of the axes that are not shared, "example" first where there is one
    view   shape that gives the tensor one axis for each axis of its data
    order  axes of that view in the order of `names`; the others have one element
    """

    kind: str
    names: tuple[str, ...]
    view: tuple[int, ...]
    order: tuple[int, ...]

    def arrange(self, tensor: Tensor) -> Tensor:
        """Return a mask or noise with the axes of `names`."""
        if self.order == tuple(range(len(self.view))) and tensor.shape == self.view:
            return tensor
        rest = [axis for axis in range(len(self.view)) if axis not in self.order]
        return tensor.reshape(self.view).permute((*self.order, *rest)).reshape([self.view[axis] for axis in self.order])


def read_geometry(use: Use, around: Surroundings) -> Geometry:
    """Return kind and axes of a use of noise."""
    noise, data = list(use.tensor.shape), list(use.shape)
    if len(noise) > len(data) or not _broadcasts(noise, data):
        names = tuple(("example", *(f"axis {number}" for number in range(2, len(noise) + 1)))[: len(noise)])
        if not noise or noise[0] != around.examples:
            names = tuple(f"axis {number}" for number in range(1, len(noise) + 1))
        return Geometry(OPERATIONS.get(use.operation, "other"), names, tuple(noise), tuple(range(len(noise))))
    noise = [1] * (len(data) - len(noise)) + noise
    if _has_joint_heads(use, around):
        noise, data = _split_heads(noise, around), _split_heads(data, around)
    all_names = name_axes(data, noise, use, around)
    pairs = list(zip(noise, data, strict=True))
    order = [axis for axis, (own, whole) in enumerate(pairs) if own > 1 or whole == 1]
    if any(own < whole and name in SPACE for name, (own, whole) in zip(all_names, pairs, strict=True)):
        # Of a map, a side of one pixel is shared as the other sides are.
        order = [axis for axis in order if noise[axis] > 1 or all_names[axis] not in SPACE]
    if use.operation == "decision":
        order = []
    order.sort(key=lambda axis: all_names[axis] != "example")
    names = tuple(all_names[axis] for axis in order)
    shared = {name for axis, name in enumerate(all_names) if axis not in order}
    return Geometry(read_kind(use, set(names), shared), names, tuple(noise), tuple(order))


def _broadcasts(noise: list[int], data: list[int]) -> bool:
    return all(own in (1, whole) for own, whole in zip(reversed(noise), reversed(data), strict=False))


def _has_joint_heads(use: Use, around: Surroundings) -> bool:
    if "attention" not in use.hints or len(use.shape) != 3 or use.tensor.dim() != 3:
        return False
    return around.heads > 0 and use.shape[0] == around.examples * around.heads


def _split_heads(shape: list[int], around: Surroundings) -> list[int]:
    first = [around.examples, around.heads] if shape[0] > 1 else [1, 1]
    return [*first, *shape[1:]]


def name_axes(data: list[int], noise: list[int], use: Use, around: Surroundings) -> list[str]:
    """Return a name for each axis of the data that noise acts on."""
    count, hints = len(data), use.hints
    is_map = "convolution" in hints or _drops_channels(around)
    if "weights" in hints:
        return ["unit", "input", "row", "column", "depth"][:count]
    if "attention" in hints and count in (3, 4):
        return ["example", "head", "query", "key"] if count == 4 else ["example", "query", "key"]
    if count <= 2:
        return _name_rows(count, use, around)
    return _name_maps(data, noise, around, is_map=is_map)


def _name_maps(data: list[int], noise: list[int], around: Surroundings, *, is_map: bool) -> list[str]:
    count = len(data)
    if count == 3 and not is_map:
        return _name_sequence(data, noise, around)
    if count == 4 and not is_map and around.heads and data[1] == around.heads:
        return ["example", "head", "token", "unit"]
    if count == 4 and not is_map and not noise[2] == noise[3] == 1:
        return ["example", "row", "column", "channel"]
    space = {3: ["time"], 4: ["row", "column"], 5: ["depth", "row", "column"]}
    return ["example", "channel", *space.get(count, [f"axis {number}" for number in range(3, count + 1)])]


def _name_rows(count: int, use: Use, around: Surroundings) -> list[str]:
    if "integers" in use.hints:
        return ["example", "token"][:count] if count == 2 else ["token"][:count]
    if around.is_recurrent:  # rows of a packed sequence
        return ["time", "unit"][-count:] if count else []
    return ["example", "unit"][-count:] if count else []


def _drops_channels(around: Surroundings) -> bool:
    first = around.modules[0] if around.modules else None
    return isinstance(first, _DropoutNd) and not isinstance(first, Dropout | AlphaDropout)


def _name_sequence(data: list[int], noise: list[int], around: Surroundings) -> list[str]:
    step = "time" if around.is_recurrent or around.sequences else "token"
    shares_first = noise[0] == 1 and data[0] > 1 and noise[1] > 1
    if around.is_recurrent or (data[0], data[1]) in around.sequences or shares_first:
        return [step, "example", "unit"]
    return ["example", step, "unit"]


def read_kind(use: Use, own: set[str], shared: set[str]) -> str:
    """Return the kind of a noise, from the axes that it has and those that it shares."""
    space, steps = SPACE, {"time", "token"}
    rules = (
        (OPERATIONS.get(use.operation, ""), use.operation in OPERATIONS),
        ("multiplicative", use.mask is None),
        ("weights", "weights" in use.hints),
        ("attention", "query" in own),
        ("blocks", "pooled" in use.hints),
        ("paths", not own - {"example"} and bool(shared)),
        ("channels", "channel" in own and not own & space and bool(shared & space)),
        ("time-locked", "unit" in own and bool(shared & steps)),
        ("tokens", "integers" in use.hints or ("unit" in shared and bool(own & steps))),
    )
    return next((kind for kind, holds in rules if holds), "units")
