"""Images of a scale of tones, in a thin frame."""

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import Canvas
from dropviz.style.theme import Theme, blend, rgb

GREYS = 24  # steps from ground to ink


def greys(theme: Theme) -> list[str]:
    """The tones of images, from ground to ink, GREYS + 1 of them."""
    ground, ink = theme.image_colors
    return [blend(ink, ground, step / GREYS) for step in range(GREYS + 1)]


def rgba(tones: Sequence[str]) -> NDArray[np.uint8]:
    """The tones as a `Picture` wants them, uint8 [tones, 4]."""
    return np.array([(*rgb(tone), 255) for tone in tones], np.uint8)


def framed_image(canvas: Canvas, left: float, bottom: float, side: float, tones: Sequence[str]) -> GreyImage:
    """A square image at a place in points, whose pixels are numbers of `tones`, in a frame that stays.

    An image may end in the colour of what it stands on.
    """
    frame = Rectangle((left - 1, bottom - 1), side + 2, side + 2, fill=False, linewidth=1.5)
    frame.set(edgecolor=canvas.theme.faint, transform=canvas.points())
    canvas.figure.add_artist(frame)
    return GreyImage(left * canvas.scale, bottom * canvas.scale, side * canvas.scale, rgba(tones))
