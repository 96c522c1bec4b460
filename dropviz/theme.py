"""Themes as data: what every colour is for."""

from dataclasses import dataclass

from dropviz.errors import UsageError, one_of


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb. Text colours stand out from the background by a contrast of 4.5:1 or more (WCAG 1.4.3)."""

    name: str
    background: str
    ink: str
    muted: str
    faint: str
    plain: str
    noisy: tuple[str, ...]

    def arm_colors(self, has_noise: list[bool]) -> list[str]:
        """A colour for each arm: one without noise always has `plain`, the others take the `noisy` ones in turn."""
        noisy = iter(self.noisy * len(has_noise))
        return [next(noisy) if noise else self.plain for noise in has_noise]


# Orange against blue is told apart with any common colour blindness (Okabe and Ito 2008); the tones are darkened, or
# lightened on dark, until they also serve as text.
THEMES = {
    theme.name: theme
    for theme in (
        Theme(
            name="light",
            background="#ffffff",
            ink="#1b1f24",
            muted="#57606a",
            faint="#d8dee4",
            plain="#bc4c00",
            noisy=("#0969b8", "#00795c", "#8a3fa0"),
        ),
        Theme(
            name="dark",
            background="#15181d",
            ink="#f0f3f6",
            muted="#a9b2bd",
            faint="#353b43",
            plain="#ff9a4d",
            noisy=("#58b4ff", "#45d0a2", "#d79bea"),
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
