"""Experiments by name, and experiments from a file."""

import os
from pathlib import Path

from dropviz.errors import ExperimentError, UsageError, one_of
from dropviz.experiment import Arm, Experiment

PRESETS = {
    preset.name: preset
    for preset in (
        Experiment(
            name="digits",
            data="digits",
            train_size=1_000,
            label_noise=0.3,
            hidden=(256, 256),
            learning_rate=0.1,
            momentum=0.9,
            batch_size=100,
            epochs=60,
            snapshot_every=5,
            seeds=(1, 2, 3, 4, 5),
            arms=(Arm("no dropout"), Arm("dropout 0.5", 0.5)),
        ),
        Experiment(
            name="fashion-mnist",
            data="fashion-mnist",
            learning_rate=0.5,
            batch_size=256,
            seeds=(1,),
            arms=(Arm("no dropout"), Arm("dropout 0.2/0.5", (0.2, 0.5))),
        ),
        Experiment(
            name="d2l",
            data="fashion-mnist",
            learning_rate=0.5,
            batch_size=256,
            seeds=(1,),
            arms=(
                Arm("no dropout"),
                Arm("dropout 0.2/0.5", (0.2, 0.5)),
                Arm("nn.Dropout 0.2/0.5", (0.2, 0.5), noise="torch"),
            ),
        ),
    )
}


def find_experiment(name: str) -> Experiment:
    """The preset called `name`, or the experiment in the TOML file of that path."""
    if name in PRESETS:
        return PRESETS[name]
    path = Path(name)
    if path.suffix != ".toml" and not os.path.isfile(path):
        raise UsageError(f"{one_of('experiment', name, PRESETS)}, or the path of a .toml file")
    try:
        return Experiment.from_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExperimentError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ExperimentError(f"{path} is not a text file in UTF-8") from None
    except ExperimentError as error:
        raise ExperimentError(f"{path}: {error}") from None
