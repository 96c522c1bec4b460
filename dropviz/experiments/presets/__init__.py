"""Experiments by name, a family of them in each module, and experiments from a file."""

import os
from pathlib import Path

from dropviz.errors import ExperimentError, UsageError, one_of
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import (
    core,
    gates,
    hidden,
    monte_carlo,
    noises,
    penalties,
    pitfalls,
    story,
    sweeps,
    tikhonov,
)

FULL = "-full"  # at the end of the name of a preset: the same at a size that wants a GPU
FAMILIES = (core, gates, hidden, monte_carlo, noises, penalties, pitfalls, story, sweeps, tikhonov)
PRESETS: dict[str, Experiment] = {preset.name: preset for family in FAMILIES for preset in family.PRESETS}


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
