"""Themes: the colours of pictures by their use, and the styles that distinguish arms."""

from dataclasses import dataclass
from typing import NamedTuple

from dropviz.errors import RecordingError, UsageError, one_of

# No background. Tones that would be mixed with the background are mixed with this grey, which contrasts equally with
# white and with black.
TRANSPARENT = "#77777700"
MIN_TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
MIN_LINE_CONTRAST = 3.0  # WCAG 2.2, 1.4.11
OUTLINE_OPACITY = 0.7  # of the edges of a network, and of the outlines of dropped units
BAND_OPACITY, HATCHED_BAND_OPACITY = 0.16, 0.12
LARGE_TYPE = 1.15  # type size, as a factor, that can be read from the back of a room
TONES = 6  # number of tones between a colour and the background: more do not look smoother


class Strokes(NamedTuple):
    """Line styles of an arm: dashes of the test and train lines in points, marker of the head, hatch of the band."""

    test: tuple[float, ...]
    train: tuple[float, ...]
    marker: str
    hatch: str


STROKES = (
    Strokes((), (6.6, 4.4), "circle", "//"),
    Strokes((13.0, 5.0), (2.2, 3.3), "square", "\\\\"),
    Strokes((16.0, 4.0, 3.0, 4.0), (10.0, 2.5), "diamond", ".."),
    Strokes((5.0, 3.0), (8.0, 3.0, 1.5, 3.0), "triangle", "--"),
    Strokes((20.0, 2.5), (1.5, 6.0), "down", "||"),
)


class ArmStyle(NamedTuple):
    """Colour and line styles of one arm."""

    color: str
    strokes: Strokes


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb, and the size of type. Text has a contrast of 4.5:1 or more with the background (WCAG 1.4.3).

    background  TRANSPARENT for none: then colours contrast with white and with black
    ink         main text
    muted       secondary text, axes
    faint       grid lines
    plain       arms without noise
    noisy       arms with noise, in turn
    wrong       what is wrong, always with a sign beside it
    type_size   size of type, lines and margins, as a factor
    patterns    whether each arm has its own dashes, marker and hatch, so that colour is not needed to distinguish arms
    about       description of the theme
    """

    name: str
    background: str
    ink: str
    muted: str
    faint: str
    plain: str
    noisy: tuple[str, ...]
    wrong: str
    type_size: float = 1.0
    patterns: bool = False
    about: str = ""

    @property
    def is_transparent(self) -> bool:
        """True if there is no background."""
        return self.background == TRANSPARENT

    @property
    def is_dark(self) -> bool:
        """True if white contrasts more with the background than black does."""
        return not self.is_transparent and contrast(self.background, "#ffffff") > contrast(self.background, "#000000")

    @property
    def backgrounds(self) -> tuple[str, ...]:
        """Colours that may be behind the picture."""
        return ("#ffffff", "#000000") if self.is_transparent else (self.background,)

    @property
    def image_colors(self) -> tuple[str, str]:
        """Background and ink of grey images, which are never transparent."""
        return ("#ffffff", "#000000") if self.is_transparent else (self.background, self.ink)

    @property
    def band_opacity(self) -> float:
        """Opacity of bands, 0 to 1; lower where they are hatched."""
        return HATCHED_BAND_OPACITY if self.patterns else BAND_OPACITY

    @property
    def outline(self) -> str:
        """Colour of edges, and of the outlines of dropped units."""
        return blend(self.muted, self.background, OUTLINE_OPACITY)

    @property
    def weight_colors(self) -> tuple[str, str]:
        """Colours of weights below 0 and above 0: purple and green, which no arm of a network has.

        All common colour blindness tells them apart.
        """
        if self.is_transparent:
            return "#9f5da5", "#19854f"
        if self.patterns:
            return "#757575", "#000000"
        return ("#d58be0", "#5fd07a") if self.is_dark else ("#762a83", "#1b7837")

    def lowest_contrast(self, color: str) -> float:
        """Return the contrast ratio of a colour with the background, or the lowest with white and black if none."""
        return min(contrast(color, background) for background in self.backgrounds)

    def arm_colors(self, has_noise: list[bool]) -> list[str]:
        """Return a colour for each arm: `plain` for all without noise, the `noisy` colours in turn for the others."""
        return [style.color for style in self.arm_styles(has_noise)]

    def arm_styles(self, has_noise: list[bool]) -> list[ArmStyle]:
        """Return a style for each arm, all different. Raises RecordingError if there are too many arms."""
        plain, noisy = self._plain_styles(), self._noisy_styles()
        for styles, count in ((plain, has_noise.count(False)), (noisy, has_noise.count(True))):
            if count > len(styles):
                kind = "with" if styles is noisy else "without"
                raise RecordingError(
                    f"{count} arms {kind} dropout: theme {self.name!r} tells at most {len(styles)} apart; draw fewer"
                )
        remaining = {False: iter(plain), True: iter(noisy)}
        return [next(remaining[noise]) for noise in has_noise]

    def _plain_styles(self) -> list[ArmStyle]:
        """Return the styles of arms without noise; with patterns, they begin with the strokes that no noisy arm has."""
        ordered = (*STROKES[1:], STROKES[0]) if self.patterns else STROKES
        return [ArmStyle(self.plain, strokes) for strokes in ordered]

    def _noisy_styles(self) -> list[ArmStyle]:
        """Return the styles of arms with noise: colours vary first, or colours and strokes together with patterns."""
        count = len(self.noisy)
        if not self.patterns:
            return [ArmStyle(color, strokes) for strokes in STROKES for color in self.noisy]
        own = (STROKES[0], *STROKES[2:])
        return [
            ArmStyle(self.noisy[(shift + index) % count], strokes)
            for shift in range(count)
            for index, strokes in enumerate(own)
        ]


# Colours of arms differ by 20 or more (CIE 1976 colour difference) for every common colour blindness: orange and blue
# first (Okabe and Ito 2008), then a darker or lighter tone, since dichromats distinguish only two hues.
THEMES = {
    theme.name: theme
    for theme in (
        Theme(
            name="light",
            about="on white",
            background="#ffffff",
            ink="#1b1f24",
            muted="#57606a",
            faint="#d8dee4",
            plain="#bc4c00",
            noisy=("#0969b8", "#005038", "#702078"),
            wrong="#c1121f",
        ),
        Theme(
            name="dark",
            about="on near-black",
            background="#15181d",
            ink="#f0f3f6",
            muted="#a9b2bd",
            faint="#353b43",
            plain="#ff9a4d",
            noisy=("#58b4ff", "#58f0c0", "#c080b8"),
            wrong="#ff6b6b",
        ),
        # Grey tones for a laser printer: text at 4.5:1, and three tones that remain distinct in photocopies.
        Theme(
            name="paper",
            about="black, white and grey, for a printer",
            background="#ffffff",
            ink="#000000",
            muted="#4d4d4d",
            faint="#cccccc",
            plain="#757575",
            noisy=("#000000", "#3b3b3b"),
            wrong="#4d4d4d",
            patterns=True,
        ),
        Theme(
            name="slides",
            about="large type, for the last row of a room",
            background="#ffffff",
            ink="#101418",
            muted="#434b54",
            faint="#d0d7de",
            plain="#bc4c00",
            noisy=("#0969b8", "#005038", "#702078"),
            wrong="#c1121f",
            type_size=LARGE_TYPE,
        ),
        # Text that can be read on white and on black has a luminance of 0.18, so that only hues can differ.
        Theme(
            name="transparent",
            about="no background; reads on white and on black",
            background=TRANSPARENT,
            ink="#767676",
            muted="#767676",
            faint="#8f8f8f",
            plain="#c35403",
            noisy=("#1575d5", "#9f5da5"),
            wrong="#dd3340",
            patterns=True,
        ),
    )
}


def find_theme(name: str) -> Theme:
    """Return the built-in theme called `name`. Raises UsageError if there is none."""
    if name not in THEMES:
        raise UsageError(one_of("theme", name, THEMES))
    return THEMES[name]


def blend(color: str, background: str, opacity: float) -> str:
    """Return `color` laid over `background` with an opacity of 0 to 1, mixed in sRGB as matplotlib's Agg mixes.

    >>> blend("#000000", "#ffffff", 0.25)
    '#bfbfbf'
    """
    over, under = rgb(color), rgb(background)
    mixed = (round(b + (c - b) * opacity) for c, b in zip(over, under, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def rgb(color: str) -> tuple[int, int, int]:
    """Return #rrggbb as three integers from 0 to 255.

    >>> rgb("#0969b8")
    (9, 105, 184)
    """
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio).

    >>> contrast("#ffffff", "#000000")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    red, green, blue = (to_linear(c / 255) for c in rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def to_linear(value: float) -> float:
    """Return the linear value of an sRGB channel, both 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
