"""Changes of light and of red between adjacent peaks and valleys: what flashes are made of.

A sample is one pixel followed through time. A transition is "the change in relative luminance (or relative
luminance/color for red flashing) between adjacent peaks and valleys" (WCAG 2.2, general flash and red flash thresholds,
note 3). It counts at the moment when it has grown large enough: a fade in many small steps is one transition, and a
small step back on the way is none.
"""

import numpy as np
from numpy.typing import NDArray

from dropviz.style.theme import linear

STEP = 0.1  # "10% or more of the maximum relative luminance (1.0)"
DARK = 0.8  # "where the relative luminance of the darker image is below 0.80"
SATURATED = 0.8  # R/(R + G + B) of a saturated red is "greater than or equal to 0.8"
APART = 0.2  # "the difference between states is more than 0.2 (unitless) in the CIE 1976 UCS chromaticity diagram"

LIGHT = np.array([0.2126, 0.7152, 0.0722])  # WCAG 2.2, relative luminance
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # IEC 61966-2-1
LINEAR = np.array([linear(value / 255) for value in range(256)])

Where = NDArray[np.intp]
Which = NDArray[np.bool_]


def linear_light(pixels: NDArray[np.uint32], background: int) -> NDArray[np.float64]:
    """Linear R, G and B, float [pixels, 3], of 0xAABBGGRR laid over a grey `background` (0 to 255), as browsers do."""
    channels = pixels[:, None].view(np.uint8)
    colors, alpha = channels[:, :3], channels[:, 3:]
    if (alpha < 255).any():
        share = alpha / 255
        colors = np.rint(colors * share + background * (1 - share)).astype(np.uint8)
    values: NDArray[np.float64] = LINEAR[colors]
    return values


def chromaticity(light: NDArray[np.float64]) -> NDArray[np.complex128]:
    """The place u' + iv' in the CIE 1976 UCS diagram of linear RGB; of black, which has none, that of white."""
    light = np.where(light.any(axis=1, keepdims=True), light, 1.0)
    x, y, z = (light @ TO_XYZ.T).T
    place: NDArray[np.complex128] = (4 * x + 9j * y) / (x + 15 * y + 3 * z)
    return place


RED = chromaticity(np.array([[1.0, 0.0, 0.0]]))[0]


class LightChanges:
    """Opposing changes of relative luminance of each of `samples`, all of which start with `light` [samples, 3]."""

    def __init__(self, light: NDArray[np.float64]) -> None:
        level = light @ LIGHT
        self._low, self._high = level.copy(), level.copy()
        self._turn = np.zeros(len(level), np.int8)  # the last transition: +1 up, -1 down, 0 none yet

    def add(self, where: Where, light: NDArray[np.float64]) -> tuple[Which, Which]:
        """Take the new `light` of the samples `where`; which of them end a rise now, and which a fall."""
        level, turn = light @ LIGHT, self._turn[where]
        low, high = np.minimum(self._low[where], level), np.maximum(self._high[where], level)
        rises = (turn <= 0) & (level - low >= STEP) & (low < DARK)
        falls = (turn >= 0) & (high - level >= STEP) & (level < DARK) & ~rises
        turned = rises | falls
        self._low[where] = np.where(turned, level, low)
        self._high[where] = np.where(turned, level, high)
        self._turn[where] = np.where(rises, 1, np.where(falls, -1, turn))
        return rises, falls


class RedChanges:
    """Changes to and from saturated red of each of the samples, which start with `light` [samples, 3].

    Since the last transition, each sample remembers its saturated state nearest to pure red, and its state farthest
    from it: the peak and the valley that the next change is measured from.
    """

    def __init__(self, light: NDArray[np.float64]) -> None:
        self._far_at, self._far, self._near = _redness(light)
        self._near_at = self._far_at.copy()
        self._turn = np.zeros(len(light), np.int8)  # the last transition: +1 to red, -1 from red, 0 none yet

    def add(self, where: Where, light: NDArray[np.float64]) -> tuple[Which, Which]:
        """Take the new `light` of the samples `where`; which of them end a change to red now, and which from it."""
        at, away, reach = _redness(light)
        turn = self._turn[where]
        farther, nearer = away > self._far[where], reach < self._near[where]
        far_at = np.where(farther, at, self._far_at[where])
        near_at = np.where(nearer, at, self._near_at[where])
        near = np.where(nearer, reach, self._near[where])
        rises = (turn <= 0) & np.isfinite(reach) & (np.abs(at - far_at) > APART)
        falls = (turn >= 0) & np.isfinite(near) & (np.abs(at - near_at) > APART) & ~rises
        turned = rises | falls
        self._far[where] = np.where(turned | farther, away, self._far[where])
        self._far_at[where] = np.where(turned, at, far_at)
        self._near[where] = np.where(turned, reach, near)
        self._near_at[where] = np.where(turned, at, near_at)
        self._turn[where] = np.where(rises, 1, np.where(falls, -1, turn))
        return rises, falls


def _redness(light: NDArray[np.float64]) -> tuple[NDArray[np.complex128], NDArray[np.float64], NDArray[np.float64]]:
    """Chromaticity; its distance from pure red; the same again of saturated reds, and infinity of all others."""
    at = chromaticity(light)
    away = np.abs(at - RED)
    # Written as a product, which black passes only if it is asked to be more than nothing.
    saturated = (light[:, 0] >= SATURATED * light.sum(axis=1)) & (light[:, 0] > 0)
    return at, away, np.where(saturated, away, np.inf)
