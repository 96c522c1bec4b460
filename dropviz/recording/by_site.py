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
        self._sites = {layer.name: layer.site for layer in layers if layer.site}
        super().__init__({self._sites.get(name, name): value for name, value in values.items()})

    def __missing__(self, name: str) -> V:
        if self._sites.get(name, name) == name:
            raise KeyError(name)
        return self[self._sites[name]]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or super().__contains__(self._sites.get(str(name)))

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a site or layer; `default` if there is none."""
        return self[name] if name in self else default  # noqa: SIM401  # dict.get knows no layers
