"""A page of exhibits: claims about dropout, and what was measured.

In: names of exhibits. Out: a folder with pictures, an HTML page and a README, by `build.gallery`.
"""
