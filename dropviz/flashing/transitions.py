"""Transitions of luminance and of saturated red, of which flashes consist.

A sample is one pixel followed over time. A transition is "the change in relative luminance (or relative
luminance/color for red flashing) between adjacent peaks and valleys" (WCAG 2.2, general flash and red flash thresholds,
note 3). It counts at the time when it has become large enough: a fade in many small steps is one transition, and a
small step back during a fade is none.
"""

import numpy as np
from numpy.typing import NDArray

from dropviz.style.theme import to_linear

MIN_LUMINANCE_CHANGE = 0.1  # "10% or more of the maximum relative luminance (1.0)"
DARKER_LUMINANCE = 0.8  # "where the relative luminance of the darker image is below 0.80"
MIN_RED_SHARE = 0.8  # R/(R + G + B) of a saturated red is "greater than or equal to 0.8"
COLOR_DISTANCE = 0.2  # "the difference between states is more than 0.2 (unitless) in the CIE 1976 UCS [...] diagram"

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # WCAG 2.2, relative luminance
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # IEC 61966-2-1
LINEAR = np.array([to_linear(value / 255) for value in range(256)])

Indices = NDArray[np.intp]
Selection = NDArray[np.bool_]


def linear_light(pixels: NDArray[np.uint32], background: int) -> NDArray[np.float64]:
    """Return linear R, G and B, float [pixels, 3], of 0xAABBGGRR laid over a grey `background`, 0 to 255.

    Colours are mixed in sRGB, as browsers do.
    """
    channels = pixels[:, None].view(np.uint8)
    colors, alpha = channels[:, :3], channels[:, 3:]
    if (alpha < 255).any():
        opacity = alpha / 255
        colors = np.rint(colors * opacity + background * (1 - opacity)).astype(np.uint8)
    values: NDArray[np.float64] = LINEAR[colors]
    return values


def chromaticity(light: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return u' + iv' of linear RGB [samples, 3] in the CIE 1976 UCS diagram; for black, that of white."""
    light = np.where(light.any(axis=1, keepdims=True), light, 1.0)
    x, y, z = (light @ TO_XYZ.T).T
    result: NDArray[np.complex128] = (4 * x + 9j * y) / (x + 15 * y + 3 * z)
    return result


RED = chromaticity(np.array([[1.0, 0.0, 0.0]]))[0]


class LightChanges:
    """Opposing changes of relative luminance of each sample; `light` [samples, 3] is the first state."""

    def __init__(self, light: NDArray[np.float64]) -> None:
        level = light @ LUMINANCE
        self._low, self._high = level.copy(), level.copy()
        self._turn = np.zeros(len(level), np.int8)  # the last transition: +1 up, -1 down, 0 none yet

    def add(self, where: Indices, light: NDArray[np.float64]) -> tuple[Selection, Selection]:
        """Set the samples `where` to `light`; return which of them complete a rise, and which a fall."""
        level, turn = light @ LUMINANCE, self._turn[where]
        low, high = np.minimum(self._low[where], level), np.maximum(self._high[where], level)
        rises = (turn <= 0) & (level - low >= MIN_LUMINANCE_CHANGE) & (low < DARKER_LUMINANCE)
        falls = (turn >= 0) & (high - level >= MIN_LUMINANCE_CHANGE) & (level < DARKER_LUMINANCE) & ~rises
        turned = rises | falls
        self._low[where] = np.where(turned, level, low)
        self._high[where] = np.where(turned, level, high)
        self._turn[where] = np.where(rises, 1, np.where(falls, -1, turn))
        return rises, falls


class RedChanges:
    """Changes to and from saturated red of each sample; `light` [samples, 3] is the first state.

    For each sample since its last transition, the saturated state nearest to pure red and the state farthest from it
    are kept: the peak and the valley from which the next change is measured.
    """

    def __init__(self, light: NDArray[np.float64]) -> None:
        self._far_color, self._far, self._near = _redness(light)
        self._near_color = self._far_color.copy()
        self._turn = np.zeros(len(light), np.int8)  # the last transition: +1 to red, -1 from red, 0 none yet

    def add(self, where: Indices, light: NDArray[np.float64]) -> tuple[Selection, Selection]:
        """Set the samples `where` to `light`; return which complete a change to red, and which a change from it."""
        color, distance, saturated_distance = _redness(light)
        turn = self._turn[where]
        farther, nearer = distance > self._far[where], saturated_distance < self._near[where]
        far_color = np.where(farther, color, self._far_color[where])
        near_color = np.where(nearer, color, self._near_color[where])
        near = np.where(nearer, saturated_distance, self._near[where])
        rises = (turn <= 0) & np.isfinite(saturated_distance) & (np.abs(color - far_color) > COLOR_DISTANCE)
        falls = (turn >= 0) & np.isfinite(near) & (np.abs(color - near_color) > COLOR_DISTANCE) & ~rises
        turned = rises | falls
        self._far[where] = np.where(turned | farther, distance, self._far[where])
        self._far_color[where] = np.where(turned, color, far_color)
        self._near[where] = np.where(turned, saturated_distance, near)
        self._near_color[where] = np.where(turned, color, near_color)
        self._turn[where] = np.where(rises, 1, np.where(falls, -1, turn))
        return rises, falls


def _redness(light: NDArray[np.float64]) -> tuple[NDArray[np.complex128], NDArray[np.float64], NDArray[np.float64]]:
    """Return the chromaticity, its distance from pure red, and the same distance, infinite unless a saturated red."""
    color = chromaticity(light)
    distance = np.abs(color - RED)
    # R >= 0.8 (R + G + B), without a division; black, which would fulfil it, is excluded.
    saturated = (light[:, 0] >= MIN_RED_SHARE * light.sum(axis=1)) & (light[:, 0] > 0)
    return color, distance, np.where(saturated, distance, np.inf)
