"""Training in a notebook.

In: snapshots while runs train. Out: a growing curve in the running cell.
"""
