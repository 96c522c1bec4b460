"""Paths as users write them."""

from contextlib import suppress
from pathlib import Path


def user_path(text: str | Path) -> Path:
    """Return a path, with the home folder in the place of a tilde at its beginning.

    Shells leave the tilde in ``--out=~/a.gif``. A tilde before the name of no user of this machine is left too, and
    ``./~`` is a folder of that name.
    """
    path = Path(text)
    if str(path).startswith("~") and not str(text).startswith("~"):  # a Path does not keep the dot
        return path.absolute()
    with suppress(RuntimeError):
        path = path.expanduser()
    return path


def files_in(folder: Path, suffix: str) -> list[Path]:
    """Return the files in a folder with this suffix, in lower or upper case, by name.

    Files that begin with a dot are left out: systems put them beside others, such as ``._a.npz``.
    """
    found = (path for path in folder.iterdir() if path.suffix.lower() == suffix and not path.name.startswith("."))
    return sorted(path for path in found if path.is_file())


def checkpoint_of(path: Path) -> Path:
    """Return the path of the checkpoint beside a recording."""
    return path.with_suffix(".checkpoint")
