"""Recordings of training runs.

In: what a run drew and measured, or a .npz file. Out: a validated Recording, or the file.
"""

from dropviz.recording.parts import Examples, Layer
from dropviz.recording.reading import load
from dropviz.recording.recording import Recording

__all__ = ["Examples", "Layer", "Recording", "load"]
