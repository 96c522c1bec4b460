"""Recordings of training runs.

In: what a run drew and measured, or a .npz file. Out: a validated Recording, or the file.
"""

from dropviz.recording.parts import Block, Examples, Layer, Site
from dropviz.recording.reading import load
from dropviz.recording.recording import Recording
from dropviz.recording.verification import Verification

__all__ = ["Block", "Examples", "Layer", "Recording", "Site", "Verification", "load"]
