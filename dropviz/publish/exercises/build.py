"""The function `exercise`: trains, draws and writes the note of an exercise."""

from collections.abc import Callable
from pathlib import Path

from dropviz._util.files import check_writable, replace_whole
from dropviz._util.paths import user_path
from dropviz._util.text import collapse_whitespace
from dropviz._util.text_files import read_text
from dropviz.errors import OutputError, UsageError
from dropviz.experiments.presets import choose_experiment
from dropviz.publish.embedding.picture import Picture
from dropviz.publish.embedding.snippets import SNIPPETS
from dropviz.publish.exercises.exercises import Exercise, find_exercise
from dropviz.publish.exercises.note import Note, answer_words, signature
from dropviz.publish.exercises.vault import attachments_folder
from dropviz.publish.gallery.build import answers_of
from dropviz.rendering.pipeline import write
from dropviz.rendering.request import pick, request_animation
from dropviz.rendering.source import ChartSource
from dropviz.rendering.targets import find_target
from dropviz.training.idx_files import data_folder
from dropviz.training.runs import RECORDINGS, load_all, paths_of, train_missing

FOLDER = Path("out/exercises")
WIDTH = 640  # of the picture in a note, in pixels


def exercise(
    number: int,
    *,
    out: str | Path | None = None,
    vault: str | Path | None = None,
    recordings: str | Path = RECORDINGS,
    lang: str = "en",
    size: tuple[int, int] | None = None,
    seeds: int | None = None,
    data_dir: str | Path | None = None,
    device: str = "auto",
    jobs: int | None = None,
    callback: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Path]:
    """Answer an exercise of the chapter on dropout in a Markdown note; return the paths of note and picture.

    The note has the question, the animation, an answer in three sentences made of recorded values, a caveat, and the
    command that draws the animation. Missing recordings are trained. Both files are replaced whole or not at all.

    number      number of the exercise, from 1 to 7
    out         folder of note and picture; out/exercises if not given
    vault       folder of an Obsidian vault instead: the note lies at its top, the picture in its folder of attachments
    recordings  folder of the recordings
    lang        language of the words, "en" or "zh"
    size        width and height in pixels, each from 160 to 8,192; 1280x720 if not given
    seeds       number of seeds, from 1, instead of those of the experiment
    data_dir    folder of the IDX files of the data sets; the usual places if not given
    device      "auto", "cpu", "cuda", "cuda:0", "mps" or "xpu"
    jobs        number of runs trained at the same time, from 1; one for each core if not given
    callback    called after each frame with 1 and the total number of frames

    Raises UsageError if an argument is out of range, and OutputError if there is no such vault, or if a note of that
    name is there that no exercise wrote.

    >>> import dropviz
    >>> [path.name for path in dropviz.exercise(6, seeds=1, size=(320, 180), jobs=1)]
    ['dropout-exercise-6.md', 'dropout-exercise-6.gif']
    """
    asked = find_exercise(number)
    if vault is not None and out is not None:
        raise UsageError("a vault and a folder: name one of them")
    folder = user_path((FOLDER if out is None else out) if vault is None else vault)
    note = folder / f"dropout-exercise-{number}.md"
    inside = Path() if vault is None else attachments_folder(folder)
    place = inside / f"dropout-exercise-{number}.gif"  # relative to the note
    _check_note(note, asked)
    target = "github" if vault is None else "obsidian"
    exhibit = asked.shown
    experiment = choose_experiment(exhibit.experiment, seeds)
    data = data_folder(data_dir, [experiment])
    request = request_animation(
        exhibit.chart,
        compare=exhibit.compare,
        target=target,
        out=folder / place,
        lang=lang,
        size=size,
        still=False,
        alt_file=False,
    )
    labels = request.output.options.labels
    labels.find_fonts()
    check_writable(folder / place)
    runs = paths_of(experiment, experiment.select_arms(compare=exhibit.compare), user_path(recordings))
    train_missing(experiment, runs, data, device, jobs)
    comparison = pick(load_all([*runs.values()]), request.compare, exhibit.chart)
    animation = write(request.output, ChartSource(comparison, exhibit.chart), callback)
    picture = Picture(place.as_posix(), collapse_whitespace(animation.alt), WIDTH)
    answer = answer_words(asked, answers_of(exhibit, comparison, labels), comparison, labels)
    options = (f" --seeds {seeds}" if seeds else "") + (f" --lang {lang}" if lang != "en" else "")
    words = Note(asked, SNIPPETS[find_target(target).snippet](picture), answer, options, labels)
    with replace_whole(note) as file:
        file.write(words.text().encode(errors="replace"))
    return [note, folder / place]


def _check_note(path: Path, asked: Exercise) -> None:
    """Raise OutputError if `path` cannot be written, or is a note that the exercise did not write."""
    check_writable(path)
    try:
        text = read_text(path, errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror}; move it") from error
    if signature(asked) not in text:
        raise OutputError(f"cannot write {path}: it is a note of your own; move it, or choose another folder")
