"""Recordings of training runs.

In: what a run drew and measured, or a .npz file. Out: a validated Recording, or the file.
"""
