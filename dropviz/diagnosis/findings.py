"""Mistakes that the measurement of a model shows, as findings."""

from collections.abc import Iterator
from pathlib import Path

from dropviz.diagnosis import flow_mistakes, mask_mistakes, module_mistakes
from dropviz.diagnosis.found import Found
from dropviz.diagnosis.measurement import Measurement
from dropviz.diagnosis.results import Finding
from dropviz.diagnosis.source import ModuleLines, is_meant

MAX_NAMES = 3  # of modules in one finding


def find_mistakes(measured: Measurement, lines: ModuleLines) -> list[Finding]:
    """Return the mistakes with dropout that a measurement shows, without those that are meant.

    Mistakes of one kind at one line are one finding, which names all its modules.
    """
    groups: dict[tuple[str, str, tuple[str, int]], list[Found]] = {}
    for found in _all_mistakes(measured, lines):
        if not is_meant(found.lines) and not lines.is_meant(found.module):
            line = (found.lines or (lines.of(found.module) or ("", 0),))[-1]
            key = (found.kind, found.severity, line if line[1] else ("", -len(groups)))
            groups.setdefault(key, []).append(found)
    return [_finding(group, *line, measured) for (*_, line), group in groups.items()]


def _all_mistakes(measured: Measurement, lines: ModuleLines) -> Iterator[Found]:
    yield from module_mistakes.on_in_evaluation(measured)
    yield from module_mistakes.certain(measured, lines)
    yield from module_mistakes.keep_probability(measured, lines)
    yield from module_mistakes.nothing_dropped(measured, lines)
    sites = flow_mistakes.Sites(measured)
    yield from flow_mistakes.unused_results(sites)
    yield from flow_mistakes.after_output(sites, measured)
    yield from flow_mistakes.doubled(sites)
    yield from flow_mistakes.on_residual_stream(sites)
    yield from flow_mistakes.before_batch_norm(measured)
    yield from mask_mistakes.wrong_masks(measured)
    yield from flow_mistakes.scaled_twice(sites, measured)
    yield from flow_mistakes.scaled_in_evaluation_too(sites, measured)
    yield from mask_mistakes.shared_masks(measured)
    yield from mask_mistakes.redrawn_masks(measured)


def _finding(group: list[Found], file: str, line: int, measured: Measurement) -> Finding:
    first = group[0]
    names = list(dict.fromkeys(measured.name(found.module) for found in group))
    more = [f"{len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    words, drawn = first.words, first.lines[0] if first.lines else ("", 0)
    if drawn[1] and drawn != (file, line) and first.kind.startswith("wrong"):
        place = "line " if drawn[0] == file else f"{Path(drawn[0]).name}:"
        words += f" (drawn in {place}{drawn[1]})"
    module = ", ".join(names[:MAX_NAMES] + more)
    return Finding(first.kind, module, file, max(line, 0), words, first.severity, first.drop_prob, first.drop_rate)
