"""Levels of noise that is no mask, and the colours of a diverging scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.recording import Recording, Site
from dropviz.style.theme import TONES, Theme, blend, rgb

COVERED = 0.98  # share of the recorded numbers within the scale; others have the colour of its ends


@dataclass(frozen=True)
class Scale:
    """Scale of the noise of one site: `centre` is no effect, and `reach` its distance to both ends."""

    centre: float
    reach: float

    def levels(self, values: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return the level of each value, from 0 to 2 * TONES; TONES is the centre."""
        steps = np.round((values - self.centre) / self.reach * TONES)
        levels: NDArray[np.int64] = np.clip(np.nan_to_num(steps), -TONES, TONES).astype(np.int64) + TONES
        return levels


def scale_of(run: Recording, site: Site) -> Scale:
    """Return the scale that fits the recorded noise of a site."""
    centre = 1.0 if site.kind == "multiplicative" else 0.0
    away = np.abs(run.noise[site.name] - centre)
    away = away[np.isfinite(away)]
    reach = float(np.quantile(away, COVERED)) if away.size else 1.0
    return Scale(centre, reach or 1.0)


def level_colors(theme: Theme, above: str) -> list[str]:
    """Return the colours of levels from below to above; in a theme of greys, from light to dark."""
    below, ground = theme.plain, theme.background
    if len(set(rgb(above))) == len(set(rgb(below))) == 1:
        return [blend(theme.ink, ground, (level + 1) / (2 * TONES + 1)) for level in range(2 * TONES + 1)]
    shares = [step / TONES for step in range(1, TONES + 1)]
    return [
        *(blend(below, ground, share) for share in reversed(shares)),
        theme.faint,
        *(blend(above, ground, share) for share in shares),
    ]
