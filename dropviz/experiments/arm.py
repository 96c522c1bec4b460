"""An arm: one setting under comparison."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from dropviz.errors import ExperimentError
from dropviz.experiments.choices import ENDLESS, MISTAKES, NOISES, SCHEDULES
from dropviz.experiments.fields import all_or, choice, number, sequence, setting, text, validate
from dropviz.experiments.hyperparameters import HYPERPARAMETERS, own

_PROBABILITY = number(0, 1)


def _probabilities(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sequence(_PROBABILITY, 0, 20)(value)
    return _PROBABILITY(value)


@dataclass(frozen=True)
class Arm:
    """One setting under comparison.

    `drop_prob` is the probability that a unit is dropped (Srivastava et al. 2014 write p = 1 - drop_prob, the
    probability of keeping), per hidden layer; one number stands for every hidden layer. What is None, the experiment
    decides for all its arms.
    """

    name: str = setting(
        text(r"[^\x00-\x1f\x7f]{1,40}", "must be a text of 1 to 40 characters"), "what pictures call it"
    )
    drop_prob: float | tuple[float, ...] = setting(
        _probabilities, "per hidden layer, or one number for all", default=0.0
    )
    input_drop_prob: float = setting(_PROBABILITY, "on the input", default=0.0)
    noise: str = setting(choice(NOISES), "kind of noise", default="bernoulli")
    schedule: str = setting(choice(SCHEDULES), "how the noise goes on and off in training", default="constant")
    turn: float = setting(_PROBABILITY, "share of the training at which schedule early ends, late begins", default=0.5)
    train_size: int | None = own("train_size")
    hidden: tuple[int, ...] | None = own("hidden")
    optimizer: str | None = own("optimizer")
    learning_rate: float | None = own("learning_rate")
    momentum: float | None = own("momentum")
    epochs: int | None = own("epochs")
    weight_decay: float | None = own("weight_decay")
    l1: float | None = own("l1")
    l2: float | None = own("l2")
    activation_l1: float | None = own("activation_l1")
    activation_l2: float | None = own("activation_l2")
    max_norm: float | None = own("max_norm")
    input_noise: float | None = own("input_noise")
    mistake: str | None = setting(all_or(choice(MISTAKES)), "a common mistake, made on purpose", default=None)

    def __post_init__(self) -> None:
        validate(self, where=f" of arm {self.name!r}")
        most = max([self.input_drop_prob, *self.per_layer])
        if most == 1 and self.noise in ENDLESS:
            raise ExperimentError(f"drop_prob of arm {self.name!r} is 1: must be below 1 with noise {self.noise!r}")
        if most and self.noise == "none":
            raise ExperimentError(f"drop_prob of arm {self.name!r} is {most:g}: must be 0 with noise 'none'")
        if self.mistake and self.noise != "bernoulli":
            raise ExperimentError(f"noise of arm {self.name!r} is {self.noise!r}: must be 'bernoulli' with a mistake")

    @property
    def has_noise(self) -> bool:
        """Whether there is noise on any layer of this arm."""
        return self.input_drop_prob > 0 or any(each > 0 for each in self.per_layer)

    @property
    def per_layer(self) -> tuple[float, ...]:
        """The drop probabilities as a tuple: in an experiment, one for each hidden layer."""
        return self.drop_prob if isinstance(self.drop_prob, tuple) else (self.drop_prob,)

    @property
    def slug(self) -> str:
        """The name as it stands in file names."""
        return re.sub(r"[^\w.]+", "-", self.name.lower()).strip("-") or "arm"

    @property
    def own_hyperparameters(self) -> dict[str, Any]:
        """What this arm has instead of what its experiment says."""
        return {name: value for name in HYPERPARAMETERS if (value := getattr(self, name)) is not None}

    def spread_evenly(self) -> "Arm":
        """The same arm with its one probability as a number, if all hidden layers have the same."""
        alike = len(set(self.per_layer)) == 1
        return dataclasses.replace(self, drop_prob=self.per_layer[0]) if alike else self

    def fitted_to(self, layers: int) -> "Arm":
        """The same arm with one drop probability for each of `layers` hidden layers."""
        each = self.per_layer if isinstance(self.drop_prob, tuple) else self.per_layer * layers
        if len(each) != layers:
            raise ExperimentError(
                f"drop_prob of arm {self.name!r} has {len(each)} values: "
                f"must be one number, or one for each of the {layers} hidden layers"
            )
        return dataclasses.replace(self, drop_prob=each)
