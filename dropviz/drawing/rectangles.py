"""Division of a small image into rectangles of one colour, as vectors need it."""

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]


def to_rectangles(pixels: NDArray[np.uint8]) -> dict[str, list[Box]]:
    """Return rectangles (left, top, width, height) by colour, as #rrggbb or #rrggbbaa, of uint8 [height, width, 4].

    If all pixels are opaque, the first rectangle is the whole image in its most frequent colour. Equal rows and equal
    columns are merged: an enlarged image has as many cells as the original.
    """
    ys, xs = _starts(pixels), _starts(pixels.swapaxes(0, 1))
    heights, cells = np.diff(ys, append=pixels.shape[0]), pixels[ys][:, xs]
    values, counts = np.unique(cells.reshape(-1, 4), axis=0, return_counts=True)
    result: dict[str, list[Box]] = {}
    background = None
    if (values[:, 3] == 255).all():
        background = values[counts.argmax()]
        result[_hex(background)] = [(0, 0, pixels.shape[1], pixels.shape[0])]
    for y, height, row in zip(ys, heights, cells, strict=True):
        runs = _starts(row)
        ends = np.append(xs[runs[1:]], pixels.shape[1])
        for left, right, color in zip(xs[runs], ends, row[runs], strict=True):
            if color[3] and not (background is not None and np.array_equal(color, background)):
                result.setdefault(_hex(color), []).append((int(left), int(y), int(right - left), int(height)))
    return result


def _starts(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the indices of the rows that differ from the row before, the first row included."""
    differs = (rows[1:] != rows[:-1]).any(axis=tuple(range(1, rows.ndim)))
    return np.concatenate([[0], np.flatnonzero(differs) + 1])


def _hex(color: NDArray[np.uint8]) -> str:
    return "#" + color[: 3 if color[3] == 255 else 4].tobytes().hex()
