"""Notes of the chapter's exercises: question, picture, answer, caveat and command, in a folder or in a vault."""

import json
import re

import pytest
from conftest import need_chinese_font, shrunk

from dropviz.analysis.comparison import gather
from dropviz.charts import find_chart
from dropviz.cli.animate import _split_arguments
from dropviz.errors import OutputError
from dropviz.experiments.presets import PRESETS
from dropviz.publish.exercises.exercises import EXERCISES
from dropviz.publish.exercises.note import answer_words
from dropviz.publish.exercises.vault import attachments_folder
from dropviz.publish.gallery.build import answers_of
from dropviz.style.labels import Labels

SMALL = ("--size", "320x180", "--jobs", "1")


@pytest.fixture
def folder(run, train_once, monkeypatch, tmp_path):
    """A folder with small recordings of exercise 5, whose command is to train nothing."""
    small = shrunk(PRESETS["interaction"])
    monkeypatch.setitem(PRESETS, "interaction", small)
    monkeypatch.setattr("dropviz.training.runs._train", lambda *_: pytest.fail("trained again"))
    for each in train_once(small):
        each.save(tmp_path / "out/recordings" / small.run_name(small.arm(each.arm), each.seed))
    return tmp_path


@pytest.mark.parametrize("number", EXERCISES)
def test_each_exercise_has_its_exhibit(number, train_once):
    """Its exhibit is that of the chapter's exercise, its command draws it, and it has three sentences to say."""
    asked = EXERCISES[number]
    exhibit = asked.shown
    assert exhibit.source == f"Dive into Deep Learning, 5.6, exercise {number}"
    named, chart, _paths = _split_arguments((exhibit.name,))
    assert named == exhibit or (chart == exhibit.chart and find_chart(chart).experiment == exhibit.experiment)
    experiment = shrunk(PRESETS[exhibit.experiment])
    arms = {arm.name for arm in experiment.select_arms(compare=exhibit.compare)}
    comparison, labels = gather([each for each in train_once(experiment) if each.arm in arms]), Labels("en")
    answers = answers_of(exhibit, comparison, labels)
    words = answer_words(asked, answers, comparison, labels)
    assert words.startswith(answers[exhibit.answer or 0].headline)
    assert (answers[1].headline if number == 3 else answers[exhibit.answer or 0].evidence)[1:] in words
    assert len(words.split(". ")) == 3
    assert "2 seeds" in words


def test_a_note(run, folder):
    """The note has everything, embeds the picture beside it, and its command draws the same picture."""
    done = run("exercise", 5, *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    note, picture = (folder / line for line in done.stdout.splitlines())
    text, labels = note.read_text(), Labels("en")
    assert text.startswith("# Exercise 5: Do the gains of dropout and weight decay add up?\n")
    assert labels("exercise 5") in text
    assert labels("exercise 5 caveat") in text
    assert (note.parent / re.search(r"!\[.+\]\((.+)\)", text)[1]) == picture
    command = re.search(r"```sh\ndropviz (.+)\n```", text)[1]
    assert run(*command.split(), "--size", "320x180", "-o", "again.gif").returncode == 0
    assert (folder / "again.gif").read_bytes() == picture.read_bytes()
    for encoding in ("utf-16", "cp1252"):  # it may replace its own note, whatever editor wrote it again
        note.write_text(text, encoding, errors="replace")
        assert run("exercise", 5, *SMALL).returncode == 0
        assert note.read_text("utf-8") == text


def test_a_note_in_a_vault(run, folder):
    """The picture lies where Obsidian keeps attachments, and the embed names it from the top of the vault."""
    need_chinese_font()
    settings = folder / "my vault/.obsidian/app.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"attachmentFolderPath": "media"}))
    done = run("exercise", 5, *SMALL, "--vault", "my vault", "--lang", "zh")
    assert done.stdout.splitlines() == ["my vault/dropout-exercise-5.md", "my vault/media/dropout-exercise-5.gif"]
    text = (folder / "my vault/dropout-exercise-5.md").read_text("utf-8")
    assert re.search(r"^!\[\[media/dropout-exercise-5\.gif\|[^|\]]+\|640\]\]$", text, re.MULTILINE)
    assert Labels("zh")("exercise 5 caveat") in text
    assert "dropviz animate interaction --lang zh" in text
    assert sorted(path.name for path in (folder / "my vault").rglob("*.*")) == [
        ".obsidian",
        "app.json",
        "dropout-exercise-5.gif",
        "dropout-exercise-5.md",
    ]


@pytest.mark.parametrize(
    ("settings", "folder"),
    [
        (None, "attachments"),
        ("{broken", "attachments"),
        ("[]", "attachments"),
        ('{"attachmentFolderPath": ""}', "attachments"),
        ('{"attachmentFolderPath": "/"}', "."),
        ('{"attachmentFolderPath": "./"}', "."),
        ('{"attachmentFolderPath": "./pics"}', "pics"),
        ('{"attachmentFolderPath": "a/b"}', "a/b"),
    ],
)
def test_where_a_vault_keeps_attachments(tmp_path, settings, folder):
    """Obsidian's setting of each form; "attachments" where there is none that can be read."""
    (tmp_path / ".obsidian").mkdir()
    if settings is not None:
        (tmp_path / ".obsidian/app.json").write_text(settings)
    assert attachments_folder(tmp_path).as_posix() == folder


def test_no_file_outside_of_the_vault(tmp_path):
    """A setting that points out of it is refused."""
    (tmp_path / ".obsidian").mkdir()
    (tmp_path / ".obsidian/app.json").write_text('{"attachmentFolderPath": "../../etc"}')
    with pytest.raises(OutputError, match="are outside of it"):
        attachments_folder(tmp_path)


def test_what_is_refused_before_any_training(run, tmp_path):
    """A note of one's own stays as it is; no vault, two folders and no such exercise get a line."""
    (tmp_path / "mine").mkdir()
    note = tmp_path / "mine/dropout-exercise-5.md"
    note.write_text("my own")
    for args, status, words in (
        (["5", "-o", "mine"], 1, "it is a note of your own; move it"),
        (["5", "--vault", "none"], 1, "no vault at none"),
        (["5", "--vault", "mine", "-o", "mine"], 2, "a vault and a folder: name one of them"),
        (["8"], 2, "8 is not in the range 1<=x<=7"),
    ):
        done = run("exercise", *args)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
        assert words in done.stderr
    assert note.read_text() == "my own"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["dropout-exercise-5.md", "mine"]


def test_exercises_are_listed(run):
    """A line each, with the exhibit."""
    lines = run("list", "exercises").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list("1234567")
    assert lines[4] == "5  dropout, weight decay, and both; interaction"
