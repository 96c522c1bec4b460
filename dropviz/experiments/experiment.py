"""Experiments: all settings of their runs, to and from TOML."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dropviz._util.deprecation import accept_old_arguments, warn_renamed
from dropviz._util.toml import load_toml
from dropviz.errors import ExperimentError, reason
from dropviz.experiments.arm import Arm
from dropviz.experiments.choices import DATASETS, LOSSES, NEIGHBOURS, PROBES, RECONSTRUCTION
from dropviz.experiments.fields import (
    Check,
    build,
    check_names,
    choice,
    distinct,
    number,
    sequence,
    setting,
    text,
    validate,
    whole,
)
from dropviz.experiments.hyperparameters import HYPERPARAMETERS, shared

MAX_ARMS = 64
OLD_FIELDS = {"kept_steps": "recorded_iterations", "followed_examples": "tracked_examples"}


def _arm(value: Any) -> Arm:
    if not isinstance(value, Arm):
        raise ValueError("must be a list of arms")
    return value


def check_width(arm: Arm, units: int, what: str) -> None:
    """Raise ExperimentError if the noise of `arm` cannot work on a layer of so many units."""
    if arm.noise == "channel" and units % NEIGHBOURS:
        raise ExperimentError(
            f"{what} has {units:,} units: must be a multiple of {NEIGHBOURS} with noise 'channel' of arm {arm.name!r}"
        )


@dataclass(frozen=True)
class Experiment:
    """A comparison of arms: all settings of its runs.

    name                 name in file names; 1 to 40 of a-z, 0-9, '.', '_', '-'
    data                 data set; one of 'digits', 'fashion-mnist', 'mnist', 'kmnist'; default 'digits'
    train_size           number of training images, drawn at random; all if not given; a whole number from 1 to
                         10,000,000; default None
    validation_size      number of further images, held out to choose settings by; a whole number from 0 to 10,000,000;
                         default 0
    label_noise          share of the training and validation labels drawn again at random; a number from 0 to 1;
                         default 0.0
    hidden               units of each hidden layer; 0 to 20 items, each a whole number from 1 to 65,536; default (256,
                         256)
    loss                 loss; 'squared' compares outputs with 1 for the label and 0 for others, 'reconstruction' with
                         the pixels; one of 'cross-entropy', 'squared', 'reconstruction'; default 'cross-entropy'
    optimizer            optimiser; one of 'sgd', 'adam'; default 'sgd'
    learning_rate        learning rate; a number above 0 and at most 1,000; default 0.1
    momentum             momentum of SGD; a number from 0 to 0.9999; default 0.0
    weight_decay         L2 penalty on weights and biases, in the update; a number from 0 to 1,000; default 0.0
    l1                   penalty on the absolute weights, in the loss; a number from 0 to 1,000; default 0.0
    l2                   penalty on the squared weights, in the loss, biases left out; a number from 0 to 1,000; default
                         0.0
    activation_l1        penalty on the absolute activations of hidden units, mean over examples; a number from 0 to
                         1,000; default 0.0
    activation_l2        penalty on the squared activations of hidden units, mean over examples; a number from 0 to
                         1,000; default 0.0
    max_norm             largest norm of the weights into a unit; 0 for none; a number from 0 to 1,000,000; default 0.0
    input_noise          standard deviation of normal noise that is added to the input; a number from 0 to 1,000;
                         default 0.0
    batch_size           number of examples in a minibatch; a whole number from 1 to 10,000,000; default 64
    epochs               passes over the training set; a whole number from 1 to 1,000,000; default 10
    snapshot_every       number of iterations between two snapshots; the last iteration has one too; a whole number from
                         1 to 1,000,000,000; default 100
    recorded_iterations  number of iterations, from the first on, whose masks are kept; a whole number from 0 to
                         1,000,000; default 300
    tracked_examples     number of examples of each minibatch whose masks are kept; a whole number from 1 to 10,000;
                         default 4
    probes               further measurements; 0 to 8 different items, each one of 'activations', 'expectation',
                         'features', 'gate', 'giveaway', 'passes', 'samples', 'weights'; default ()
    seeds                seeds; each arm has a run for each; 1 to 1,000 different items, each a whole number from 0 to
                         2,147,483,647; default (1, 2, 3)
    arms                 arms under comparison; 1 to 64 items, each an Arm; default those named 'no dropout' and
                         'dropout 0.5'

    Raises ExperimentError, which names field, value and allowed values, for a wrong value.

    >>> import dropviz
    >>> experiment = dropviz.Experiment("mine", epochs=2, arms=(dropviz.Arm("weak", 0.2), dropviz.Arm("strong", 0.8)))
    >>> experiment.replace(hidden=(64,)).arms[0].drop_prob
    (0.2,)
    """

    name: str = setting(text(r"[a-z0-9][a-z0-9._-]{0,39}", "1 to 40 of a-z, 0-9, '.', '_', '-'"), "name in file names")
    data: str = setting(choice(DATASETS), "data set", default="digits")
    train_size: int | None = shared("train_size", None)
    validation_size: int = setting(
        whole(0, 10_000_000), "number of further images, held out to choose settings by", default=0
    )
    label_noise: float = setting(
        number(0, 1), "share of the training and validation labels drawn again at random", default=0.0
    )
    hidden: tuple[int, ...] = shared("hidden", (256, 256))
    loss: str = setting(
        choice(LOSSES),
        "loss; 'squared' compares outputs with 1 for the label and 0 for others, 'reconstruction' with the pixels",
        default="cross-entropy",
    )
    optimizer: str = shared("optimizer", "sgd")
    learning_rate: float = shared("learning_rate", 0.1)
    momentum: float = shared("momentum", 0.0)
    weight_decay: float = shared("weight_decay", 0.0)
    l1: float = shared("l1", 0.0)
    l2: float = shared("l2", 0.0)
    activation_l1: float = shared("activation_l1", 0.0)
    activation_l2: float = shared("activation_l2", 0.0)
    max_norm: float = shared("max_norm", 0.0)
    input_noise: float = shared("input_noise", 0.0)
    batch_size: int = setting(whole(1, 10_000_000), "number of examples in a minibatch", default=64)
    epochs: int = shared("epochs", 10)
    snapshot_every: int = setting(
        whole(1, 1_000_000_000),
        "number of iterations between two snapshots; the last iteration has one too",
        default=100,
    )
    recorded_iterations: int = setting(
        whole(0, 1_000_000), "number of iterations, from the first on, whose masks are kept", default=300
    )
    tracked_examples: int = setting(
        whole(1, 10_000), "number of examples of each minibatch whose masks are kept", default=4
    )
    probes: tuple[str, ...] = setting(distinct(choice(PROBES), 0, len(PROBES)), "further measurements", default=())
    seeds: tuple[int, ...] = setting(
        distinct(whole(0, 2**31 - 1), 1, 1_000), "seeds; each arm has a run for each", default=(1, 2, 3)
    )
    arms: tuple[Arm, ...] = setting(
        sequence(Check(_arm, "an Arm"), 1, MAX_ARMS),
        "arms under comparison",
        default=(Arm("no dropout"), Arm("dropout 0.5", 0.5)),
    )

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "arms", tuple(arm.fitted_to(len(self._hidden(arm))) for arm in self.arms))
        self._check_arm_names()
        if self.train_size is not None:
            self.check_batch(self.train_size)
        if self.optimizer == "adam" and self.momentum:
            raise ExperimentError(f"momentum is {self.momentum:g}: must be 0 with optimizer 'adam', which has its own")
        if self.is_autoencoder and self.recorded_iterations:
            raise ExperimentError(
                f"recorded_iterations is {self.recorded_iterations}: must be 0 with loss {RECONSTRUCTION!r}: "
                "no class is predicted"
            )
        self._check_arms()

    @property
    def is_autoencoder(self) -> bool:
        """True if networks learn to return their input: they have an output for each pixel, and no accuracy."""
        return self.loss == RECONSTRUCTION

    def _check_arm_names(self) -> None:
        for index, arm in enumerate(self.arms):
            for other in self.arms[:index]:
                if arm.slug == other.slug:
                    raise ExperimentError(
                        f"arms has {other.name!r} and {arm.name!r}: names must differ in letters or digits"
                    )

    def _check_arms(self) -> None:
        for arm in self.arms:
            for units, drop_prob in zip(self._hidden(arm), arm.per_layer, strict=True):
                check_width(arm, units if drop_prob else 0, "hidden")
            try:
                self.of(arm) if arm.own_hyperparameters else None
            except ExperimentError as error:
                raise ExperimentError(f"arm {arm.name!r}: {error}") from None

    def _hidden(self, arm: Arm) -> tuple[int, ...]:
        return self.hidden if arm.hidden is None else arm.hidden

    def check_batch(self, rows: int) -> None:
        """Raise ExperimentError if a minibatch is larger than the `rows` of the training set."""
        if self.batch_size > rows:
            raise ExperimentError(f"batch_size is {self.batch_size:,}: must be at most the {rows:,} training images")

    def arm(self, name: str) -> Arm:
        """Return the arm called `name`. Raises KeyError if there is none."""
        return {arm.name: arm for arm in self.arms}[name]

    def select_arms(self, *, compare: bool) -> tuple[Arm, ...]:
        """Return all arms to compare them; else the first with noise, or the first if none has any."""
        if compare:
            return self.arms
        return (next((arm for arm in self.arms if arm.has_noise), self.arms[0]),)

    def of(self, arm: Arm) -> "Experiment":
        """Return the experiment with `arm` alone and with the hyperparameters of that arm."""
        unset: dict[str, Any] = dict.fromkeys(HYPERPARAMETERS)
        plain = dataclasses.replace(arm, **unset)
        return dataclasses.replace(self, **arm.own_hyperparameters, arms=(plain,))

    def replace(self, **changes: Any) -> "Experiment":
        """Return a checked copy with some fields changed.

        With another number of hidden layers, an arm with one drop probability for all layers keeps it. Raises
        ExperimentError for an unknown field or a wrong value.
        """
        check_names(Experiment, (OLD_FIELDS.get(name, name) for name in changes), "an experiment")
        hidden = changes.get("hidden", self.hidden)
        if isinstance(hidden, list | tuple) and len(hidden) != len(self.hidden):
            arms = (arm if arm.hidden is not None else arm.spread_evenly() for arm in self.arms)
            changes = {"arms": tuple(arms)} | changes
        return dataclasses.replace(self, **changes)

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for TOML and JSON, without the fields that are None."""
        plain: dict[str, Any] = _without_none(dataclasses.asdict(self))
        return plain

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Experiment":
        """Return the experiment of `to_mapping`. Raises ExperimentError for a missing, unknown or wrong field."""
        settings = {OLD_FIELDS.get(name, name): value for name, value in mapping.items()}
        for name in OLD_FIELDS.keys() & mapping.keys():
            warn_renamed(f"field {name!r} of an experiment", OLD_FIELDS[name])
        if "arms" in settings:
            arms = settings["arms"]
            if not isinstance(arms, list | tuple) or not all(isinstance(arm, Mapping) for arm in arms):
                raise ExperimentError("arms must be a list of tables: write each as [[arms]]")
            settings["arms"] = tuple(build(Arm, arm, "an arm") for arm in arms)
        experiment: Experiment = build(cls, settings, "an experiment")
        return experiment

    def to_toml(self) -> str:
        """Return the experiment as the text of a TOML file."""
        import tomli_w

        return tomli_w.dumps(self.to_mapping())

    @classmethod
    def from_toml(cls, text: str) -> "Experiment":
        """Return the experiment in the text of a TOML file. Raises ExperimentError if there is none."""
        try:
            return cls.from_mapping(load_toml(text))
        except ValueError as error:
            raise ExperimentError(f"not valid TOML: {reason(error)}") from None

    def shared_fields(self) -> dict[str, Any]:
        """Return the fields that runs must share to be compared: all but name, arms and seeds."""
        own = {"name", "arms", "seeds"}
        return {key: value for key, value in vars(self).items() if key not in own and value is not None}

    def run_name(self, arm: Arm, seed: int) -> str:
        """Return the file name of one run, which depends on no other arm or seed."""
        settings = json.dumps([self.shared_fields(), _without_none(dataclasses.asdict(arm))], sort_keys=True)
        digest = hashlib.sha256(settings.encode()).hexdigest()[:8]
        return f"{self.name}-{arm.slug}-{digest}-seed{seed}.npz"


Experiment.__init__ = accept_old_arguments(**OLD_FIELDS)(Experiment.__init__)  # type: ignore[method-assign]  # takes more, not less


def _without_none(value: Any) -> Any:
    """Return plain data without None, which TOML cannot write."""
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    return tuple(map(_without_none, value)) if isinstance(value, tuple) else value
