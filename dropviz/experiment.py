"""Everything that decides a run: a frozen Experiment of a few arms, to and from TOML."""

import dataclasses
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dropviz.errors import ExperimentError, reason
from dropviz.settings import all_or, build, choice, distinct, number, sequence, setting, text, validate, whole

DATASETS = ("digits", "fashion-mnist", "mnist", "kmnist")
OPTIMIZERS = ("sgd", "adam")
NOISES = {
    "bernoulli": "dropviz's own layer: a Bernoulli mask, scaled by 1/(1 - drop_prob)",
    "torch": "torch.nn.Dropout",
}

_PROBABILITY = number(0, 1)


def _probabilities(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sequence(_PROBABILITY, 0, 20)(value)
    return _PROBABILITY(value)


@dataclass(frozen=True)
class Arm:
    """One setting under comparison.

    `drop_prob` is the probability that a unit is dropped (Srivastava et al. 2014 write p = 1 - drop_prob, the
    probability of keeping), per hidden layer; one number stands for every hidden layer.
    """

    name: str = setting(
        text(r"[^\x00-\x1f\x7f]{1,40}", "must be a text of 1 to 40 characters"), "what pictures call it"
    )
    drop_prob: float | tuple[float, ...] = setting(
        _probabilities, "per hidden layer, or one number for all", default=0.0
    )
    input_drop_prob: float = setting(_PROBABILITY, "on the input", default=0.0)
    noise: str = setting(choice(NOISES), "kind of noise", default="bernoulli")

    def __post_init__(self) -> None:
        validate(self, where=f" of arm {self.name!r}")

    @property
    def has_noise(self) -> bool:
        """Whether any layer of this arm drops units."""
        return self.input_drop_prob > 0 or any(each > 0 for each in self.per_layer)

    @property
    def per_layer(self) -> tuple[float, ...]:
        """The drop probabilities as a tuple: in an experiment, one for each hidden layer."""
        return self.drop_prob if isinstance(self.drop_prob, tuple) else (self.drop_prob,)

    @property
    def slug(self) -> str:
        """The name as it stands in file names."""
        return re.sub(r"[^\w.]+", "-", self.name.lower()).strip("-") or "arm"

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


def _is_arm(value: Any) -> "Arm":
    if not isinstance(value, Arm):
        raise ValueError("must be a list of arms")
    return value


@dataclass(frozen=True)
class Experiment:
    """The settings of a comparison. Every field is checked when it is made; ExperimentError names what is wrong."""

    name: str = setting(
        text(r"[a-z0-9][a-z0-9._-]{0,39}", "must be 1 to 40 of a-z, 0-9, '.', '_', '-'"), "used in file names"
    )
    data: str = setting(choice(DATASETS), "data set", default="digits")
    train_size: int | None = setting(
        all_or(whole(1, 10_000_000)), "number of training images, drawn at random; all if not given", default=None
    )
    label_noise: float = setting(number(0, 1), "share of the training labels drawn again at random", default=0.0)
    hidden: tuple[int, ...] = setting(
        sequence(whole(1, 65_536), 1, 20), "units of each hidden layer", default=(256, 256)
    )
    optimizer: str = setting(choice(OPTIMIZERS), "optimiser", default="sgd")
    learning_rate: float = setting(number(0, 1_000, above=True), "learning rate", default=0.1)
    momentum: float = setting(number(0, 0.9999), "momentum of SGD", default=0.0)
    weight_decay: float = setting(number(0, 1_000), "L2 penalty on the weights", default=0.0)
    batch_size: int = setting(whole(1, 10_000_000), "examples in a minibatch", default=64)
    epochs: int = setting(whole(1, 1_000_000), "passes over the training set", default=10)
    snapshot_every: int = setting(
        whole(1, 1_000_000_000), "iterations between two snapshots; the last iteration has one too", default=100
    )
    kept_steps: int = setting(whole(0, 1_000_000), "the first N iterations, whose masks are kept", default=300)
    followed_examples: int = setting(whole(1, 10_000), "rows of each minibatch whose masks are kept", default=4)
    seeds: tuple[int, ...] = setting(distinct(whole(0, 2**31 - 1), 1, 1_000), "one run for each", default=(1, 2, 3))
    arms: tuple[Arm, ...] = setting(
        sequence(_is_arm, 1, 8), "settings under comparison", default=(Arm("no dropout"), Arm("dropout 0.5", 0.5))
    )

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "arms", tuple(arm.fitted_to(len(self.hidden)) for arm in self.arms))
        for place, arm in enumerate(self.arms):
            for other in self.arms[:place]:
                if arm.slug == other.slug:
                    raise ExperimentError(
                        f"arms has {other.name!r} and {arm.name!r}: names must differ in letters or digits"
                    )
        if self.train_size is not None:
            self.check_batch(self.train_size)
        if self.optimizer == "adam" and self.momentum:
            raise ExperimentError(f"momentum is {self.momentum:g}: must be 0 with optimizer 'adam', which has its own")

    def check_batch(self, rows: int) -> None:
        """Raise ExperimentError if a minibatch is larger than the `rows` of the training set."""
        if self.batch_size > rows:
            raise ExperimentError(f"batch_size is {self.batch_size:,}: must be at most the {rows:,} training images")

    def arm(self, name: str) -> Arm:
        """The arm called `name`; KeyError if there is none."""
        return {arm.name: arm for arm in self.arms}[name]

    def replace(self, **changes: Any) -> "Experiment":
        """A checked copy with some fields changed.

        With another number of hidden layers, arms that drop all layers alike go on doing so.
        """
        hidden = changes.get("hidden", self.hidden)
        if isinstance(hidden, list | tuple) and len(hidden) != len(self.hidden):
            changes = {"arms": tuple(arm.spread_evenly() for arm in self.arms)} | changes
        return dataclasses.replace(self, **changes)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data for TOML and JSON; fields that are None are left out, as TOML has no null."""
        plain = dataclasses.asdict(self)
        return {key: value for key, value in plain.items() if value is not None}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Experiment":
        """The opposite of `to_mapping`; ExperimentError for fields that are missing, unknown or wrong."""
        settings = dict(mapping)
        if "arms" in settings:
            arms = settings["arms"]
            if not isinstance(arms, list | tuple) or not all(isinstance(arm, Mapping) for arm in arms):
                raise ExperimentError("arms must be a list of tables: write each as [[arms]]")
            settings["arms"] = tuple(build(Arm, arm, "an arm") for arm in arms)
        experiment: Experiment = build(cls, settings, "an experiment")
        return experiment

    def to_toml(self) -> str:
        """The experiment as the text of a TOML file that `from_toml` reads."""
        import tomli_w

        return tomli_w.dumps(self.to_mapping())

    @classmethod
    def from_toml(cls, text: str) -> "Experiment":
        """Read an experiment from the text of a TOML file; ExperimentError if it is not one."""
        try:
            return cls.from_mapping(tomllib.loads(text))
        except (ValueError, RecursionError) as error:
            raise ExperimentError(f"not valid TOML: {reason(error)}") from None

    def shared_settings(self) -> dict[str, Any]:
        """What two runs must have in common to be compared: everything but the name, the arms and the seeds."""
        return {key: value for key, value in self.to_mapping().items() if key not in ("name", "arms", "seeds")}

    def run_name(self, arm: Arm, seed: int) -> str:
        """The file name of one run, from its own settings, whatever other arms and seeds there are."""
        settings = json.dumps([self.shared_settings(), dataclasses.asdict(arm)], sort_keys=True)
        digest = hashlib.sha256(settings.encode()).hexdigest()[:8]
        return f"{self.name}-{arm.slug}-{digest}-seed{seed}.npz"
