"""Logs of training runs that are over.

In: a CSV file, TensorBoard's event files, a folder of Lightning's CSVLogger, or a trainer_state.json of Transformers.
Out: a Recording of their metrics, without masks and without layers.
"""

from dropviz.recording.logs.importing import import_log

__all__ = ["import_log"]
