"""The sample of units whose weights are recorded: all weights of all iterations would be too many."""

SHOWN = 10


def sample_units(units: int, count: int = SHOWN) -> tuple[int, ...]:
    """Return the units of a layer whose weights are recorded: all up to `count`, else the first and the last half.

    >>> sample_units(4)
    (0, 1, 2, 3)
    >>> sample_units(256, count=4)
    (0, 1, 254, 255)
    """
    if units <= count:
        return tuple(range(units))
    half = count // 2
    return (*range(half), *range(units - half, units))
