"""Drawing of charts as pixels, as pages of vectors, or as marks.

In: a chart. Out: frames for image encoders, pages for PDF, a scene for SVG and HTML.
"""

from dropviz.drawing.marks import Mark
from dropviz.drawing.pages import Page, draw_pages
from dropviz.drawing.raster import Frame, default_style, last_frame, rasterise
from dropviz.drawing.scene import Scene, read_scene

__all__ = ["Frame", "Mark", "Page", "Scene", "default_style", "draw_pages", "last_frame", "rasterise", "read_scene"]
