"""dropviz: moving pictures of dropout, from recordings of real training runs.

The public names are resolved when first used, so that importing dropviz imports neither torch nor matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dropviz._version import __version__

if TYPE_CHECKING:
    from dropviz.capture import Dropout, Recorder
    from dropviz.diagnosis import check
    from dropviz.errors import DropvizError
    from dropviz.experiments.arm import Arm
    from dropviz.experiments.experiment import Experiment
    from dropviz.notebook.training import train
    from dropviz.publish.embedding.embed import embed
    from dropviz.recording import Recording, load
    from dropviz.rendering.animation import Animation
    from dropviz.rendering.pipeline import animate

__all__ = [
    "Animation",
    "Arm",
    "Dropout",
    "DropvizError",
    "Experiment",
    "Recorder",
    "Recording",
    "__version__",
    "animate",
    "check",
    "embed",
    "load",
    "train",
]

_HOMES = {
    "Animation": "dropviz.rendering.animation",
    "animate": "dropviz.rendering.pipeline",
    "DropvizError": "dropviz.errors",
    "embed": "dropviz.publish.embedding.embed",
    "Arm": "dropviz.experiments.arm",
    "Experiment": "dropviz.experiments.experiment",
    "Recording": "dropviz.recording",
    "load": "dropviz.recording",
    "train": "dropviz.notebook.training",
    "Dropout": "dropviz.capture",
    "Recorder": "dropviz.capture",
    "check": "dropviz.diagnosis",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dropviz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
