"""Experiments: the settings that decide a run.

In: keyword arguments or TOML. Out: a checked, frozen Experiment of one or more Arms.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment

__all__ = ["Arm", "Experiment"]
