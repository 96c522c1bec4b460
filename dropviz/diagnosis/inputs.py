"""Random inputs that a model runs on."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from dropviz.errors import ModelError, reason

EXAMPLES = 8
LENGTH = 16  # of sequences
SIDES = (28, 32, 8, 64, 224, 96)  # of images, tried in this order


def random_inputs(model: nn.Module, shape: tuple[int, ...] | None) -> Tensor:
    """Return EXAMPLES random examples of a shape, guessed from the first layer if it is None.

    Raises ModelError if the model does not run on them.
    """
    failure = ""
    for inputs in [_random(shape)] if shape else _guesses(model):
        try:
            model.eval()(inputs)
        except Exception as error:  # noqa: BLE001  # a user's model may raise anything
            size = "x".join(map(str, inputs.shape[1:]))
            failure = f"it does not run on examples of shape {size}: {reason(error)}"
        else:
            return inputs
    advice = "" if shape else "; give the shape of one example: --input 1x28x28, in Python shape=(1, 28, 28)"
    raise ModelError((failure or "it has no layer to guess the shape of its input from") + advice)


def _random(shape: tuple[int, ...]) -> Tensor:
    return torch.rand(EXAMPLES, *shape)


def _guesses(model: nn.Module) -> Iterator[Tensor]:
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            yield torch.randint(0, module.num_embeddings, (EXAMPLES, LENGTH))
            return
        if isinstance(module, nn.LSTM | nn.GRU | nn.RNN):
            yield _random((LENGTH, module.input_size))
            return
        if isinstance(module, nn.Linear):
            yield _random((module.in_features,))
            yield _random((LENGTH, module.in_features))
            return
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            dimensions = len(module.kernel_size)
            yield from (_random((module.in_channels, *[side] * dimensions)) for side in SIDES)
            return
