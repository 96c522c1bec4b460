"""Mistakes that were found, before they are put into words for a user."""

from dataclasses import dataclass

from torch import nn

from dropviz.capture.places import Place
from dropviz.diagnosis.results import ERROR


@dataclass(frozen=True)
class Found:
    """A mistake at a place, or of a module. See `Finding` for the other fields."""

    kind: str
    place: Place | nn.Module
    words: str
    severity: str = ERROR
    drop_prob: float | None = None
    drop_rate: float | None = None

    @property
    def module(self) -> nn.Module:
        """Module in which it is."""
        return self.place.module if isinstance(self.place, Place) else self.place

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """Lines that ran it, from the operation outwards."""
        return self.place.lines if isinstance(self.place, Place) else ()
