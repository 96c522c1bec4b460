"""The note of an exercise: question, picture, answer, caveat and command, as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from dropviz._util.text import escape_markdown, replace_unsafe
from dropviz.analysis.answers import Answer, capitalized
from dropviz.analysis.captions import MAX_ARMS, arm_names, facts, sentences
from dropviz.analysis.comparison import Comparison
from dropviz.publish.exercises.exercises import Exercise
from dropviz.style.labels import Labels

CHAPTER = "[Dive into Deep Learning, 5.6](https://d2l.ai/chapter_multilayer-perceptrons/dropout.html)"


@dataclass(frozen=True)
class Note:
    """The note of an exercise.

    embed    snippet that embeds the picture
    answer   sentences of the answer
    options  options of the commands, such as "--seeds 2"; "" if there are none
    """

    exercise: Exercise
    embed: str
    answer: str
    options: str
    labels: Labels

    def text(self) -> str:
        """Return the note as CommonMark, or as Obsidian's Markdown if the snippet is."""
        number, labels = self.exercise.number, self.labels
        question = labels(f"question {self.exercise.exhibit}")
        title = escape_markdown(labels("exercise title", number=number, question=question))
        command = f"dropviz animate {self.exercise.exhibit}{self.options}"
        caveat = escape_markdown(labels(f"exercise {number} caveat"))
        written = f"`{signature(self.exercise)}{self.options}`"
        parts = [
            f"# {title}",
            escape_markdown(labels(f"exercise {number}")),
            self.embed,
            f"**{labels('exercise answer')}** {escape_markdown(replace_unsafe(self.answer))}",
            f"**{labels('exercise caveat')}** {caveat}",
            f"{labels('exercise drawn')}\n\n```sh\n{command}\n```",
            labels("exercise source", number=number, chapter=CHAPTER, command=written),
        ]
        return "\n\n".join(parts) + "\n"


def signature(exercise: Exercise) -> str:
    """Return the words that each note of an exercise holds, whatever its language and its options."""
    return f"dropviz exercise {exercise.number}"


def answer_words(exercise: Exercise, answers: Sequence[Answer], comparison: Comparison, labels: Labels) -> str:
    """Return the answer in three sentences: a headline, its evidence or a second answer, and what was compared."""
    first = answers[exercise.shown.answer or 0]
    second = first.evidence if exercise.second is None else answers[exercise.second].words(labels)
    settings = facts(comparison.experiment, comparison.arms[0].seeds, labels, bands=False)
    count = len(comparison.arms)
    arms = arm_names(comparison, labels) if count <= MAX_ARMS else labels("exercise settings", count=count)
    compared = labels("exercise passes" if count == 1 else "exercise compared", arms=arms, facts=settings)
    return sentences([first.headline, capitalized(second, labels), compared], labels)
