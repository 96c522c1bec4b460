"""The exercises of the chapter on dropout in Dive into Deep Learning, answered from recordings.

In: the number of an exercise. Out: a picture, and a Markdown note that embeds it, by `build.exercise`.
"""
