"""Exhibits of the gallery. A new one is one line here and two labels in each language.

The label `question NAME` is its question, `claim NAME` the claim; the chart answers it from recordings.
"""

from dataclasses import dataclass, replace

from dropviz.experiments.presets import FULL, PRESETS

PAPER = "Srivastava et al. 2014"
BISHOP = "Bishop 1995"
CHAPTER = "Dive into Deep Learning, 5.6"
MISTAKE = "a common mistake in notes and posts on dropout"


@dataclass(frozen=True)
class Exhibit:
    """One picture, and the claim that it checks.

    chart    chart of the recordings of the preset `experiment`
    source   source of the claim
    compare  draw all arms; otherwise the first arm with noise, unless the chart always draws all
    answer   number of the answer, from 0, that the claim is about; all answers if None
    judge    chart whose answers these are; `chart` if empty
    """

    name: str
    chart: str
    experiment: str
    source: str
    compare: bool = True
    answer: int | None = None
    judge: str = ""


LECTURER, STUDENT = "lecturer", "student"

EXHIBITS = {
    each.name: each
    for each in (
        Exhibit("accuracy", "accuracy", "digits", f"{PAPER}, section 6.1"),
        Exhibit("network", "network", "digits", f"{PAPER}, figure 1", judge="subnetworks"),
        Exhibit("story", "story", "story", f"{PAPER}, figures 1 and 4"),
        Exhibit("gate", "gate", "gate", f"{PAPER}, figures 2 and 3", compare=False),
        Exhibit("expectation", "expectation", "expectation", f"{PAPER}, section 10", compare=False),
        Exhibit("subnetworks", "subnetworks", "digits", f"{PAPER}, section 1", compare=False),
        Exhibit("own-layer", "own-layer", "own-layer", f"{CHAPTER}, implementation from scratch"),
        Exhibit("architectures", "architectures", "architectures", f"{PAPER}, figure 4"),
        Exhibit("features", "features", "features", f"{PAPER}, figure 7"),
        Exhibit("sparsity", "sparsity", "sparsity", f"{PAPER}, figure 8"),
        Exhibit("rates", "rates", "rates", f"{PAPER}, figure 9"),
        Exhibit("data-size", "data-size", "data-size", f"{PAPER}, figure 10"),
        Exhibit("monte-carlo", "monte-carlo", "monte-carlo", f"{PAPER}, figure 11", compare=False, answer=1),
        Exhibit("regularizers", "regularizers", "regularizers", f"{PAPER}, table 9"),
        Exhibit("swap", "accuracy", "swap", f"{CHAPTER}, exercise 1"),
        Exhibit("epochs", "epochs", "epochs", f"{CHAPTER}, exercise 2", answer=0),
        Exhibit("variance", "variance", "variance", f"{CHAPTER}, exercise 3"),
        Exhibit("test-time-masks", "monte-carlo", "monte-carlo", f"{CHAPTER}, exercise 4", compare=False, answer=0),
        Exhibit("interaction", "interaction", "interaction", f"{CHAPTER}, exercise 5", answer=0),
        Exhibit("dropconnect", "story", "dropconnect", f"{CHAPTER}, exercise 6"),
        Exhibit("gaussian", "story", "gaussian", f"{PAPER}, section 10"),
        Exhibit("noises", "noises", "noises", f"{CHAPTER}, exercise 7", answer=0),
        Exhibit("schedules", "schedules", "schedules", "Liu et al. 2023", answer=0),
        Exhibit("penalties", "regularizers", "penalties", f"{CHAPTER}, exercises 5 and 7"),
        Exhibit("tikhonov", "tikhonov", "tikhonov", BISHOP),
        Exhibit("pitfall-randn", "pitfall", "pitfall-randn", MISTAKE, answer=0),
        Exhibit("pitfall-unscaled", "pitfall", "pitfall-unscaled", MISTAKE, answer=0),
        Exhibit("pitfall-always-on", "pitfall", "pitfall-always-on", MISTAKE, answer=0),
        Exhibit("pitfall-unscaled-inputs", "pitfall", "pitfall-unscaled-inputs", MISTAKE, answer=0),
        Exhibit("pitfall-zero", "pitfall", "pitfall-zero", MISTAKE, answer=0),
        Exhibit("pitfall-mean-twice", "pitfall", "pitfall-mean-twice", MISTAKE, answer=0),
        Exhibit("pitfall-relu-zeros", "pitfall", "pitfall-relu-zeros", MISTAKE, answer=0),
    )
}


def find_exhibit(name: str) -> Exhibit | None:
    """Return the exhibit that `name`, of an exhibit or of a preset, stands for; None if it is no such name.

    A preset of full size is drawn as its exhibit is. A preset without an exhibit has the curves of all its arms.
    """
    if name in EXHIBITS:
        return EXHIBITS[name]
    if name not in PRESETS:
        return None
    small = EXHIBITS.get(name.removesuffix(FULL))
    return replace(small, name=name, experiment=name) if small else Exhibit(name, "accuracy", name, "")


# In a lecture: what dropout is, what comes of it, why, how much of it, what else there is, and mistakes.
_LECTURE = (
    *("network", "story", "gate", "expectation", "accuracy", "architectures", "epochs", "subnetworks", "monte-carlo"),
    *("sparsity", "features", "variance", "tikhonov", "rates", "data-size", "swap", "interaction", "regularizers"),
    *("penalties", "gaussian", "dropconnect", "noises", "schedules", "test-time-masks", "own-layer"),
)
# In the order of the chapter: what dropout is for, how it is built, its exercises 1 to 7, and more of the paper.
_CHAPTER = (
    *("story", "accuracy", "network", "gate", "expectation", "own-layer", "swap", "epochs", "variance"),
    *("test-time-masks", "interaction", "penalties", "dropconnect", "noises", "rates", "data-size", "architectures"),
    *("subnetworks", "monte-carlo", "sparsity", "features", "regularizers", "gaussian", "schedules", "tikhonov"),
)
_PITFALLS = [name for name in EXHIBITS if name.startswith("pitfall")]
ORDERS = {LECTURER: (*_LECTURE, *_PITFALLS), STUDENT: (*_CHAPTER, *_PITFALLS)}
