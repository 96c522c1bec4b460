"""Images of grey tones, in a thin frame."""

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import Canvas
from dropviz.style.theme import Theme, blend, rgb

GREYS = 24  # steps from the tone of the ground to that of the ink


def greys(theme: Theme) -> list[str]:
    """Return the GREYS + 1 tones of images, from ground to ink."""
    ground, ink = theme.image_colors
    return [blend(ink, ground, step / GREYS) for step in range(GREYS + 1)]


def rgba(tones: Sequence[str]) -> NDArray[np.uint8]:
    """Return tones as the shades of a `GreyImage`, uint8 [tones, 4]."""
    return np.array([(*rgb(tone), 255) for tone in tones], np.uint8)


def framed_image(canvas: Canvas, left: float, bottom: float, side: float, tones: Sequence[str]) -> GreyImage:
    """Return a square image at a place in points, whose pixels are indices of `tones`, and draw a frame around it.

    The frame shows where an image ends that has the colour of the background at its edges.
    """
    frame = Rectangle((left - 1, bottom - 1), side + 2, side + 2, fill=False, linewidth=1.5)
    frame.set(edgecolor=canvas.theme.faint, transform=canvas.points())
    canvas.figure.add_artist(frame)
    return GreyImage(left * canvas.scale, bottom * canvas.scale, side * canvas.scale, rgba(tones))
