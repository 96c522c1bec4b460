"""Training with its progress shown where it runs.

In: an Experiment. Out: recordings, and meanwhile a growing curve in a notebook or a bar on a terminal.
"""

from dropviz.notebook.live_curve import LiveCurve
from dropviz.notebook.training import train

__all__ = ["LiveCurve", "train"]
