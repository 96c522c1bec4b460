"""The command line as users run it: its output, exit status, and files; in a process where that matters."""

import importlib.metadata
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from decoding import blocks

import dropviz
from dropviz.charts import CHARTS
from dropviz.cli import COMMANDS
from dropviz.encoders import ENCODERS
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import FULL, PRESETS
from dropviz.style.theme import THEMES

SAMPLE_ARM = "dropout-1.npz"
QUICK = """
name = "quick"
train_size = 120
hidden = [8]
batch_size = 40
epochs = 2
snapshot_every = 2
recorded_iterations = 4
seeds = [1, 2]
[[arms]]
name = "no dropout"
[[arms]]
name = "dropout"
drop_prob = 0.5
"""


LONG = QUICK.replace("epochs = 2", "epochs = 400").replace("recorded_iterations = 4", "recorded_iterations = 0")


@pytest.fixture
def quick(tmp_path) -> Path:
    """A file with an experiment that trains in no time."""
    path = tmp_path / "quick.toml"
    path.write_text(QUICK)
    return path


@pytest.fixture
def record(quick, train_once):
    """Return a function that puts recordings of the quick experiment into a folder, trained in this process."""

    def record(folder, arms=("no dropout", "dropout"), seeds=(1, 2)):
        experiment = Experiment.from_toml(QUICK)
        runs = [each for each in train_once(experiment) if each.arm in arms and each.seed in seeds]
        experiment = experiment.replace(seeds=seeds)
        paths = [folder / experiment.run_name(experiment.arm(each.arm), each.seed) for each in runs]
        for each, path in zip(runs, paths, strict=True):
            each.save(path)
        return paths

    return record


def start(folder, *args):
    """Begin a process of dropviz in a folder, and wait until it has trained a first run."""
    command = [sys.executable, "-m", "dropviz", *map(str, args)]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 240
    while not list(folder.glob("out/recordings/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def one_line(result, status):
    """The only line on stderr of a run that failed with `status`; nothing may be on stdout."""
    assert result.returncode == status, result.stderr
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("dropviz: ")
    return lines[0]


def test_animate_compare_trains_records_and_draws(quick, tmp_path):
    """From nothing to a GIF: what is missing is trained and kept; stdout is the path alone, a terminal has a bar."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "dropviz", "animate", "--compare", "--experiment", str(quick), "--jobs", "1"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=follower, text=True) as process:
        out = process.stdout.read()
    os.close(follower)
    shown = os.read(leader, 1 << 20).decode()
    os.close(leader)
    assert process.returncode == 0, shown
    assert out == "out/accuracy-quick-compare.gif\n"
    assert blocks(tmp_path / "out/accuracy-quick-compare.gif").size == (1280, 720)
    assert len(list((tmp_path / "out/recordings").glob("quick-*.npz"))) == 4
    for words in ("training 4 runs, ", " iterations", "drawing", "100%"):
        assert words in shown


def test_second_animate_only_renders(run_process, quick, record, tmp_path):
    """With recordings on disk nothing is trained again, and neither torch nor pyplot is imported."""
    before = {path: path.stat().st_mtime_ns for path in record(tmp_path / "out/recordings")}
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    options = ("--size", "320x180", "--frames", "2")
    result = run_process("animate", "network", "--compare", "--experiment", quick, *options, env=environment)
    assert result.returncode == 0, result.stderr
    imported = {
        line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if line.startswith("import time:")
    }
    assert "matplotlib.figure" in imported
    assert not imported & {"torch", "torchvision", "matplotlib.pyplot", "sklearn"}
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out/recordings").iterdir()}


def test_without_compare_the_dropout_arm_is_enough(run, quick, record, tmp_path):
    """`dropviz animate network` needs no run without dropout, and trains none."""
    paths = record(tmp_path / "out/recordings", arms=("dropout",))
    result = run("animate", "network", "--experiment", quick, "--frames", "2", "--size", "320x180")
    assert result.stdout == "out/network-quick.gif\n", result.stderr
    assert sorted((tmp_path / "out/recordings").iterdir()) == sorted(paths)


def test_train_prints_one_path_a_line_and_does_not_train_twice(run, quick, record, tmp_path):
    """stdout lists the recordings; only --again trains what is there again, to equal bytes."""
    kept = record(tmp_path / "here")
    data = [path.read_bytes() for path in kept]
    stamps = [path.stat().st_mtime_ns for path in kept]
    first = run("train", "--experiment", quick, "-o", "here")
    paths = first.stdout.splitlines()
    assert [tmp_path / path for path in paths] == kept
    assert all(path.startswith("here/") for path in paths)
    assert [path.stat().st_mtime_ns for path in kept] == stamps
    again = run("train", "--experiment", quick, "-o", "here", "--again", "--jobs", "1")
    assert again.stdout == first.stdout, again.stderr
    assert all(path.stat().st_mtime_ns > stamp for path, stamp in zip(kept, stamps, strict=True))
    assert [path.read_bytes() for path in kept] == data


def test_runs_that_diverged_are_named(run, quick):
    """`train` and `sweep` close with a line on them, `inspect` has the iteration."""
    words = "diverged: {}'dropout{}', {}from iteration 2 on: lower learning_rate\n"
    rate = ("--learning-rate", "1000", "--jobs", "1")
    trained = run("train", "--experiment", quick, *rate)
    assert trained.stderr == words.format("'no dropout', 2 of 2 seeds, from iteration 2 on; ", "", "2 of 2 seeds, ")
    swept = run("sweep", quick, "--vary", "drop_prob=0.5", "--seeds", "1", *rate)
    assert swept.stderr == words.format("", " 0.5", "1 of 1 seeds, ")
    path = swept.stdout.strip()
    assert json.loads(run("inspect", path, "--json").stdout)["diverged_from"] == 2
    assert "\ndiverged_from        2\n" in run("inspect", path).stdout


def test_overrides_make_another_experiment(run, quick, record, tmp_path):
    """A changed setting is trained into recordings of its own, which hold it."""
    record(tmp_path / "out/recordings", seeds=(1,))
    changes = ("--hidden", "6,5", "--label-noise", "0.25")
    result = run("train", "--experiment", quick, "--seeds", "1", *changes, "--jobs", "1")
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == "", "no progress bar outside of a terminal"
    found = [json.loads(run("inspect", path, "--json").stdout) for path in (tmp_path / "out/recordings").iterdir()]
    assert sorted((each["experiment"]["hidden"], each["experiment"]["label_noise"]) for each in found) == [
        ([6, 5], 0.25),
        ([6, 5], 0.25),
        ([8], 0.0),
        ([8], 0.0),
    ]


def test_inspect_says_what_a_recording_holds(run, saved, noisy):
    """The summary is that of the recording, as words and as one JSON object."""
    words = run("inspect", saved / SAMPLE_ARM).stdout
    assert re.search(r"hidden 2 +9 +0\.5 +0\.[45]", words)
    assert re.search(r"\n  6 +units +example 3 x unit 9 +0\.5 +0\.[45]\d+ +equal", words)
    data = json.loads(run("inspect", saved / SAMPLE_ARM, "--json").stdout)
    assert data["arm"] == "dropout"
    assert data["seed"] == 1
    assert data["last"]["test_accuracy"] == noisy.snapshots["test_accuracy"][-1]
    assert data["masks"] == {"iterations": 12, "first": 1, "last": 12, "examples": 3}


def test_list_fits_a_terminal_and_names_every_topic(run):
    """Without a name, `dropviz list` prints a table of the topics, with counts, in 24 lines of less than 80 letters."""
    lines = run("list").stdout.splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) < 80
    counts = {name: count for name, count, *_ in (line.split() for line in lines[: lines.index("")])}
    assert counts["charts"] == str(len(CHARTS))
    assert counts.keys() == json.loads(run("list", "--json").stdout).keys()


@pytest.mark.parametrize(
    ("topic", "names"), [("charts", CHARTS), ("experiments", PRESETS), ("themes", THEMES), ("formats", ENCODERS)]
)
def test_list_of_a_topic_names_its_entries(run, topic, names):
    """Each entry has a line; full-size experiments share one."""
    listed = [line.split()[0] for line in run("list", topic).stdout.splitlines()]
    assert [name for name in listed if name != f"NAME{FULL}"] == [name for name in names if not name.endswith(FULL)]
    assert list(json.loads(run("list", topic, "--json").stdout)["entries"]) == list(names)


def test_list_of_a_name_says_what_it_is_and_how_to_use_it(run):
    """A chart has its help, its needs and a command; of other topics with the name, a note tells on stderr."""
    chart = run("list", "charts", "gate")
    own = "such as 'gate', its own (5 runs, 1,500 iterations)"
    needs = f"recordings of an experiment {own}, with masks, with the probe 'gate'"
    assert f"needs    {needs}" in chart.stdout
    assert chart.stdout.splitlines()[-1] == "command  dropviz animate gate"
    gate = run("list", "gate")
    assert gate.stdout.startswith('name = "gate"\n')
    assert gate.stderr == "'gate' is also in charts, exhibits, probes: dropviz list charts gate\n"
    gif = json.loads(run("list", "gif", "--json").stdout)
    assert (gif["topic"], gif["name"], gif["help"]) == ("formats", ".gif", "animated GIF")
    assert json.loads(run("list", "dark", "--json").stdout)["settings"]["based_on"] == "dark"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["netwrk"], "dropviz: unknown name 'netwrk': similar are 'network', 'subnetworks'"),
        (["chart", "gate"], "dropviz: unknown topic 'chart': similar are 'charts'"),
        (["charts", "zzz"], "dropviz: unknown name in charts 'zzz': 'dropviz list' prints the topics"),
    ],
)
def test_list_of_an_unknown_name_offers_similar_ones(run, words, line):
    """One line, with the names that come close."""
    assert one_line(run("list", *words), 2) == line


def test_old_names_are_noted_once(run, quick):
    """Old fields of a file and old options work, and each is noted in one line on stderr."""
    quick.write_text(QUICK.replace("recorded_iterations", "kept_steps"))
    result = run("train", "--experiment", quick, "--followed-examples", "2", "--seeds", "1", "--jobs", "1")
    assert result.returncode == 0
    notes = result.stderr.splitlines()
    assert len(notes) == 2
    assert notes[0].startswith("dropviz: note: option --followed-examples is called '--tracked-examples' now")
    assert notes[1].startswith("dropviz: note: field 'kept_steps' of an experiment is called 'recorded_iterations' now")
    summary = json.loads(run("inspect", result.stdout.splitlines()[1], "--json").stdout)
    assert (summary["masks"]["iterations"], summary["masks"]["examples"]) == (4, 2)
    assert "followed" not in run("train", "--help").stdout


def test_listed_experiment_is_a_file_to_start_from(run, tmp_path):
    """`list NAME` prints TOML that gives the same experiment back."""
    text = run("list", "fashion-mnist").stdout
    (tmp_path / "mine.toml").write_text(text)
    assert run("list", "mine.toml").stdout == text
    assert "learning_rate = 0.5" in text


def test_help_teaches(run):
    """--help of the program and of each command says what it does, with an example where there are many options."""
    top = run("--help").stdout
    for name, words in COMMANDS.items():
        assert name in top
        text = run(name, "--help").stdout
        assert words.split()[0] in text
    assert all(chart in run("animate", "--help").stdout for chart in CHARTS)
    assert "dropviz animate --compare" in run("animate", "--help").stdout


def test_help_imports_nothing_heavy(run_process):
    """The help is there at once: of the large packages none is imported."""
    result = run_process("--help", env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {"torch", "matplotlib", "numpy", "PIL", "sklearn"}


BAD = [
    (["animate", "pie"], 2, "unknown chart 'pie': must be one of 'accuracy', 'network'"),
    (["animate", "--experiment", "nope"], 2, "unknown experiment 'nope': must be one of 'digits'"),
    (["animate", "--theme", "neon"], 2, "unknown theme 'neon': must be one of 'light', 'dark'"),
    (["animate", "-o", "a.foo"], 2, "unknown suffix '.foo': must be one of '.gif'"),
    (["animate", "--lang", "xx"], 2, "unknown language 'xx': must be one of 'en', 'zh'"),
    (["animate", "--device", "abacus"], 2, "unknown device 'abacus': must be 'auto', 'cpu'"),
    (["animate", "--size", "0x0"], 2, "size is 0x0: each side must be from 160 to 8,192"),
    (["animate", "--size", "100000x100000"], 2, "size is 100000x100000: each side must be"),
    (["animate", "--size", "big"], 2, "'big' is not a size: write width and height in pixels, like 1280x720"),
    (["animate", "--frames", "0"], 2, "frames is 0: must be from 1"),
    (["animate", "--loop", "-1"], 2, "loop is -1: must be from 0"),
    (["animate", "--hold", "nan"], 2, "hold is nan: must be from 0 to 600"),
    (["animate", "--seconds", "2"], 2, "seconds is 2: must be from 3 to 600"),
    (["animate", "--seconds", "nan"], 2, "seconds is nan: must be from 3 to 600"),
    (["animate", "--seconds", "6", "--hold", "5"], 2, "hold is 5: must be up to 4.7 of 6 seconds"),
    (["animate", "--seeds", "0"], 2, "0 is not in the range"),
    (["animate", "--bogus"], 2, "No such option"),
    (["pretend"], 2, "No such command"),
    (["animate", "missing.npz"], 1, "no recording at missing.npz: make one with 'dropviz train'"),
    (["inspect", "missing.npz"], 1, "no recording at missing.npz"),
    (["train", "--experiment", "missing.toml"], 1, "cannot read missing.toml: No such file"),
    (["train", "--train-size", "0"], 1, "train_size is 0: must be a whole number from 1"),
    (["train", "--batch-size", "2000"], 1, "batch_size is 2,000: must be at most the 1,000 training images"),
    (["train", "--label-noise", "1.5"], 1, "label_noise is 1.5: must be a number from 0 to 1"),
    (["train", "--optimizer", "magic"], 1, "optimizer is 'magic': must be one of 'sgd', 'adam'"),
    (["train", "--hidden", "a,b"], 1, "hidden is 'a,b': must be whole numbers with commas between"),
    (["train", "--device", "cuda:99"], 2, "device 'cuda:99' cannot be used here"),
]


def test_bad_input_gets_one_line_and_a_status(run, tmp_path):
    """Each mistake is answered in one line that names it and what is allowed, and leaves nothing behind."""
    for args, status, words in BAD:
        assert words in one_line(run(*args), status)
        assert list(tmp_path.iterdir()) == []


def test_processes_end_with_that_status(run_process):
    """Of a mistake in usage, and of one in what is given, the process has the status."""
    one_line(run_process("animate", "pie"), 2)
    one_line(run_process("inspect", "missing.npz"), 1)


def test_bad_probability_in_a_file_names_file_arm_and_value(run, quick):
    """A drop probability outside [0, 1] is named with its arm."""
    quick.write_text(QUICK.replace("drop_prob = 0.5", "drop_prob = 1.5"))
    line = one_line(run("train", "--experiment", quick), 1)
    assert line.endswith("quick.toml: drop_prob of arm 'dropout' is 1.5: must be a number from 0 to 1")


def test_arms_are_not_mixed_without_compare(run, saved):
    """Recordings of two arms without --compare are refused with the way out."""
    assert "draw them together with --compare" in one_line(run("animate", saved), 1)


def test_one_arm_cannot_be_compared(run, saved):
    """--compare with recordings of one arm says so."""
    assert "nothing to compare" in one_line(run("animate", "--compare", saved / SAMPLE_ARM), 1)


def test_recordings_of_different_experiments_are_not_compared(run, saved, record, tmp_path):
    """The first setting that differs is named."""
    other = record(tmp_path, seeds=(1,))[0]
    line = one_line(run("animate", "--compare", saved / SAMPLE_ARM, other), 1)
    assert "different experiments cannot be compared: train_size is 200 in one and 120 in another" in line


def test_picture_that_cannot_be_written_leaves_nothing(run, saved, tmp_path):
    """A folder that is a file is named, and the file stays as it is."""
    (tmp_path / "file").write_text("mine")
    line = one_line(run("animate", saved / SAMPLE_ARM, "-o", "file/a.gif"), 1)
    assert "cannot write file/a.gif" in line
    assert (tmp_path / "file").read_text() == "mine"


def test_full_disk_keeps_the_old_picture(saved, tmp_path):
    """When the disk fills up half-way, the old file is still there, whole, and no part of the new one."""
    old = tmp_path / "a.gif"
    old.write_bytes(b"old")
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        f"from dropviz.cli import main; main(['animate', {str(saved / SAMPLE_ARM)!r}, '-o', {str(old)!r}])"
    )
    # Coverage would want to write its own file on this full disk.
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=bare)
    assert f"cannot write {old}: File too large" in one_line(result, 1)
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_size_and_format_reach_the_file(run, saved, tmp_path):
    """--size, --loop, --hold and --seconds are found in the picture."""
    options = ["--size", "640x360", "--loop", "3", "--hold", "1", "--seconds", "4"]
    result = run("animate", saved / SAMPLE_ARM, "-o", "a.gif", *options)
    assert result.returncode == 0, result.stderr
    found = blocks(tmp_path / "a.gif")
    assert (found.size, found.loop) == ((640, 360), 2)
    assert result.stderr == f"8 frames, 4 s, {(tmp_path / 'a.gif').stat().st_size:,} bytes\n"


def test_interrupt_ends_at_once_and_says_what_was_kept(quick, tmp_path):
    """Ctrl-C stops training at once, with status 130, whole recordings, and a line on what is there."""
    quick.write_text(LONG)
    process = start(tmp_path, "train", "--experiment", quick, "--jobs", "1")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    kept = list((tmp_path / "out/recordings").glob("*.npz"))  # a checkpoint may lie beside them
    assert out == ""
    assert len(kept) < 4
    assert f"kept {len(kept)} of 4 runs in out/recordings; the same command trains the rest" in err
    assert err.splitlines()[-1] == "dropviz: interrupted"
    assert all(path.suffix == ".npz" for path in kept)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM, signal.SIGQUIT])
def test_a_signal_ends_as_an_interrupt_does(run, saved, tmp_path, number):
    """A closed terminal, `kill`, a timer or a queue leaves no half-written file; more signals change nothing."""
    before = signal.signal(number, signal.SIG_DFL)  # ignored where the tests run in the background
    (tmp_path / "ending.py").write_text(f"import os\ndef draw(*_):\n    os.kill(os.getpid(), {number:d})\n")
    result = run("animate", "--plot", "ending.py:draw", saved / SAMPLE_ARM, "-o", "made/a.gif")
    signal.signal(number, before)
    assert (result.returncode, result.stderr) == (128 + number, "\ndropviz: interrupted\n")
    assert list(tmp_path.rglob("*.part")) == []


def test_a_signal_ends_a_sweep_in_forked_processes(quick, tmp_path):
    """They do not handle the signal that ends them as the command does: it would wait for them for ever."""
    quick.write_text(LONG)
    where = ("-o", "out/recordings", "--jobs", 2, "--seeds", 20, "--backend", "multiprocessing")
    process = start(tmp_path, "sweep", quick, "--vary", "drop_prob=0,0.5", *where)
    try:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err.splitlines()[-1]) == (143, "dropviz: interrupted")
    assert "Traceback" not in err


def test_a_tilde_is_the_home_folder(run, saved, tmp_path, monkeypatch):
    """In options and arguments: a shell leaves it in --out=~/a.gif, and the file must not go to a folder named ~."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    run("list", "dark")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/Mine.TOML").write_bytes('based_on = "dark"\n'.encode("utf-16"))  # as PowerShell writes it
    (tmp_path / "home/A.NPZ").write_bytes((saved / SAMPLE_ARM).read_bytes())
    (tmp_path / "home/._A.npz").write_bytes(b"put there by another system")
    more = ["--theme", "~/Mine.TOML", "--frames", 1, "--size", "160x160"]
    result = run("animate", "~", "-o", "~/a.GIF", *more)
    assert (result.returncode, result.stdout) == (0, f"{tmp_path}/home/a.GIF\n"), result.stderr
    recording = dropviz.load("~/A.NPZ")
    assert recording.save("~/b.npz") == tmp_path / "home/b.npz"
    (tmp_path / "home/log.csv").write_text("step,loss\n1,2\n")
    assert dropviz.import_log("~/log.csv").metrics == ("loss",)
    assert dropviz.animate(recording, frames=1, out="~/c.gif").still("~/d.png") == tmp_path / "home/d.png"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]
    assert run("animate", tmp_path / "home/A.NPZ", "-o", "./~/a.gif", *more[2:]).stdout == f"{tmp_path}/~/a.gif\n"
    assert (tmp_path / "~/a.gif").is_file()


def test_a_folder_that_nothing_is_read_from_is_refused(run, tmp_path, saved):
    """--data-dir with digits, in every command, or with recordings, and a folder without any are not passed over."""
    for command in ("train", "animate", "slides", "explore", "gallery network", "exercise 5"):
        refused = one_line(run(*command.split(), "--data-dir", tmp_path), 2)
        assert "digits, which need no folder: leave out --data-dir" in refused, command
    for command in ("animate", "slides", "explore"):
        for option in ("--data-dir", "--experiment", "--seeds"):
            assert f"{option} is for training" in one_line(run(command, saved, option, 1), 2), command
    assert not list(tmp_path.iterdir())
    assert f"folder {tmp_path} holds no .npz" in one_line(run("animate", tmp_path), 1)


def test_letters_that_a_terminal_lacks_are_replaced(run_process):
    """The text comes with a replacement, not a traceback: a code page has not every letter."""
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "MPLBACKEND": "module://of_a_notebook"}
    result = run_process(
        "embed", Path(__file__).parents[1] / "assets/accuracy-light.gif", "--alt", "模型", env=environment
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "??" in result.stdout


@pytest.mark.parametrize("name", [b"\xe5\x9b\xbe.gif", b"\xff.gif"])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_file_name_of_any_bytes_comes_back(run_process, saved, tmp_path, name, locale):
    """stdout has the very bytes of the path, which other programs open, and a snippet has them in its address."""
    environment = os.environ | {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    path = os.fsdecode(name)
    drawn = run_process(
        "animate", saved / SAMPLE_ARM, "--frames", 1, "-o", path, env=environment, errors="surrogateescape"
    )
    assert (os.fsencode(drawn.stdout), drawn.returncode) == (name + b"\n", 0), drawn.stderr
    assert os.fsencode(tmp_path / path) in [os.fsencode(each) for each in tmp_path.iterdir()]
    embedded = run_process("embed", path, "--alt", "x", env=environment)
    assert embedded.stdout == f"![x]({quote(name)})\n", embedded.stderr


def test_an_arm_whose_file_cannot_have_its_name_is_named(quick, run_process):
    """In a locale of ASCII, that is said before the minutes of training; each of the arms counts."""
    quick.write_text(QUICK.replace('name = "dropout"', 'name = "暂退"'), encoding="utf-8")
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    result = run_process("train", "--experiment", quick, "--jobs", 1, env=environment)
    assert "names of files are in ascii here, which lacks some of its letters; use a locale" in one_line(result, 1)
    assert not (quick.parent / "out").exists()


@pytest.mark.parametrize("command", [("train", "--experiment"), ("sweep", "--vary=drop_prob=0,0.5", "-o=new")])
def test_files_of_the_user_hide_no_modules_from_workers(quick, run_process, command):
    """Processes that train look for modules in the current folder last: with a signal.py first, they would end."""
    (quick.parent / "signal.py").write_text("raise SystemExit('hidden')")
    result = run_process(*command, quick, "--jobs", 2)
    assert (result.returncode, len(result.stdout.splitlines())) == (0, 4), result.stderr


def test_a_matplotlibrc_in_another_encoding_is_named(run_process, saved, tmp_path):
    """matplotlib reads the one in the current folder, whatever wrote it."""
    (tmp_path / "matplotlibrc").write_text("font.size: 10", "utf-16")
    result = run_process("animate", saved / SAMPLE_ARM)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "save it as UTF-8" in result.stderr


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ({"matplotlib": "3.7.5rc1"}, "matplotlib 3.7.5rc1 is too old: pip install 'matplotlib>=3.8'"),
        ({"numpy": "1.25", "torch": "2.3.1+cpu"}, "are too old: pip install 'numpy>=1.26' 'torch>=2.4'"),
        ({"matplotlib": "3.8", "torch": "2.4.0+cu121", "pillow": "10.10"}, None),
    ],
)
def test_a_package_that_is_too_old_is_named(run, saved, monkeypatch, versions, words):
    """An installer may have put it there: what it lacks ends in one line; an error of the program does not."""
    real = importlib.metadata.version
    monkeypatch.setattr("dropviz._util.versions.version", lambda name: versions.get(name) or real(name))
    monkeypatch.delattr("dropviz.drawing.raster.default_style")
    if words is None:
        with pytest.raises(ImportError):
            run("animate", saved / SAMPLE_ARM)
    else:
        assert words in one_line(run("animate", saved / SAMPLE_ARM), 1)


def test_closed_pipe_is_no_traceback(quick, tmp_path):
    """`dropviz list | head -1` ends quietly."""
    line = f"{sys.executable} -m dropviz list | head -n 1"
    result = subprocess.run(["/bin/bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stdout.startswith("charts ")
    assert "Traceback" not in result.stderr


def test_a_training_process_that_dies_is_noticed(quick, tmp_path):
    """When the system kills a worker, the command ends with one line that says so, and does not wait for ever."""
    quick.write_text(LONG)
    process = start(tmp_path, "train", "--experiment", quick, "--jobs", "2")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    assert len(workers) == 2
    for worker in workers:
        os.kill(int(worker), signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "a training process ended with status -9: try again with --jobs 1" in err
    assert "Traceback" not in err


def test_recordings_that_do_not_fit_the_chart_leave_no_folder(run, saved, tmp_path):
    """What is wrong with the recordings is found before anything is begun on disk."""
    assert "drops nothing" in one_line(run("animate", "network", saved / "no-dropout-1.npz", "-o", "new/a.gif"), 1)
    assert list(tmp_path.iterdir()) == []
