"""How a picture is to look and play: everything that a user chooses but the recordings and the file."""

from dataclasses import dataclass, replace
from functools import cached_property

from dropviz.errors import UsageError
from dropviz.style.labels import Labels
from dropviz.style.theme import LARGE_TYPE, Theme
from dropviz.style.theme_file import choose_theme

SIZE = (1280, 720)
HOLD = 3.0
SMALLEST, LARGEST = 160, 8_192
MAX_FRAMES = 100_000
MAX_LOOPS = 65_535
LONGEST_HOLD = 600.0
TONES, MIN_TONES = 5, 2


@dataclass(frozen=True)
class RenderOptions:
    """Checked when made: UsageError names the first field that cannot be.

    size    width and height in pixels, each from 160 to 8,192
    frames  how many moments are drawn at most; the chart's own default if None
    theme   its name, or the path of a TOML file
    lang    language of the words
    loop    number of plays, 0 for ever
    hold    seconds that the last frame stays longer
    large   type for the last row of a room, whatever the theme says
    tones   how many of each colour there are between it and the background, at most: 5, or fewer for a smaller file
    allow_flashing  write the animation even if it flashes in a way that can cause seizures
    """

    size: tuple[int, int] = SIZE
    frames: int | None = None
    theme: str = "light"
    lang: str = "en"
    loop: int = 0
    hold: float = HOLD
    large: bool = False
    tones: int = TONES
    allow_flashing: bool = False

    def __post_init__(self) -> None:
        width, height = self.size
        fits = all(SMALLEST <= side <= LARGEST for side in self.size)
        _require(fits, f"size is {width}x{height}: each side must be from {SMALLEST} to {LARGEST:,} pixels")
        few = self.frames is None or 1 <= self.frames <= MAX_FRAMES
        _require(few, f"frames is {self.frames}: must be from 1 to {MAX_FRAMES:,}")
        _require(0 <= self.loop <= MAX_LOOPS, f"loop is {self.loop}: must be from 0, for ever, to {MAX_LOOPS:,}")
        _require(0 <= self.hold <= LONGEST_HOLD, f"hold is {self.hold:g}: must be from 0 to {LONGEST_HOLD:g} seconds")
        smooth = MIN_TONES <= self.tones <= TONES
        _require(smooth, f"tones is {self.tones}: must be from {MIN_TONES} to {TONES}")
        _ = self.colors, self.labels

    @cached_property
    def colors(self) -> Theme:
        """The theme of that name, or in that file."""
        theme = choose_theme(self.theme)
        return replace(theme, type_size=max(theme.type_size, LARGE_TYPE)) if self.large else theme

    @cached_property
    def labels(self) -> Labels:
        """The words of that language."""
        return Labels(self.lang)


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise UsageError(words)
