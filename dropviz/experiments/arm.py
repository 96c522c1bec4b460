"""Arms of an experiment."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from dropviz._util.text import slug
from dropviz.errors import ExperimentError
from dropviz.experiments.choices import MISTAKES, NOISES, NOISES_BELOW_ONE, SCHEDULES
from dropviz.experiments.fields import Check, choice, none_or, number, sequence, setting, text, validate
from dropviz.experiments.hyperparameters import HYPERPARAMETERS, own

_PROBABILITY = number(0, 1)


def _probabilities(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sequence(_PROBABILITY, 0, 20)(value)
    return _PROBABILITY(value)


_PROBABILITIES = Check(_probabilities, f"{_PROBABILITY.allowed}, or 0 to 20 of them")


@dataclass(frozen=True)
class Arm:
    """One setting under comparison.

    Noise and hyperparameters of the runs of this arm; None stands for the hyperparameter of the experiment.
    Srivastava et al. 2014 write p for the probability of keeping a unit, 1 - drop_prob.

    name             name in pictures; a text of 1 to 40 characters
    drop_prob        probability that a unit of a hidden layer is dropped, for each hidden layer, or one for all; a
                     number from 0 to 1, or 0 to 20 of them; default 0.0
    input_drop_prob  probability that a unit of the input is dropped; a number from 0 to 1; default 0.0
    noise            kind of noise; one of 'bernoulli', 'torch', 'gaussian', 'uniform', 'channel', 'alpha',
                     'dropconnect', 'none'; default 'bernoulli'
    schedule         change of the noise during training; one of 'constant', 'early', 'late', 'decay'; default
                     'constant'
    turn             share of the training after which schedule 'early' ends and 'late' begins; a number from 0 to 1;
                     default 0.5
    train_size       number of training images, drawn at random; a whole number from 1 to 10,000,000; default None
    hidden           units of each hidden layer; 0 to 20 items, each a whole number from 1 to 65,536; default None
    optimizer        optimiser; one of 'sgd', 'adam'; default None
    learning_rate    learning rate; a number above 0 and at most 1,000; default None
    momentum         momentum of SGD; a number from 0 to 0.9999; default None
    epochs           passes over the training set; a whole number from 1 to 1,000,000; default None
    weight_decay     L2 penalty on weights and biases, in the update; a number from 0 to 1,000; default None
    l1               penalty on the absolute weights, in the loss; a number from 0 to 1,000; default None
    l2               penalty on the squared weights, in the loss, biases left out; a number from 0 to 1,000; default
                     None
    activation_l1    penalty on the absolute activations of hidden units, mean over examples; a number from 0 to 1,000;
                     default None
    activation_l2    penalty on the squared activations of hidden units, mean over examples; a number from 0 to 1,000;
                     default None
    max_norm         largest norm of the weights into a unit; 0 for none; a number from 0 to 1,000,000; default None
    input_noise      standard deviation of normal noise that is added to the input; a number from 0 to 1,000; default
                     None
    mistake          common mistake made on purpose; None for none; one of 'randn', 'unscaled', 'always-on',
                     'unscaled-inputs', 'zero', 'mean-twice', 'relu-zeros'; default None

    Raises ExperimentError, which names field, value and allowed values, for a wrong value.

    >>> import dropviz
    >>> dropviz.Arm("dropout 0.2/0.5", (0.2, 0.5), l2=0.001).own_hyperparameters
    {'l2': 0.001}
    """

    name: str = setting(text(r"[^\x00-\x1f\x7f]{1,40}", "a text of 1 to 40 characters"), "name in pictures")
    drop_prob: float | tuple[float, ...] = setting(
        _PROBABILITIES,
        "probability that a unit of a hidden layer is dropped, for each hidden layer, or one for all",
        default=0.0,
    )
    input_drop_prob: float = setting(_PROBABILITY, "probability that a unit of the input is dropped", default=0.0)
    noise: str = setting(choice(NOISES), "kind of noise", default="bernoulli")
    schedule: str = setting(choice(SCHEDULES), "change of the noise during training", default="constant")
    turn: float = setting(
        _PROBABILITY, "share of the training after which schedule 'early' ends and 'late' begins", default=0.5
    )
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
    mistake: str | None = setting(
        none_or(choice(MISTAKES)), "common mistake made on purpose; None for none", default=None
    )

    def __post_init__(self) -> None:
        validate(self, where=f" of arm {self.name!r}")
        most = max([self.input_drop_prob, *self.per_layer])
        if most == 1 and self.noise in NOISES_BELOW_ONE:
            raise ExperimentError(f"drop_prob of arm {self.name!r} is 1: must be below 1 with noise {self.noise!r}")
        if most and self.noise == "none":
            raise ExperimentError(f"drop_prob of arm {self.name!r} is {most:g}: must be 0 with noise 'none'")
        if self.mistake and self.noise != "bernoulli":
            raise ExperimentError(f"noise of arm {self.name!r} is {self.noise!r}: must be 'bernoulli' with a mistake")

    @property
    def has_noise(self) -> bool:
        """True if there is noise on any layer of this arm."""
        return self.input_drop_prob > 0 or any(each > 0 for each in self.per_layer)

    @property
    def per_layer(self) -> tuple[float, ...]:
        """Drop probabilities as a tuple: in an experiment, one for each hidden layer."""
        return self.drop_prob if isinstance(self.drop_prob, tuple) else (self.drop_prob,)

    @property
    def slug(self) -> str:
        """Name of the arm in file names."""
        return slug(self.name) or "arm"

    @property
    def own_hyperparameters(self) -> dict[str, Any]:
        """Hyperparameters that this arm replaces, by name."""
        return {name: value for name in HYPERPARAMETERS if (value := getattr(self, name)) is not None}

    def spread_evenly(self) -> "Arm":
        """Return the arm with one number as its drop_prob, if all hidden layers have the same."""
        equal = len(set(self.per_layer)) == 1
        return dataclasses.replace(self, drop_prob=self.per_layer[0]) if equal else self

    def fitted_to(self, layers: int) -> "Arm":
        """Return the arm with one drop probability for each of `layers` hidden layers."""
        each = self.per_layer if isinstance(self.drop_prob, tuple) else self.per_layer * layers
        if len(each) != layers:
            raise ExperimentError(
                f"drop_prob of arm {self.name!r} has {len(each)} values: "
                f"must be one number, or one for each of the {layers} hidden layers"
            )
        return dataclasses.replace(self, drop_prob=each)
