"""Experiments by name, one module for each family, and experiments from a file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dropviz._util.paths import user_path
from dropviz._util.text_files import read_text
from dropviz._util.toml import check_length
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

FULL = "-full"  # at the end of the name of a preset: its version of full size, for a GPU
FAMILIES = (core, gates, hidden, monte_carlo, noises, penalties, pitfalls, story, sweeps, tikhonov)
PRESETS: dict[str, Experiment] = {preset.name: preset for family in FAMILIES for preset in family.PRESETS}


def list_experiments() -> dict[str, Experiment]:
    """Return the presets by name.

    >>> import dropviz
    >>> [arm.name for arm in dropviz.list_experiments()["digits"].arms]
    ['no dropout', 'dropout 0.5']
    """
    return dict(PRESETS)


def find_experiment(name: str) -> Experiment:
    """Return the preset called `name`, or the experiment in the TOML file of that path.

    Raises UsageError for an unknown name, and ExperimentError if the file cannot be read.
    """
    if name in PRESETS:
        return PRESETS[name]
    path = user_path(name)
    if path.suffix.lower() != ".toml" and not os.path.isfile(path):
        raise UsageError(f"{one_of('experiment', name, PRESETS)}, or the path of a .toml file")
    try:
        check_length(path)
        return Experiment.from_toml(read_text(path))
    except OSError as error:
        raise ExperimentError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ExperimentError(f"{path} is not text in UTF-8: save it as UTF-8") from None
    except (ExperimentError, ValueError) as error:
        raise ExperimentError(f"{path}: {error}") from None


def choose_experiment(
    experiment: Experiment | str | Path, seeds: int | Sequence[int] | None = None, **changes: Any
) -> Experiment:
    """Return an experiment, given whole, by the name of a preset or by the path of a TOML file, with changed fields.

    seeds  N for the seeds 1 to N, or the seeds themselves; None leaves those of the experiment
    """
    chosen = experiment if isinstance(experiment, Experiment) else find_experiment(str(experiment))
    if seeds is not None:
        changes["seeds"] = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(seeds)
    return chosen.replace(**changes) if changes else chosen
