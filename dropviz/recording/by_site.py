"""Values by the name of a site, which can be read by the name of the layer that the site acts on, too."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from dropviz.recording.parts import Layer

V = TypeVar("V")


class BySite(dict[str, V]):
    """Values by the names of sites. `values["hidden 1"]` is the value of the site that acts on that layer.

    >>> rates = BySite({"drop": 0.5}, [Layer("hidden 1", 8, "hidden", site="drop")])
    >>> rates["hidden 1"], "hidden 1" in rates, list(rates)
    (0.5, True, ['drop'])
    """

    def __init__(self, values: Mapping[str, V], layers: Iterable[Layer]) -> None:
        super().__init__(values)
        self._sites = {layer.name: layer.site for layer in layers if layer.site in values}

    def __missing__(self, name: str) -> V:
        return dict.__getitem__(self, self._sites.get(name, name))

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._sites

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a site or layer; `default` if there is none."""
        return self[name] if name in self else default
