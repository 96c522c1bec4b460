"""Hyperparameters: settings of an experiment that an arm may replace."""

from typing import Any

from dropviz.experiments.choices import OPTIMIZERS
from dropviz.experiments.fields import Check, choice, none_or, number, sequence, setting, whole

HYPERPARAMETERS: dict[str, tuple[Check, str]] = {
    "train_size": (none_or(whole(1, 10_000_000)), "number of training images, drawn at random"),
    "hidden": (sequence(whole(1, 65_536), 0, 20), "units of each hidden layer"),
    "optimizer": (choice(OPTIMIZERS), "optimiser"),
    "learning_rate": (number(0, 1_000, above=True), "learning rate"),
    "momentum": (number(0, 0.9999), "momentum of SGD"),
    "epochs": (whole(1, 1_000_000), "passes over the training set"),
    "weight_decay": (number(0, 1_000), "L2 penalty on weights and biases, in the update"),
    "l1": (number(0, 1_000), "penalty on the absolute weights, in the loss"),
    "l2": (number(0, 1_000), "penalty on the squared weights, in the loss, biases left out"),
    "activation_l1": (number(0, 1_000), "penalty on the absolute activations of hidden units, mean over examples"),
    "activation_l2": (number(0, 1_000), "penalty on the squared activations of hidden units, mean over examples"),
    "max_norm": (number(0, 1_000_000), "largest norm of the weights into a unit; 0 for none"),
    "input_noise": (number(0, 1_000), "standard deviation of normal noise that is added to the input"),
}


def shared(name: str, default: Any) -> Any:
    """Return the field of an experiment for a hyperparameter."""
    check, meaning = HYPERPARAMETERS[name]
    return setting(check, meaning if default is not None else f"{meaning}; all if not given", default=default)


def own(name: str) -> Any:
    """Return the field of an arm for a hyperparameter; None stands for the value of the experiment."""
    check, meaning = HYPERPARAMETERS[name]
    return setting(none_or(check), meaning, default=None)
