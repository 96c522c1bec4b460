"""Everything that decides a run: a frozen Experiment of a few arms, to and from TOML."""

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dropviz._util.deprecation import accept_old_arguments, warn_renamed
from dropviz.errors import ExperimentError, reason
from dropviz.experiments.arm import Arm
from dropviz.experiments.choices import DATASETS, LOSSES, NEIGHBOURS, PROBES
from dropviz.experiments.fields import build, choice, distinct, number, sequence, setting, text, validate, whole
from dropviz.experiments.hyperparameters import HYPERPARAMETERS, shared

MAX_ARMS = 64
OLD_FIELDS = {"kept_steps": "recorded_iterations", "followed_examples": "tracked_examples"}


def _is_arm(value: Any) -> "Arm":
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
    """The settings of a comparison. Every field is checked when it is made; ExperimentError names what is wrong."""

    name: str = setting(
        text(r"[a-z0-9][a-z0-9._-]{0,39}", "must be 1 to 40 of a-z, 0-9, '.', '_', '-'"), "used in file names"
    )
    data: str = setting(choice(DATASETS), "data set", default="digits")
    train_size: int | None = shared("train_size", None)
    validation_size: int = setting(
        whole(0, 10_000_000), "number of further images held out, to choose settings by", default=0
    )
    label_noise: float = setting(
        number(0, 1), "share of the training and validation labels drawn again at random", default=0.0
    )
    hidden: tuple[int, ...] = shared("hidden", (256, 256))
    loss: str = setting(choice(LOSSES), "loss; 'squared' is of the outputs against 0 and 1", default="cross-entropy")
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
    batch_size: int = setting(whole(1, 10_000_000), "examples in a minibatch", default=64)
    epochs: int = shared("epochs", 10)
    snapshot_every: int = setting(
        whole(1, 1_000_000_000), "iterations between two snapshots; the last iteration has one too", default=100
    )
    recorded_iterations: int = setting(whole(0, 1_000_000), "the first N iterations, whose masks are kept", default=300)
    tracked_examples: int = setting(whole(1, 10_000), "rows of each minibatch whose masks are kept", default=4)
    probes: tuple[str, ...] = setting(distinct(choice(PROBES), 0, len(PROBES)), "further measurements", default=())
    seeds: tuple[int, ...] = setting(distinct(whole(0, 2**31 - 1), 1, 1_000), "one run for each", default=(1, 2, 3))
    arms: tuple[Arm, ...] = setting(
        sequence(_is_arm, 1, MAX_ARMS),
        "settings under comparison",
        default=(Arm("no dropout"), Arm("dropout 0.5", 0.5)),
    )

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "arms", tuple(arm.fitted_to(len(self._hidden(arm))) for arm in self.arms))
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
        self._check_arms()

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
        """The arm called `name`; KeyError if there is none."""
        return {arm.name: arm for arm in self.arms}[name]

    def of(self, arm: Arm) -> "Experiment":
        """The experiment with `arm` alone, and with what that arm has instead of what all have."""
        nothing: dict[str, Any] = dict.fromkeys(HYPERPARAMETERS)
        plain = dataclasses.replace(arm, **nothing)
        return dataclasses.replace(self, **arm.own_hyperparameters, arms=(plain,))

    def replace(self, **changes: Any) -> "Experiment":
        """A checked copy with some fields changed.

        With another number of hidden layers, arms that drop all layers alike go on doing so.
        """
        hidden = changes.get("hidden", self.hidden)
        if isinstance(hidden, list | tuple) and len(hidden) != len(self.hidden):
            arms = (arm if arm.hidden is not None else arm.spread_evenly() for arm in self.arms)
            changes = {"arms": tuple(arms)} | changes
        return dataclasses.replace(self, **changes)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data for TOML and JSON; fields that are None are left out, as TOML has no null."""
        plain: dict[str, Any] = _without_none(dataclasses.asdict(self))
        return plain

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Experiment":
        """The opposite of `to_mapping`; ExperimentError for fields that are missing, unknown or wrong."""
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

    def shared_fields(self) -> dict[str, Any]:
        """What two runs must have in common to be compared: everything but the name, the arms and the seeds."""
        return {key: value for key, value in self.to_mapping().items() if key not in ("name", "arms", "seeds")}

    def run_name(self, arm: Arm, seed: int) -> str:
        """The file name of one run, from its own settings, whatever other arms and seeds there are."""
        settings = json.dumps([self.shared_fields(), _without_none(dataclasses.asdict(arm))], sort_keys=True)
        digest = hashlib.sha256(settings.encode()).hexdigest()[:8]
        return f"{self.name}-{arm.slug}-{digest}-seed{seed}.npz"


Experiment.__init__ = accept_old_arguments(**OLD_FIELDS)(Experiment.__init__)  # type: ignore[method-assign]  # takes more, not less


def _without_none(value: Any) -> Any:
    """Plain data without what is None, as TOML has no null."""
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    return tuple(map(_without_none, value)) if isinstance(value, tuple) else value
