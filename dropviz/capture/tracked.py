"""Tracked examples of a recorder: their rows in each minibatch, and what is known of them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dropviz.capture.stacking import as_array, stack
from dropviz.errors import RecordingError
from dropviz.recording import Examples

Values = Mapping[str, Tensor | NDArray[Any]]
Arrays = dict[str, NDArray[Any]]


class TrackedExamples:
    """Rows of the tracked examples in each recorded minibatch, and values of them.

    number  number of tracked examples
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._next: Tensor | None = None
        self._rows: list[Tensor | None] = []
        self._values: dict[str, list[Any]] = {}

    @property
    def current_rows(self) -> slice | Tensor:
        """Rows of this minibatch."""
        return slice(self.number) if self._next is None else self._next

    def choose(self, rows: Tensor) -> None:
        """Choose the rows of the next minibatch, int [number].

        Raises RecordingError if there are not as many rows as tracked examples.
        """
        if rows.shape != (self.number,) or rows.is_floating_point():
            raise RecordingError(f"rows have the shape {tuple(rows.shape)}: track {self.number} whole numbers")
        self._next = rows

    def keep(self, values: Callable[[int], Values] | None) -> None:
        """Keep the rows of this minibatch, and what `values` returns for the number of tracked examples."""
        self._rows.append(self._next)
        if values is not None:
            for name, value in values(self.number).items():
                self._values.setdefault(name, []).append(value)

    def end(self) -> None:
        """End the minibatch: the rows of the next one are the first ones, unless others are chosen."""
        self._next = None

    def rows(self) -> NDArray[np.int64] | None:
        """Return the rows, int [T, number]; None if they are always the first ones."""
        if all(rows is None for rows in self._rows):
            return None
        first = np.arange(self.number)
        return np.stack([first if rows is None else as_array(rows) for rows in self._rows])

    def examples(
        self, complete: Callable[[Arrays], Arrays], white: int, class_names: tuple[str, ...]
    ) -> Examples | None:
        """Return the values, which `complete` makes of the stacked ones; None if there are none."""
        if not self._values:
            return None
        arrays = complete({name: stack(values) for name, values in self._values.items()})
        return Examples(**arrays, white=white, class_names=class_names)
