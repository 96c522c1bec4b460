"""Paths as users write them."""

from contextlib import suppress
from pathlib import Path


def user_path(text: str | Path) -> Path:
    """Return a path, with the home folder in the place of a tilde at its beginning.

    Shells leave the tilde in ``--out=~/a.gif``. A tilde before the name of no user of this machine is left too.
    """
    path = Path(text)
    with suppress(RuntimeError):
        path = path.expanduser()
    return path
