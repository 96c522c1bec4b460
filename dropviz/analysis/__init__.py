"""Statements about recordings.

In: recordings of one experiment. Out: runs by arm, statistics over seeds, and sentences with measured values.
"""
