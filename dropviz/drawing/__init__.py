"""A chart as pixels, as pages of vectors, or as marks.

In: a chart. Out: frames for image encoders, pages for PDF, a scene for SVG and HTML.
"""
