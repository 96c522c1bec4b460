"""Recording within training loops of other libraries.

In: a run of Lightning's Trainer or of Transformers' Trainer. Out: the recording of its masks and metrics, in a file.
Each library has a module here, which imports it.
"""
