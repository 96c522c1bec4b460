"""Sweeps: an experiment whose fields take several values, as experiments of one arm and one seed each."""

import dataclasses
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from dropviz.errors import UsageError, one_of
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment

MAX_VALUES, MAX_RUNS = 1_000, 100_000
SHORT = {  # words for fields in the names of arms
    "input_drop_prob": "input dropout",
    "learning_rate": "rate",
    "weight_decay": "weight decay",
    "l1": "L1",
    "l2": "L2",
    "activation_l1": "activations L1",
    "activation_l2": "activations L2",
    "max_norm": "max-norm",
}
LISTS = ("hidden", "probes")  # fields whose value is a list
OF_ARM = tuple(item.name for item in dataclasses.fields(Arm) if item.name != "name")
OF_EXPERIMENT = tuple(
    item.name for item in dataclasses.fields(Experiment) if item.name not in (*OF_ARM, "name", "seeds", "arms")
)
NUMBER = r"[+-]?\d{1,12}(?:\.\d{0,12})?(?:[eE][+-]?\d{1,2})?"


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep.

    experiment  experiment with the arm and the seed of this run alone: the run does not depend on others of the sweep
    folder      folder inside that of the sweep; "" for the sweep's own
    """

    experiment: Experiment
    folder: str

    @property
    def arm(self) -> Arm:
        """The arm."""
        return self.experiment.arms[0]

    @property
    def seed(self) -> int:
        """The seed."""
        return self.experiment.seeds[0]

    @property
    def file(self) -> str:
        """Path of the recording in the folder of the sweep, addressed by the settings of the run."""
        return f"{self.folder}{self.experiment.run_name(self.arm, self.seed)}"


def parse_vary(text: str) -> tuple[str, tuple[Any, ...]]:
    """Return the field and the values of a text like "drop_prob=0:0.9:0.1" or "train_size=500,2000".

    START:STOP:STEP stands for all values from START to STOP. The items of a list have a slash between them.

    >>> parse_vary("drop_prob=0:0.3:0.1"), parse_vary("hidden=64,64/32")
    (('drop_prob', (0.0, 0.1, 0.2, 0.3)), ('hidden', (64, (64, 32))))

    Raises UsageError if there is no field or no value, or a range has no values or too many.
    """
    name, _, values = text.partition("=")
    parts = [part.strip() for part in values.split(",")]
    if not name or not all(parts):
        raise UsageError(f"cannot vary {text[:60]!r}: write a field and its values, like drop_prob=0,0.5 or 0:0.9:0.1")
    return name.strip().replace("-", "_"), tuple(value for part in parts for value in _values(part))


def _values(text: str) -> Iterable[Any]:
    if not re.fullmatch(rf"{NUMBER}:{NUMBER}:{NUMBER}", text):
        return [_value(text)]
    start, stop, step = map(Decimal, text.split(":"))  # decimal: three times 0.1 is 0.3
    count = int((stop - start) / step) + 1 if step else 0
    if not 1 <= count <= MAX_VALUES or (stop - start) / step < 0:
        raise UsageError(
            f"range {text!r} has no values, or more than {MAX_VALUES:,}: write START:STOP:STEP, like 0:0.9:0.1"
        )
    is_whole = re.fullmatch(r"[+\-\d:]+", text)
    return [int(value) if is_whole else float(value) for value in (start + step * number for number in range(count))]


def _value(text: str) -> Any:
    if "/" in text:
        return tuple(_value(part) for part in text.split("/"))
    if re.fullmatch(r"[+-]?\d{1,12}", text):
        return int(text)
    return float(text) if re.fullmatch(NUMBER, text) else text


def plan_sweep(experiment: Experiment, vary: Mapping[str, Sequence[Any]]) -> list[SweepRun]:
    """Return the runs of a sweep, seed by seed: each arm with each combination of values, and each seed.

    Arms that differ in varied fields only become one. Values of fields that an arm cannot have make experiments that
    cannot be compared: each has a folder of its own, unless there is one value.

    >>> from dropviz.experiments.presets import PRESETS
    >>> runs = plan_sweep(PRESETS["digits"].replace(seeds=(1, 2)), {"drop_prob": [0, 0.5], "batch_size": [32, 64]})
    >>> len(runs), runs[0].arm.name, runs[0].folder
    (8, 'no dropout', 'batch_size=32/')

    Raises UsageError for an unknown field or no values, ExperimentError for a wrong value.
    """
    chosen = {name: _listed(name, values) for name, values in vary.items()}
    count = len(experiment.arms) * len(experiment.seeds)
    for values in chosen.values():
        count *= len(values)
    if count > MAX_RUNS:
        raise UsageError(
            f"the sweep has up to {count:,} runs: must be {MAX_RUNS:,} at most; give fewer values or seeds"
        )
    settings = [
        (each, folder) for changed, folder in _experiments(experiment, chosen) for each in _arms(changed, chosen)
    ]
    return [SweepRun(each.replace(seeds=(seed,)), folder) for seed in experiment.seeds for each, folder in settings]


def _listed(name: str, values: Sequence[Any]) -> list[Any]:
    """Return the values of a field, as it takes them."""
    if name not in (*OF_ARM, *OF_EXPERIMENT):
        raise UsageError(one_of("field to vary", name, (*OF_ARM, *OF_EXPERIMENT)))
    if len(values) > MAX_VALUES:
        raise UsageError(f"{name} has {len(values):,} values: must be {MAX_VALUES:,} at most")
    listed = [(value,) if name in LISTS and not isinstance(value, list | tuple) else value for value in values]
    spelled = [_words(value) for value in listed]
    if not listed or len(set(spelled)) < len(listed):
        raise UsageError(f"give {name} one or more different values, which differ in their first ten digits")
    return listed


def _experiments(experiment: Experiment, vary: Mapping[str, list[Any]]) -> Iterable[tuple[Experiment, str]]:
    """Yield the experiments of all combinations of values that arms cannot have, and their folders."""
    names = [name for name in vary if name in OF_EXPERIMENT]
    for values in product(*(vary[name] for name in names)):
        changes = dict(zip(names, values, strict=True))
        folder = ",".join(f"{name}={_words(value)}" for name, value in changes.items() if len(vary[name]) > 1)
        yield experiment.replace(**changes), f"{folder}/" if folder else ""


def _arms(experiment: Experiment, vary: Mapping[str, list[Any]]) -> list[Experiment]:
    """Return experiments of one arm each: all arms with all combinations of their values."""
    names = [name for name in vary if name in OF_ARM]
    found: dict[Arm, None] = {}
    for values in product(*(vary[name] for name in names)):
        changes = dict(zip(names, values, strict=True))
        made = [dataclasses.replace(arm.spread_evenly(), **changes) for arm in experiment.arms]
        is_one = len({dataclasses.replace(arm, name="arm") for arm in made}) == 1
        for arm in made:
            found[dataclasses.replace(arm, name=_name(arm, changes, is_one=is_one))] = None
    _check_names(found)
    return [experiment.replace(arms=(arm,)) for arm in found]


def _check_names(arms: Iterable[Arm]) -> None:
    name, times = Counter(arm.name for arm in arms).most_common(1)[0]
    if times > 1:
        raise UsageError(f"two arms of the sweep would be called {name!r}: give the arms of the experiment other names")


def _name(arm: Arm, changes: Mapping[str, Any], *, is_one: bool) -> str:
    """Return the name of an arm with changed fields; without its old name if all arms have become one."""
    parts = [_described(name, value, arm) for name, value in changes.items()]
    if not parts or not is_one:
        parts = [arm.name, *parts]
    name = ", ".join(parts)
    return name if len(name) <= 40 else f"{name[:31]} {hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _described(name: str, value: Any, arm: Arm) -> str:
    if name != "drop_prob" or arm.input_drop_prob or arm.noise not in ("bernoulli", "torch"):
        return f"{SHORT.get(name, name)} {_words(value)}"
    return f"dropout {_words(value, '/')}" if value else "no dropout"


def _words(value: Any, between: str = "-") -> str:
    if isinstance(value, list | tuple):
        return between.join(_words(each) for each in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
