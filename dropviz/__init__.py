"""dropviz: moving pictures of dropout, from recordings of real training runs.

The public names are resolved when first used, so that importing dropviz imports neither torch nor matplotlib.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dropviz.animation import Animation
    from dropviz.arm import Arm
    from dropviz.errors import DropvizError
    from dropviz.experiment import Experiment
    from dropviz.notebook import train
    from dropviz.pipeline import animate
    from dropviz.publish.embed import embed
    from dropviz.recording import Recording, load
    from dropviz.training.noise import Dropout
    from dropviz.training.recorder import Recorder

__all__ = [
    "Animation",
    "Arm",
    "Dropout",
    "DropvizError",
    "Experiment",
    "Recorder",
    "Recording",
    "animate",
    "embed",
    "load",
    "train",
]

_HOMES = {
    "Animation": "dropviz.animation",
    "animate": "dropviz.pipeline",
    "DropvizError": "dropviz.errors",
    "embed": "dropviz.publish.embed",
    "Arm": "dropviz.arm",
    "Experiment": "dropviz.experiment",
    "Recording": "dropviz.recording",
    "load": "dropviz.recording",
    "train": "dropviz.notebook",
    "Dropout": "dropviz.training.noise",
    "Recorder": "dropviz.training.recorder",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("dropviz")
    if name not in _HOMES:
        raise AttributeError(f"module 'dropviz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
