"""Accuracy and loss of a network, with dropout off."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.experiments.experiment import Experiment
from dropviz.training.data import Split
from dropviz.training.losses import LOSS_FUNCTIONS, Loss
from dropviz.training.model import InputNoise

# Rows evaluated at once: activations of 256 units then stay in the processor's cache. A GPU waits for fewer calls.
CHUNK, GPU_CHUNK = 1_024, 16_384


def evaluate_parts(
    model: nn.Module, parts: Split, experiment: Experiment, *, is_watched: bool = True
) -> dict[str, float]:
    """Return accuracy and mean loss on training, test and, if there is one, validation set, with dropout off.

    An autoencoder has no accuracy.

    is_watched  True if hooks of the model must see the passes
    """
    pieces = {
        "train": (parts.train_images, parts.train_labels),
        "test": (parts.test_images, parts.test_labels),
        "validation": (parts.validation_images, parts.validation_labels),
    }
    metrics: dict[str, float] = {}
    for name, (images, labels) in pieces.items():
        if len(labels):
            targets = images if experiment.is_autoencoder else labels
            correct, loss = evaluate(model, images, targets, LOSS_FUNCTIONS[experiment.loss], is_watched=is_watched)
            metrics |= {} if experiment.is_autoencoder else {f"{name}_accuracy": correct}
            metrics[f"{name}_loss"] = loss
    return metrics


@torch.inference_mode()
def evaluate(
    model: nn.Module, images: Tensor, targets: Tensor, loss_of: Loss, *, is_watched: bool = True
) -> tuple[float, float]:
    """Return the exact share of correct labels and the mean loss, in evaluation mode; restore the mode afterwards.

    The share is 0 if the targets are no labels.
    """
    if not is_watched and all(map(_is_plain, model.children())):
        return _mean(_Plain(model, images), images, targets, loss_of)
    was_training = model.training
    model.eval()
    result = _mean(model, images, targets, loss_of)
    model.train(was_training)
    return result


def _mean(score: Callable[[Tensor], Tensor], images: Tensor, targets: Tensor, loss_of: Loss) -> tuple[float, float]:
    correct = torch.zeros((), dtype=torch.int64, device=images.device)
    loss = torch.zeros((), dtype=torch.float64 if images.device.type != "mps" else torch.float32, device=images.device)
    rows = _chunk(images)
    for chunk, truth in zip(images.split(rows), targets.split(rows), strict=True):
        outputs = score(chunk)
        if truth.ndim == 1:
            correct += (outputs.argmax(dim=1) == truth).sum()
        loss += loss_of(outputs, truth).sum()
    return int(correct) / len(images), float(loss) / len(images)


def _chunk(images: Tensor) -> int:
    return CHUNK if images.device.type == "cpu" else GPU_CHUNK


def _is_plain(module: nn.Module) -> bool:
    """Return whether a module in evaluation mode is a linear map, ReLU, or nothing."""
    if isinstance(module, Noise):  # a mistake may act in evaluation mode
        return type(module).forward is Noise.forward
    return type(module) in (nn.Linear, DropConnect, nn.ReLU, nn.Identity, nn.Dropout, InputNoise)


class _Plain:
    """Pass of a chain of such modules in evaluation mode, in memory that is used again for each chunk."""

    def __init__(self, model: nn.Module, images: Tensor) -> None:
        self._modules = [each for each in model.children() if isinstance(each, nn.Linear | nn.ReLU)]
        rows = min(_chunk(images), len(images))
        self._outputs = {
            each: images.new_empty(rows, each.out_features) for each in self._modules if isinstance(each, nn.Linear)
        }

    def __call__(self, x: Tensor) -> Tensor:
        for module in self._modules:
            if isinstance(module, nn.Linear):
                x = torch.addmm(module.bias, x, module.weight.t(), out=self._outputs[module][: len(x)])
            else:
                x = x.relu_()
        return x
