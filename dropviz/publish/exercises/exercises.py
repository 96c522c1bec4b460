"""The exercises by number. The labels `exercise N` and `exercise N caveat` are question and caveat of a note."""

from typing import NamedTuple

from dropviz.errors import UsageError
from dropviz.publish.gallery.exhibits import EXHIBITS, Exhibit


class Exercise(NamedTuple):
    """An exercise of the chapter.

    number   its number in the chapter, from 1
    about    its subject, in one line
    exhibit  name of the exhibit that answers it
    second   number of the answer, from 0, that is the second sentence; None for the evidence of the first
    """

    number: int
    about: str
    exhibit: str
    second: int | None = None

    @property
    def shown(self) -> Exhibit:
        """The exhibit that answers it."""
        return EXHIBITS[self.exhibit]


EXERCISES = {
    each.number: each
    for each in (
        Exercise(1, "the two drop probabilities swapped", "swap"),
        Exercise(2, "many more epochs, with dropout and without", "epochs"),
        Exercise(3, "variance of the activations of a hidden layer", "variance", second=1),
        Exercise(4, "dropout at test time", "test-time-masks"),
        Exercise(5, "dropout, weight decay, and both", "interaction"),
        Exercise(6, "weights dropped instead of units", "dropconnect"),
        Exercise(7, "another noise than dropout", "noises"),
    )
}


def find_exercise(number: int) -> Exercise:
    """Return the exercise of that number. Raises UsageError if there is none."""
    if number not in EXERCISES:
        raise UsageError(f"exercise is {number}: must be from {min(EXERCISES)} to {max(EXERCISES)}")
    return EXERCISES[number]
