"""A scene as SVG markup: marks that look alike, and are seen in the same frames, stand together."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from dropviz._util.text import escape_markup
from dropviz.drawing.pen import Mark, number
from dropviz.drawing.scene import Runs, Scene

Item = TypeVar("Item")
Key = TypeVar("Key")


class Markup:
    """The `body` of a scene; and `classes`, what comes and goes: prefix + "s" + number, by the frames it is seen in.

    `parts` are numbered too, those of the `named`: an element of one has its number as data-part.
    Whatever is not seen in the last frame is hidden, so that a viewer that plays nothing shows that one.
    """

    def __init__(self, scene: Scene, named: Collection[str] = ()) -> None:
        self.scene, self.frames, self.named = scene, len(scene.durations), named
        self.classes: dict[Runs, int] = {}
        self.parts: dict[str, int] = {}
        moving = "".join(self._artist(marks) for marks in scene.moving)
        self.body = self._clips() + self._still(scene.still) + self._trail() + moving

    def _clips(self) -> str:
        prefix, scene = self.scene.prefix, self.scene
        clips = [_clip(f"{prefix}c{order}", box) for order, box in enumerate(scene.clips)]
        clips += [_clip(f"{prefix}t", (0, 0, *scene.size))] if scene.trail else []
        return f"<defs>{''.join(clips)}</defs>" if clips else ""

    def _still(self, marks: Iterable[Mark]) -> str:
        """Marks that are always seen, in the order of drawing."""
        always = ((0, self.frames),)
        groups = _together([(mark, always) for mark in marks], _looks, in_turn=True)
        return "".join(self._alike(*group) for group in groups)

    def _trail(self) -> str:
        """The trail in two groups: the outer one takes the clip along, and the inner one stays where it is."""
        if not self.scene.trail:
            return ""
        prefix = self.scene.prefix
        inner = f'<g class="{prefix}i">{self._still(self.scene.trail)}</g>'
        return f'<g class="{prefix}o" clip-path="url(#{prefix}t)">{inner}</g>'

    def _artist(self, marks: Iterable[tuple[Mark, Runs]]) -> str:
        return "".join(self._alike(*group) for group in _together(marks, _looks))

    def _alike(self, looks: tuple[str, str], marks: Sequence[tuple[Mark, Runs]]) -> str:
        """Marks of one tag and style."""
        parts = _together(marks, lambda pair: pair[1])
        inner = "".join(self._timed(runs, [mark for mark, _ in pairs]) for runs, pairs in parts)
        return f"<g{looks[1]}>{inner}</g>"

    def _timed(self, runs: Runs, marks: list[Mark]) -> str:
        """Marks of one style that come and go together."""
        elements = [self._element(mark) for mark in _joined(marks, self.named)]
        if runs == ((0, self.frames),):
            return "".join(elements)
        seen = f' class="{self.scene.prefix}s{self.classes.setdefault(runs, len(self.classes))}"'
        seen += "" if runs[-1][1] == self.frames else ' visibility="hidden"'
        if len(elements) > 1:
            return f"<g{seen}>{''.join(elements)}</g>"
        tag = marks[0].tag
        return f"<{tag}{seen}{elements[0].removeprefix(f'<{tag}')}"

    def _element(self, mark: Mark) -> str:
        place = f' d="{mark.place}"' if mark.tag == "path" else mark.place
        name = ""
        if mark.name in self.named:
            name = f' data-part="{self.parts.setdefault(mark.name, len(self.parts))}"'
        return f"<{mark.tag}{name}{place}" + (f">{escape_markup(mark.words)}</{mark.tag}>" if mark.words else "/>")


def _clip(name: str, box: tuple[float, float, float, float]) -> str:
    left, top, width, height = map(number, box)
    return f'<clipPath id="{name}"><rect x="{left}" y="{top}" width="{width}" height="{height}"/></clipPath>'


def _looks(pair: tuple[Mark, Runs]) -> tuple[str, str]:
    return pair[0].tag, pair[0].style


def _together(
    items: Iterable[Item], key: Callable[[Item], Key], *, in_turn: bool = False
) -> list[tuple[Key, list[Item]]]:
    """Items by key, in the order in which the keys come; `in_turn`, only those that follow each other."""
    groups: list[tuple[Key, list[Item]]] = []
    places: dict[Key, int] = {}
    for item in items:
        its = key(item)
        if its not in places or (in_turn and groups[-1][0] != its):
            places[its] = len(groups)
            groups.append((its, []))
        groups[places[its]][1].append(item)
    return groups


def _joined(marks: list[Mark], named: Collection[str]) -> list[Mark]:
    """Opaque strokes that nobody needs to tell apart become one path."""
    tag, style = marks[0].tag, marks[0].style
    strokes = tag == "path" and 'fill="none"' in style and not re.search("dash|opacity", style)
    if not strokes or any(mark.name in named for mark in marks):
        return marks
    return [marks[0]._replace(place="".join(mark.place for mark in marks))]
