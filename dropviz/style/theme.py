"""Themes as data: what every colour is for, and how arms are told apart."""

from dataclasses import dataclass
from typing import NamedTuple

from dropviz.errors import RecordingError, UsageError, one_of

# No background at all. Tones that are mixed with the background are mixed with this grey, which stands out equally
# from white and from black.
TRANSPARENT = "#77777700"
READABLE = 4.5  # contrast of text, WCAG 1.4.3
VISIBLE = 3.0  # contrast of lines that mean something, WCAG 1.4.11
OUTLINE = 0.7  # how far edges of a network, and outlines of dropped units, stand out from the background, of 1


class Strokes(NamedTuple):
    """How the lines of an arm are drawn: dashes of test and train in points, the head's marker, the band's hatch."""

    test: tuple[float, ...]
    train: tuple[float, ...]
    marker: str
    hatch: str


LARGE_TYPE = 1.35  # as a factor: for the last row of a room
TONES = 5  # of a colour, between it and the background: text and lines need no more to look smooth

STROKES = (
    Strokes((), (6.6, 4.4), "circle", "//"),
    Strokes((13.0, 5.0), (2.2, 3.3), "square", "\\\\"),
    Strokes((16.0, 4.0, 3.0, 4.0), (10.0, 2.5), "diamond", ".."),
    Strokes((5.0, 3.0), (8.0, 3.0, 1.5, 3.0), "triangle", "--"),
)


class ArmStyle(NamedTuple):
    """What tells an arm from others: a colour, and strokes where colours alone do not."""

    color: str
    strokes: Strokes


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb. Text colours stand out from the background by a contrast of 4.5:1 or more (WCAG 1.4.3).

    background  TRANSPARENT for none: then colours stand out from white and from black
    ink         words
    muted       words beside the point, axes
    faint       what is there to guide the eye
    plain       arms without noise
    noisy       arms with noise, in turn
    type_size   how large type, lines and margins are, as a factor
    patterns    whether each arm has strokes of its own, and hatched bands, so that colour is not needed
    about       what it is for
    """

    name: str
    background: str
    ink: str
    muted: str
    faint: str
    plain: str
    noisy: tuple[str, ...]
    type_size: float = 1.0
    patterns: bool = False
    about: str = ""

    @property
    def see_through(self) -> bool:
        """Whether there is no background."""
        return self.background == TRANSPARENT

    @property
    def is_dark(self) -> bool:
        """Whether white stands out from the background more than black does."""
        return not self.see_through and contrast(self.background, "#ffffff") > contrast(self.background, "#000000")

    @property
    def grounds(self) -> tuple[str, ...]:
        """What the picture may stand on."""
        return ("#ffffff", "#000000") if self.see_through else (self.background,)

    @property
    def plate(self) -> tuple[str, str]:
        """Ground and ink of images, which are never see-through."""
        return ("#ffffff", "#000000") if self.see_through else (self.background, self.ink)

    @property
    def band(self) -> float:
        """How far a band stands out from what it lies on, of 1; hatching makes up for what is missing."""
        return 0.12 if self.patterns else 0.25

    @property
    def outline(self) -> str:
        """The colour of edges, and of the outlines of dropped units."""
        return blend(self.muted, self.background, OUTLINE)

    def stands_out(self, color: str) -> float:
        """The contrast of a colour with what the picture stands on; with no background, the worst there can be."""
        return min(contrast(color, ground) for ground in self.grounds)

    def arm_colors(self, has_noise: list[bool]) -> list[str]:
        """A colour for each arm: one without noise always has `plain`, the others take the `noisy` ones in turn."""
        return [style.color for style in self.arm_styles(has_noise)]

    def arm_styles(self, has_noise: list[bool]) -> list[ArmStyle]:
        """Colour and strokes for each arm, never the same twice; RecordingError where there are too many arms."""
        plain, noisy = self._plain_styles(), self._noisy_styles()
        for styles, wanted in ((plain, has_noise.count(False)), (noisy, has_noise.count(True))):
            if wanted > len(styles):
                kind = "with" if styles is noisy else "without"
                raise RecordingError(
                    f"{wanted} arms {kind} dropout: theme {self.name!r} tells at most {len(styles)} apart; draw fewer"
                )
        turns = {False: iter(plain), True: iter(noisy)}
        return [next(turns[noise]) for noise in has_noise]

    def _plain_styles(self) -> list[ArmStyle]:
        """With patterns, the second strokes come first, which no arm with noise has."""
        ordered = (*STROKES[1:], STROKES[0]) if self.patterns else STROKES
        return [ArmStyle(self.plain, strokes) for strokes in ordered]

    def _noisy_styles(self) -> list[ArmStyle]:
        """All colours before other strokes; with patterns, other strokes and other colours with each arm."""
        count = len(self.noisy)
        if not self.patterns:
            return [ArmStyle(color, strokes) for strokes in STROKES for color in self.noisy]
        own = (STROKES[0], *STROKES[2:])
        return [
            ArmStyle(self.noisy[(turn + place) % count], strokes)
            for turn in range(count)
            for place, strokes in enumerate(own)
        ]


# Arms keep a difference of 20 (CIE 1976) or more with every common colour blindness: orange against blue first (Okabe
# and Ito 2008), then a tone darker or lighter than both, since to two kinds of eyes there are only two hues.
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
        ),
        # Grey tones for a laser printer: text to 4.5:1, and three tones that a copy of a copy still keeps apart.
        Theme(
            name="paper",
            about="black, white and grey, for a printer",
            background="#ffffff",
            ink="#000000",
            muted="#4d4d4d",
            faint="#cccccc",
            plain="#757575",
            noisy=("#000000", "#3b3b3b"),
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
            type_size=LARGE_TYPE,
        ),
        # What is readable on white and on black has one luminance, 0.18: only hues are left to tell things apart.
        Theme(
            name="transparent",
            about="no background; reads on white and on black",
            background=TRANSPARENT,
            ink="#767676",
            muted="#767676",
            faint="#8f8f8f",
            plain="#c35403",
            noisy=("#1575d5", "#9f5da5"),
            patterns=True,
        ),
    )
}


def find_theme(name: str) -> Theme:
    """The theme called `name`; UsageError if there is none."""
    if name not in THEMES:
        raise UsageError(one_of("theme", name, THEMES))
    return THEMES[name]


def blend(color: str, background: str, share: float) -> str:
    """`share` of `color` laid over `background`, mixed in sRGB as the rasteriser mixes."""
    over, under = rgb(color), rgb(background)
    mixed = (round(b + (c - b) * share) for c, b in zip(over, under, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def rgb(color: str) -> tuple[int, int, int]:
    """#rrggbb as three numbers from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    red, green, blue = (linear(c / 255) for c in rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(value: float) -> float:
    """The light of an sRGB channel, both from 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
