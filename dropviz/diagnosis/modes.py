"""Modes of a model: training and evaluation."""

from torch import nn


def set_mode(model: nn.Module, *, training: bool) -> None:
    """Set the mode of a model by its own method, or by torch's if its `train` is a method of another kind."""
    try:
        model.train() if training else model.eval()
    except TypeError:
        nn.Module.train(model, training)
