"""dropviz: moving pictures of dropout, drawn from recordings of real training runs.

Train an experiment, or record a training loop of your own, and draw the recordings:

>>> import dropviz
>>> recordings = dropviz.train("digits", seeds=1, epochs=2)
>>> animation = dropviz.animate(recordings, "accuracy", compare=True, frames=4, out="out/accuracy.gif")
>>> animation.frames, animation.path.name
(4, 'accuracy.gif')

Public names are imported when they are first used, so that `import dropviz` imports neither torch nor matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dropviz._version import __version__
from dropviz.errors import (
    DataError,
    DependencyError,
    DropvizError,
    ExperimentError,
    FlashError,
    LogError,
    ModelError,
    OutputError,
    PictureError,
    PlotError,
    RecordingError,
    ThemeError,
    UsageError,
)

if TYPE_CHECKING:
    from dropviz import testing as testing
    from dropviz.capture.noise_layers import Dropout
    from dropviz.capture.recorder import Recorder
    from dropviz.charts import list_charts
    from dropviz.diagnosis.checkup import check
    from dropviz.experiments.arm import Arm
    from dropviz.experiments.experiment import Experiment
    from dropviz.experiments.presets import list_experiments
    from dropviz.notebook.training import train
    from dropviz.publish.decks.build import slides
    from dropviz.publish.embedding.embed import embed
    from dropviz.publish.exercises.build import exercise
    from dropviz.publish.explore.build import explore
    from dropviz.publish.gallery.build import gallery
    from dropviz.publish.sinks import log_animation
    from dropviz.recording import Block, Examples, Layer, Recording, Site, Verification, load
    from dropviz.recording.logs import import_log
    from dropviz.rendering.animation import Animation
    from dropviz.rendering.pipeline import animate
    from dropviz.training.sweep import sweep

__all__ = [
    "Animation",
    "Arm",
    "Block",
    "DataError",
    "DependencyError",
    "Dropout",
    "DropvizError",
    "Examples",
    "Experiment",
    "ExperimentError",
    "FlashError",
    "Layer",
    "LogError",
    "ModelError",
    "OutputError",
    "PictureError",
    "PlotError",
    "Recorder",
    "Recording",
    "RecordingError",
    "Site",
    "ThemeError",
    "UsageError",
    "Verification",
    "__version__",
    "animate",
    "check",
    "embed",
    "exercise",
    "explore",
    "gallery",
    "import_log",
    "list_charts",
    "list_experiments",
    "load",
    "log_animation",
    "slides",
    "sweep",
    "train",
]

_MODULES = {
    "Animation": "dropviz.rendering.animation",
    "Arm": "dropviz.experiments.arm",
    "Dropout": "dropviz.capture",
    "Examples": "dropviz.recording",
    "Experiment": "dropviz.experiments.experiment",
    "Layer": "dropviz.recording",
    "Block": "dropviz.recording",
    "Site": "dropviz.recording",
    "Verification": "dropviz.recording",
    "Recorder": "dropviz.capture",
    "Recording": "dropviz.recording",
    "animate": "dropviz.rendering.pipeline",
    "check": "dropviz.diagnosis",
    "embed": "dropviz.publish.embedding.embed",
    "exercise": "dropviz.publish.exercises.build",
    "explore": "dropviz.publish.explore.build",
    "gallery": "dropviz.publish.gallery.build",
    "import_log": "dropviz.recording.logs",
    "list_charts": "dropviz.charts",
    "list_experiments": "dropviz.experiments.presets",
    "load": "dropviz.recording",
    "log_animation": "dropviz.publish.sinks",
    "slides": "dropviz.publish.decks.build",
    "sweep": "dropviz.training.sweep",
    "train": "dropviz.notebook.training",
}


def __getattr__(name: str) -> Any:
    if name == "testing":
        return import_module("dropviz.testing")
    if name not in _MODULES:
        raise AttributeError(f"module 'dropviz' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
