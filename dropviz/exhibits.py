"""The gallery as data: which picture checks which claim. A new one is one line here, and two labels in each language.

`exhibit NAME` is its question, `claim NAME` what is commonly said; whether it holds, the chart answers from recordings.
"""

from dataclasses import dataclass

PAPER = "Srivastava et al. 2014"
CHAPTER = "Dive into Deep Learning, 5.6"


@dataclass(frozen=True)
class Exhibit:
    """One picture: a `chart` of the recordings of the preset `experiment`; `source` is where the claim stands.

    Without `compare` it is of the first arm with noise alone, unless its chart always draws all.
    """

    name: str
    chart: str
    experiment: str
    source: str
    compare: bool = True


EXHIBITS = {
    each.name: each
    for each in (
        Exhibit("accuracy", "accuracy", "digits", f"{PAPER}, section 6.1"),
        Exhibit("network", "network", "digits", f"{PAPER}, figure 1"),
        Exhibit("features", "features", "features", f"{PAPER}, figure 7"),
        Exhibit("sparsity", "sparsity", "sparsity", f"{PAPER}, figure 8"),
        Exhibit("variance", "variance", "variance", f"{CHAPTER}, exercise 3"),
        Exhibit("regularizers", "regularizers", "regularizers", f"{PAPER}, table 9"),
        Exhibit("penalties", "regularizers", "penalties", f"{CHAPTER}, exercises 5 and 7"),
        Exhibit("interaction", "interaction", "interaction", f"{CHAPTER}, exercise 5"),
        Exhibit("monte-carlo", "monte-carlo", "monte-carlo", f"{PAPER}, figure 11", compare=False),
        Exhibit("test-time masks", "monte-carlo", "monte-carlo", f"{CHAPTER}, exercise 4", compare=False),
        Exhibit("rates", "rates", "rates", f"{PAPER}, figure 9"),
        Exhibit("data-size", "data-size", "data-size", f"{PAPER}, figure 10"),
        Exhibit("architectures", "architectures", "architectures", f"{PAPER}, figure 4"),
        Exhibit("swap", "accuracy", "swap", f"{CHAPTER}, exercise 1"),
        Exhibit("epochs", "epochs", "epochs", f"{CHAPTER}, exercise 2"),
    )
}
