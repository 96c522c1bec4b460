"""Random inputs for a model, guessed from its layers and the parameters of its `forward`."""

import inspect
import itertools
import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.diagnosis.inputs import Arguments

EXAMPLES = 8
LENGTHS = (16, 10, 5)  # of sequences
SIDES = (28, 32, 8, 64, 224, 96)  # of images, tried in this order
EDGES = ("edge", "edges", "edge_index", "edge_list")
MATRICES = ("a", "adj", "adjacency", "adj_matrix", "adj_t", "laplacian")
STATES = ("h", "h0", "hx", "hidden", "state", "states", "cache", "past")
RECURRENT = (nn.RNNBase, nn.RNNCellBase)


def guesses(model: nn.Module, shape: tuple[int, ...] | None) -> Iterator[Arguments]:
    """Yield arguments that a model may run on, the likeliest first.

    shape  shape of one example of the first argument; guessed if it is None
    """
    yield from _for_transformers(model, shape)
    firsts = list(_of_shape(model, shape) if shape else _firsts(model))
    if has_no_forward(model):
        labels = (torch.randint(0, 2, (EXAMPLES,)), torch.rand(EXAMPLES, 1))
        yield from (Arguments(((first, label), 0)) for first in firsts for label in labels)
        return
    names = _required(model)
    for first in firsts:
        others = [list(_others(model, name, first, firsts)) for name in names[1:]]
        yield from (Arguments((first, *rest)) for rest in itertools.product(*others))


def has_no_forward(model: nn.Module) -> bool:
    """Return whether a module has a `training_step`, as those of Lightning, and no `forward` of its own."""
    forward = inspect.getattr_static(type(model), "forward", None)
    defined = (getattr(forward, "__module__", None) or "").split(".")[0]
    return hasattr(model, "training_step") and defined in ("torch", "lightning", "pytorch_lightning")


def _for_transformers(model: nn.Module, shape: tuple[int, ...] | None) -> Iterator[Arguments]:
    """Yield arguments of a model of Hugging Face's Transformers."""
    config, name = getattr(model, "config", None), getattr(model, "main_input_name", "")
    if name == "input_ids" and isinstance(vocabulary := getattr(config, "vocab_size", None), int):
        names = ["input_ids", "decoder_input_ids"] if getattr(config, "is_encoder_decoder", False) else ["input_ids"]
        size = (EXAMPLES, *(shape or LENGTHS[:1]))
        yield Arguments(kwargs={each: torch.randint(0, vocabulary, size) for each in names})
    elif name == "pixel_values" and isinstance(side := getattr(config, "image_size", None), int):
        size = (EXAMPLES, *(shape or (getattr(config, "num_channels", 3), side, side)))
        yield Arguments(kwargs={name: torch.rand(size)})


def _of_shape(model: nn.Module, shape: tuple[int, ...]) -> list[Tensor]:
    """Return examples of a shape: random numbers, and integers if the model has an embedding."""
    size = (EXAMPLES, *shape)
    numbers, rows = torch.rand(size), _rows(model)
    if not rows:
        return [numbers]
    integers = torch.randint(0, rows, size)
    first = next(module for module in model.modules() if next(module.parameters(recurse=False), None) is not None)
    return [integers, numbers] if isinstance(first, nn.Embedding | nn.EmbeddingBag) else [numbers, integers]


def _rows(model: nn.Module) -> int:
    """Return the number of rows of the smallest embedding that holds no positions; 0 if there is none."""
    sizes = [
        module.num_embeddings
        for name, module in model.named_modules()
        if isinstance(module, nn.Embedding | nn.EmbeddingBag) and not re.search("pos|type|seg", name)
    ]
    return min(sizes, default=0)


def _firsts(model: nn.Module) -> Iterator[Tensor]:
    """Yield random examples that layers take, in the order of the layers."""
    seen: set[tuple[int, ...]] = set()
    for module in model.modules():
        if isinstance(module, nn.Embedding | nn.EmbeddingBag):
            if (0,) not in seen:
                rows = _rows(model) or module.num_embeddings
                yield from (torch.randint(0, rows, (EXAMPLES, length)) for length in LENGTHS)
                yield torch.randint(0, rows, (EXAMPLES,))
            seen.add((0,))
            continue
        for shape in _shapes(module):
            if shape not in seen:
                yield torch.rand(EXAMPLES, *shape)
            seen.add(shape)


def _shapes(module: nn.Module) -> Iterator[tuple[int, ...]]:
    """Yield the shapes of an example that a layer takes."""
    length = LENGTHS[0]
    if isinstance(module, RECURRENT):
        yield length, module.input_size
    elif isinstance(module, nn.MultiheadAttention):
        yield length, module.embed_dim
    elif isinstance(module, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer):
        yield length, module.linear1.in_features
    elif isinstance(module, nn.Linear):
        yield (module.in_features,)
        yield length, module.in_features
    elif isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        dimensions = len(module.kernel_size)
        yield from ((module.in_channels, *[side] * dimensions) for side in SIDES[: 6 if dimensions < 3 else 3])
    elif isinstance(module, nn.BatchNorm1d):
        yield (module.num_features,)
    elif isinstance(module, nn.LayerNorm):
        yield length, *module.normalized_shape


def _required(model: nn.Module) -> list[str]:
    """Return the names of the parameters of `forward` that have no default."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):  # of TorchScript
        return []
    return [each.name for each in parameters if each.default is inspect.Parameter.empty and each.kind in kinds]


def _others(model: nn.Module, name: str, first: Tensor, firsts: list[Tensor]) -> Iterator[Any]:
    """Yield values for a further parameter of `forward`, by its name."""
    name, count = name.lower(), len(first)
    if name in EDGES:
        yield torch.randint(0, count, (2, 4 * count))
    elif name in MATRICES:
        near = (torch.rand(count, count) < 0.5).float() + torch.eye(count)
        yield near / near.sum(1, keepdim=True)
    elif "mask" in name:
        yield from (None, torch.ones(first.shape[:2], dtype=torch.bool), torch.ones(first.shape[:2]))
    elif "len" in name and first.dim() > 1:
        yield torch.full((count,), first.shape[1])
    elif name in STATES:
        yield None
    else:
        yield torch.rand_like(first) if first.is_floating_point() else torch.randint(0, _rows(model) or 2, first.shape)
        yield from (each for each in firsts if each is not first and each.shape != first.shape)
