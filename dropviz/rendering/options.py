"""Options of rendering: size, theme, language and playback of an animation."""

from dataclasses import dataclass, replace
from functools import cached_property

from dropviz.charts.base.timeline import POSTER, Pace
from dropviz.errors import UsageError
from dropviz.style.labels import Labels
from dropviz.style.theme import LARGE_TYPE, TONES, Theme
from dropviz.style.theme_file import choose_theme

SIZE = (1280, 720)
HOLD = 3.0  # of plots, and of charts without an answer
MIN_SIDE, MAX_SIDE = 160, 8_192
MAX_FRAMES = 100_000
MAX_LOOPS = 65_535
MAX_HOLD = 600.0
MIN_SECONDS, MAX_SECONDS = 3.0, 600.0
MIN_MOVING = 1.0  # seconds of an animation of which the length is given, without poster and hold
HOLD_SHARE = 0.4  # of such a length, at most for the hold where that is not given
MIN_TONES = 2
MAX_WORDS = 60  # letters of a title and of a credit


@dataclass(frozen=True)
class RenderOptions:
    """Options of an animation; raises UsageError, which names the first field that is out of range.

    size            width and height in pixels, each from 160 to 8,192
    frames          maximum number of frames, from 1 to 100,000; the chart's own default if None
    theme           name of a theme, or path of a TOML file
    lang            language of labels, "en" or "zh"
    loop            number of plays, from 0, for ever, to 65,535
    hold            seconds that the last frame stays longer, from 0 to 600; None for the time that its words take to
                    read
    seconds         duration of one play, from 3 to 600, hold and poster included; None for the chart's own. The hold is
                    then at most HOLD_SHARE of it, unless it is given
    large           larger type, for the last row of a room, whatever the theme says
    tones           maximum number of tones between a colour and the background, from 2 to 6; fewer make a smaller file
    title           replaces the question and the answer of a chart, up to 60 letters
    credit          words at the lower right edge, up to 60 letters
    header          False for a picture without headline, evidence and settings
    allow_flashing  write the animation even if it flashes in a way that can cause seizures
    """

    size: tuple[int, int] = SIZE
    frames: int | None = None
    theme: str = "light"
    lang: str = "en"
    loop: int = 0
    hold: float | None = None
    seconds: float | None = None
    large: bool = False
    tones: int = TONES
    title: str = ""
    credit: str = ""
    header: bool = True
    allow_flashing: bool = False

    def __post_init__(self) -> None:
        width, height = self.size
        fits = all(MIN_SIDE <= side <= MAX_SIDE for side in self.size)
        _require(fits, f"size is {width}x{height}: each side must be from {MIN_SIDE} to {MAX_SIDE:,} pixels")
        few = self.frames is None or 1 <= self.frames <= MAX_FRAMES
        _require(few, f"frames is {self.frames}: must be from 1 to {MAX_FRAMES:,}")
        _require(0 <= self.loop <= MAX_LOOPS, f"loop is {self.loop}: must be from 0, for ever, to {MAX_LOOPS:,}")
        hold = self.hold or 0.0
        _require(0 <= hold <= MAX_HOLD, f"hold is {hold:g}: must be from 0 to {MAX_HOLD:g} seconds")
        if self.seconds is not None:
            lasts = MIN_SECONDS <= self.seconds <= MAX_SECONDS
            _require(lasts, f"seconds is {self.seconds:g}: must be from {MIN_SECONDS:g} to {MAX_SECONDS:g}")
            room = self.seconds - MIN_MOVING - POSTER / 100
            _require(hold <= room, f"hold is {hold:g}: must be up to {room:g} of {self.seconds:g} seconds")
        for name, words in (("title", self.title), ("credit", self.credit)):
            _require(len(words) <= MAX_WORDS, f"{name} has {len(words)} letters: must have up to {MAX_WORDS}")
            _require(self.header or not words, f"{name}: a picture without a header has no place for it")
        smooth = MIN_TONES <= self.tones <= TONES
        _require(smooth, f"tones is {self.tones}: must be from {MIN_TONES} to {TONES}")
        _ = self.colors, self.labels

    def pace(self, reading: float, *, poster: bool = False, constant: bool = False) -> Pace:
        """Return how long frames are shown.

        reading   seconds that the words of the last frame take to read
        poster    whether a poster is shown before the frames
        constant  whether all frames are shown for the same time: there are then neither hold nor fades
        """
        hold = 0.0 if constant else reading if self.hold is None else self.hold
        if self.seconds is None:
            return Pace(hold, fades=not constant)
        hold = min(hold, HOLD_SHARE * self.seconds) if self.hold is None else hold
        return Pace(hold, self.seconds - hold - (POSTER / 100 if poster else 0.0), fades=not constant)

    @cached_property
    def colors(self) -> Theme:
        """The theme of that name or in that file."""
        theme = choose_theme(self.theme)
        return replace(theme, type_size=max(theme.type_size, LARGE_TYPE)) if self.large else theme

    @cached_property
    def labels(self) -> Labels:
        """The labels in that language."""
        return Labels(self.lang)


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise UsageError(words)
