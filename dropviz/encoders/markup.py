"""SVG markup of a scene: marks with the same style that are visible in the same frames share a group."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from dropviz._util.text import escape_markup
from dropviz.drawing.marks import Mark, format_number
from dropviz.drawing.scene import Intervals, Scene, TimedMarks

Item = TypeVar("Item")
Key = TypeVar("Key")


class Markup:
    """Markup of a scene. Marks that the last frame does not show are hidden, for viewers without animation.

    body     the elements of the scene
    classes  number of the class, prefix + "s" + number, of marks that are visible in some intervals of frames only
    parts    number, in the attribute data-part, of each part among the `named`
    """

    def __init__(self, scene: Scene, named: Collection[str] = ()) -> None:
        self.scene, self.frames, self.named = scene, len(scene.durations), named
        self.classes: dict[Intervals, int] = {}
        self.parts: dict[str, int] = {}
        moving = "".join(self._artist(marks) for marks in scene.moving)
        self.body = self._clips() + self._still(scene.still) + self._trail() + moving

    def _clips(self) -> str:
        prefix, scene = self.scene.prefix, self.scene
        clips = [_clip(f"{prefix}c{order}", box) for order, box in enumerate(scene.clips)]
        clips += [_clip(f"{prefix}t", (0, 0, *scene.size))] if scene.trail else []
        return f"<defs>{''.join(clips)}</defs>" if clips else ""

    def _still(self, marks: Iterable[Mark]) -> str:
        """Return marks that are always visible, in the order of drawing."""
        always = ((0, self.frames),)
        groups = _group([(mark, always) for mark in marks], _style_of, consecutive=True)
        return "".join(self._same_style(*group) for group in groups)

    def _trail(self) -> str:
        """Return the trail in two groups: the outer one moves with its clip, the inner one moves back by as much."""
        if not self.scene.trail:
            return ""
        prefix = self.scene.prefix
        inner = f'<g class="{prefix}i">{self._still(self.scene.trail)}</g>'
        return f'<g class="{prefix}o" clip-path="url(#{prefix}t)">{inner}</g>'

    def _artist(self, marks: TimedMarks) -> str:
        return "".join(self._same_style(*group) for group in _group(marks, _style_of))

    def _same_style(self, style: tuple[str, str], marks: Sequence[tuple[Mark, Intervals]]) -> str:
        """Return a group of marks with one tag and style."""
        groups = _group(marks, lambda pair: pair[1])
        inner = "".join(self._same_frames(intervals, [mark for mark, _ in pairs]) for intervals, pairs in groups)
        return f"<g{style[1]}>{inner}</g>"

    def _same_frames(self, intervals: Intervals, marks: list[Mark]) -> str:
        """Return marks of one style that are visible in the same frames."""
        elements = [self._element(mark) for mark in _merge_strokes(marks, self.named)]
        if intervals == ((0, self.frames),):
            return "".join(elements)
        attributes = f' class="{self.scene.prefix}s{self.classes.setdefault(intervals, len(self.classes))}"'
        attributes += "" if intervals[-1][1] == self.frames else ' visibility="hidden"'
        if len(elements) > 1:
            return f"<g{attributes}>{''.join(elements)}</g>"
        tag = marks[0].tag
        return f"<{tag}{attributes}{elements[0].removeprefix(f'<{tag}')}"

    def _element(self, mark: Mark) -> str:
        place = f' d="{mark.place}"' if mark.tag == "path" else mark.place
        name = ""
        if mark.name in self.named:
            name = f' data-part="{self.parts.setdefault(mark.name, len(self.parts))}"'
        return f"<{mark.tag}{name}{place}" + (f">{escape_markup(mark.words)}</{mark.tag}>" if mark.words else "/>")


def _clip(name: str, box: tuple[float, float, float, float]) -> str:
    left, top, width, height = map(format_number, box)
    return f'<clipPath id="{name}"><rect x="{left}" y="{top}" width="{width}" height="{height}"/></clipPath>'


def _style_of(pair: tuple[Mark, Intervals]) -> tuple[str, str]:
    return pair[0].tag, pair[0].style


def _group(
    items: Iterable[Item], key: Callable[[Item], Key], *, consecutive: bool = False
) -> list[tuple[Key, list[Item]]]:
    """Return items by key, in the order of the first item of each key; optionally only `consecutive` items.

    >>> _group("abA", str.lower), _group("abA", str.lower, consecutive=True)
    ([('a', ['a', 'A']), ('b', ['b'])], [('a', ['a']), ('b', ['b']), ('a', ['A'])])
    """
    groups: list[tuple[Key, list[Item]]] = []
    indices: dict[Key, int] = {}
    for item in items:
        value = key(item)
        if value not in indices or (consecutive and groups[-1][0] != value):
            indices[value] = len(groups)
            groups.append((value, []))
        groups[indices[value]][1].append(item)
    return groups


def _merge_strokes(marks: list[Mark], named: Collection[str]) -> list[Mark]:
    """Return opaque strokes without names as one path, other marks unchanged."""
    tag, style = marks[0].tag, marks[0].style
    strokes = tag == "path" and 'fill="none"' in style and not re.search("dash|opacity", style)
    if not strokes or any(mark.name in named for mark in marks):
        return marks
    return [marks[0]._replace(place="".join(mark.place for mark in marks))]
