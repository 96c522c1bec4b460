"""Fuzz targets: odd recordings for the charts, and hostile bytes for each reader of files.

`python -m tests.fuzz TARGET --count N` runs one at length, from the root of the repository; `tests/test_fuzz.py` runs
each briefly.
"""
