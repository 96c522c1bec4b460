"""Verification of sites: whether what was recorded explains the outputs of the model."""

from dataclasses import dataclass

from dropviz.recording.parts import Site

BOUND = 4.0  # units of rounding: a product, a quotient and a sum, each rounded once


@dataclass(frozen=True)
class Verification:
    """Comparison of the outputs at a site with what its input, its mask and its scale give.

    site  the site, with the counts of the comparison

    >>> print(Verification(Site("drop", kind="units", compared=80)))
    drop: all 80 elements of its output are input x mask x scale
    """

    site: Site

    @property
    def result(self) -> str:
        """Result: "equal"; "rounded", within BOUND units of rounding; "different"; or "not compared"."""
        if not self.site.compared:
            return "not compared"
        if not self.site.unequal:
            return "equal"
        return "rounded" if self.site.error <= BOUND else "different"

    def __str__(self) -> str:
        site, factor = self.site, "noise" if self.site.kind in ("additive", "multiplicative") else "mask x scale"
        terms = f"input {'+' if site.kind == 'additive' else 'x'} {factor}"
        if self.result == "not compared":
            return f"{site.name}: its output was not compared, for noise of this kind ({site.kind}) has no formula"
        if self.result == "equal":
            return f"{site.name}: all {site.compared:,} elements of its output are {terms}"
        words = f"{site.name}: {site.unequal:,} of {site.compared:,} elements of its output differ from {terms}"
        bound = f", more than the {BOUND:g} of rounding" if self.result == "different" else ", which is rounding"
        return f"{words}, by up to {site.error:.3g} units in the last place of the largest{bound}"
