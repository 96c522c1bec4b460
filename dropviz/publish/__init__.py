"""Finished pictures in slides, notes and pages.

In: recordings or pictures. Out: a deck, a snippet, or a gallery.
"""
