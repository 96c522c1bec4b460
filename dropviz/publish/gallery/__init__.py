"""A page of exhibits: what is claimed of dropout, and what was measured.

In: recordings of each exhibit. Out: a folder with pictures, an HTML page and a README.
"""
