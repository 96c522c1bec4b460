"""The fuzz targets by name."""

from pathlib import Path

import dropviz

from .charts import chart_target

TARGETS = {"charts": "odd recordings, drawn"}


def make_target(name: str, folder: str | None = None):
    """Return a function of a random generator that makes an input and hands it to what is tested."""
    if name == "charts":
        return chart_target([dropviz.load(path) for path in sorted(Path(folder).rglob("*.npz"))])
    raise KeyError(name)
