"""Results of exhibits: measured answers, verdicts and files, and the state file that keeps them between calls."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from dropviz._util.byte_sizes import format_bytes
from dropviz._util.text_files import read_text
from dropviz.analysis.answers import Answer
from dropviz.analysis.statistics import CONFIDENCE, holm
from dropviz.publish.gallery.exhibits import EXHIBITS
from dropviz.style.labels import Labels

STATE = ".gallery.json"
SIDES = ("light", "dark")


@dataclass(frozen=True)
class ExhibitResult:
    """Result of one exhibit.

    key          digest of everything that decides its pictures: equal keys, equal pictures
    alt          alternative text
    description  long description
    sides        "light" and "dark", or one of them
    size         width and height in pixels
    seconds      duration of one play
    bytes        size of the larger animation
    trained      seconds that training took; None if all recordings were available
    digests      digests of its files, since a later call that was interrupted may have drawn some of them
    """

    name: str
    key: str
    answers: tuple[Answer, ...]
    alt: str
    description: str
    facts: str
    command: str
    runs: int
    seeds: int
    sides: tuple[str, ...]
    size: tuple[int, int]
    frames: int
    seconds: float
    bytes: int
    trained: float | None
    digests: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its files in the folder of the gallery."""
        return files_of(self.name, self.sides)

    @property
    def source(self) -> str:
        """Source of its claim."""
        return EXHIBITS[self.name].source

    @property
    def about(self) -> tuple[Answer, ...]:
        """The answers that its claim is about."""
        about = EXHIBITS[self.name].answer
        return self.answers if about is None else self.answers[about : about + 1]

    @property
    def headline(self) -> str:
        """The answer to its question, in words."""
        return self.about[0].headline if self.about else ""

    @property
    def verdict(self) -> str:
        """Verdict on its claim, by the answers that the claim is about."""
        return verdict(self.about)

    def cost(self, labels: Labels) -> str:
        """Return the number of runs, the time of training and the size of the file, in one line."""
        parts = [labels("gallery runs" if self.seeds > 1 else "gallery one seed", runs=self.runs, seeds=self.seeds)]
        if self.trained is not None:
            parts.append(labels("gallery trained", seconds=self.trained))
        parts.append(labels("gallery file", frames=self.frames, seconds=self.seconds, bytes=format_bytes(self.bytes)))
        return " · ".join(parts)


def verdict(answers: Sequence[Answer]) -> str:
    """Return "agrees", "disagrees", "partly" or "undecided" for a claim about these answers.

    An undecided answer is not decided by another one: if one holds and one is undecided, the verdict is "partly".
    """
    found = {answer.holds for answer in answers}
    if True in found:
        return "agrees" if found == {True} else "partly"
    return "disagrees" if False in found else "undecided"


def corrected(results: Sequence[ExhibitResult], labels: Labels) -> list[ExhibitResult]:
    """Return results whose claims are decided only if they are after a correction for their number (Holm 1979).

    The headline of a claim that is decided alone, and no longer after it, says so. Answers without a p-value, such as
    counted bits, remain as they are.
    """
    tested = [answer.p_value for result in results for answer in result.about if answer.p_value is not None]
    p_values = iter(holm(tested))

    def words(headline: str) -> str:
        return labels("gallery open", claims=len(tested), headline=headline)

    return [_corrected(result, p_values, words) for result in results]


def _corrected(result: ExhibitResult, p_values: Iterator[float], words: Callable[[str], str]) -> ExhibitResult:
    about = result.about
    decided = {id(answer): next(p_values) < 1 - CONFIDENCE for answer in about if answer.p_value is not None}
    answers = (
        answer
        if answer.holds is None or decided.get(id(answer), True)
        else answer._replace(holds=None, headline=words(answer.headline))
        for answer in result.answers
    )
    return replace(result, answers=tuple(answers))


def read_state(folder: Path) -> dict[str, ExhibitResult]:
    """Return the results of earlier calls in `folder`, by name; none if the state file is missing or damaged."""
    try:
        entries = json.loads(read_text(folder / STATE))
        return {entry["name"]: _from_entry(entry) for entry in entries}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def files_of(name: str, sides: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the files of an exhibit in the folder of the gallery."""
    return tuple(f"{name}-{side}{tail}" for side in sides for tail in (".gif", "-still.png"))


def digests_of(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return the SHA-256 of these files in `folder`; of a missing one, an empty text."""
    paths = [folder / name for name in names]
    return tuple(hashlib.sha256(path.read_bytes()).hexdigest() if os.path.exists(path) else "" for path in paths)


def state_text(results: Iterable[ExhibitResult]) -> str:
    """Return the results as JSON, for `read_state`."""
    return json.dumps([asdict(result) for result in results])


def _from_entry(entry: Mapping[str, Any]) -> ExhibitResult:
    answers = tuple(Answer(*answer) for answer in entry["answers"])
    tuples = {name: tuple(entry[name]) for name in ("size", "sides", "digests") if name in entry}
    return ExhibitResult(**{**entry, "answers": answers, **tuples})
