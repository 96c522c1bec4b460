"""Finished pictures in slides, documents and pages.

In: recordings or pictures. Out: a deck, a snippet or a gallery.
"""
