"""Explorable pages: a sweep of drop_prob that the reader moves through.

In: recordings of a sweep with the probe `passes`. Out: one HTML file, which shows recorded values only.
"""
