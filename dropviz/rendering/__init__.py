"""From recordings to a finished file.

In: recordings and options. Out: an Animation, whose file is written whole or not at all.
"""
