"""Fuzz targets, each run briefly, and the kinds of files that they found: claims, bombs, odd names."""

import dataclasses
import gzip
import io
import json
import re
import time
import tracemalloc
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from conftest import need_chinese_font
from fuzz.__main__ import outcome
from fuzz.hostile import bomb, idx, npy, packed
from fuzz.odd import NAMES, odd_recordings
from fuzz.targets import TARGETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dropviz
from dropviz._util.toml import load_toml
from dropviz.errors import DropvizError, RecordingError
from dropviz.experiments.experiment import Arm
from dropviz.recording import Block, load
from dropviz.recording.npz import read_arrays, write_arrays
from dropviz.training.idx import read_idx

COUNTS = {"charts": 5, "headers": 100, "recordings": 40, "experiments": 40, "themes": 40, "idx": 15, "logs": 40}
EVIL = '</text></title><script>alert("1")</script><img src=x onerror=alert(1)> $x$ {0} %s \x1b[31m\u202e'


@pytest.mark.filterwarnings("ignore")  # of fonts without a letter, and of numbers that are not finite
@pytest.mark.parametrize("name", TARGETS)
def test_every_input_is_read_or_refused_in_a_line(name, recordings, tmp_path):
    """No random input of a target ends in a traceback, or in a message that is long or holds control characters."""
    prepare = TARGETS[name](tmp_path, recordings)

    @settings(max_examples=COUNTS[name], deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(0, 2**32))
    def run(seed):
        assert outcome(prepare(np.random.default_rng(seed)), limit=0) in ("accepted", "refused")

    run()


def test_odd_recordings_are_recordings(recordings):
    """What the charts are fuzzed with passes all checks of a recording, and a good part of it is not as it was."""
    made = [odd_recordings([recordings], np.random.default_rng(seed)) for seed in range(20)]
    assert sum(run not in recordings for runs in made for run in runs) > 20


def refused(read, words, most=30 << 20):
    """What `read` raises is a DropvizError or ValueError with these words, soon, and with little memory."""
    tracemalloc.start()
    begun = time.process_time()
    try:
        with pytest.raises((DropvizError, ValueError), match=words) as caught:
            read()
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()
    assert time.process_time() - begun < 2
    assert len(str(caught.value)) < 300


class Way:
    """A random generator that draws one number."""

    def __init__(self, way):
        self.way = way

    def integers(self, *_):
        """The way of `bomb`, then the first of its sizes."""
        way, self.way = self.way, 0
        return way


@pytest.mark.parametrize(
    ("way", "words"),
    [(0, "unpacks to more"), (2, "lists more arrays"), (4, "not a dropviz recording")],
    ids=["zeros", "a long directory", "deep JSON"],
)
def test_a_bomb_is_refused_before_it_goes_off(way, words, tmp_path):
    """Files that claim or list far more than they are, are refused before any of it is allocated."""
    path = tmp_path / "a.npz"
    path.write_bytes(bomb(Way(way)))
    refused(lambda: load(path), words)


def test_a_header_is_bounded(tmp_path):
    """Millions of empty lists in JSON would take a hundred times their bytes; long headers of arrays, minutes."""
    path = tmp_path / "a.npz"
    path.write_bytes(packed([("header.npy", npy(np.frombuffer(b"[" + b"[]," * 1_500_000 + b"[]]", np.uint8)))]))
    refused(lambda: load(path), "unpacks to more")
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (" + b"9, " * 60_000 + b"), }\n"
    path.write_bytes(packed([("header.npy", b"\x93NUMPY\2\0" + len(head).to_bytes(4, "little") + head)]))
    refused(lambda: load(path), "header that recordings do not use")


@pytest.mark.parametrize(
    ("text", "words"),
    [("a." * 20_000 + "b = 1", "200 dots"), ("a = 1\n" * 20_000, "letters"), ("a = " + "[" * 5_000, "too deep")],
    ids=["parts", "long", "deep"],
)
def test_toml_is_bounded(text, words):
    """A key of 20,000 parts takes the parser seconds, and more parts take minutes."""
    refused(lambda: load_toml(text), words)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (idx((2**31, 2**20, 2**20), b""), "it claims"),
        (idx((60_000, 28, 28), bytes(100)), "not as long"),
        (idx((2,), bytes(3)), "not as long"),
        (idx((3_000_000,), b""), "it claims"),
        (b"\x1f\x8b", "no IDX file"),
        (idx((1, 1, 1), b"a", kind=14), "no IDX file"),
    ],
)
def test_idx_files_are_bounded(data, words):
    """What an IDX file claims is compared with a limit, and with what is there, before it is unpacked."""
    with gzip.open(io.BytesIO(gzip.compress(data))) as file:
        refused(lambda: read_idx(file), words, most=50 << 20)


def test_a_message_holds_no_control_characters(noisy, tmp_path, run):
    """Names in a message are printable and short: nothing that a terminal follows, no kilobytes."""
    path = noisy.save(tmp_path / "a.npz")
    arrays = read_arrays(path)
    header = json.loads(arrays["header"].tobytes())
    header["layers"][0] |= {"name": "\x1b]0;evil\x07" + "x" * 5_000, "kind": "\x1b[2J"}
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    with path.open("wb") as file:
        write_arrays(file, arrays)
    ended = run("inspect", path)
    assert ended.returncode == 1
    assert len(ended.stderr) < 320
    assert ended.stderr.strip().isprintable()


@pytest.mark.parametrize("as_json", [False, True])
def test_inspect_prints_any_name(as_json, recordings, tmp_path, run):
    """Lone surrogates, escape sequences and marks of direction are shown as signs, in JSON by their numbers."""
    evil = "".join(name for name in NAMES if len(name) < 100)
    changed = dataclasses.replace(recordings[-1], arm=evil, experiment=None, provenance={evil: evil})
    ended = run("inspect", changed.save(tmp_path / "a.npz"), *(["--json"] if as_json else []))
    assert (ended.returncode, ended.stderr) == (0, "")
    ended.stdout.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", ended.stdout)
    assert not as_json or json.loads(ended.stdout)["arm"] == evil


def test_names_decide_no_path():
    """An arm called ../../up has its file in the folder of the others."""
    arms = (Arm("../../up"), Arm("/etc/passwd", 0.5))
    experiment = dropviz.Experiment("own", arms=arms)
    for arm in experiment.arms:
        name = experiment.run_name(arm, 1)
        assert Path(name).name == name


class Tags(HTMLParser):
    """The tags of a page, and the names of all their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep a tag."""
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.filterwarnings("ignore:Glyph")
def test_names_are_no_markup(noisy, tmp_path):
    """A name that is markup is text in an SVG, as a parser of XML reads it, and adds no element to a page."""
    run = dataclasses.replace(noisy, arm=EVIL, experiment=None)
    drawing, page = (
        dropviz.animate(run, out=tmp_path / name, size=(320, 180), frames=1) for name in ("a.svg", "a.html")
    )
    root = ET.parse(drawing.path).getroot()  # noqa: S314  # we wrote it just now
    assert {each.tag.rpartition("}")[2] for each in root.iter()}.isdisjoint({"script", "img", "a", "foreignObject"})
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
    found = Tags(page.path.read_text())
    assert found.tags.count("script") == 2  # those of the player
    assert "img" not in found.tags
    assert not [name for name in found.attributes if name.startswith("on")]


ODD = {
    "images of no white": lambda run: {"examples": dataclasses.replace(run.examples, white=0)},
    "images of no pixels": lambda run: {
        "examples": dataclasses.replace(run.examples, image=run.examples.image[:, :, :0])
    },
    "a block inside itself": lambda _: {"blocks": (Block("fc", "module", "Linear", inside=0),)},
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_no_such_recording(change, noisy):
    """Parts that no chart could draw are refused when a recording is made or read."""
    with pytest.raises(RecordingError):
        dataclasses.replace(noisy, **change(noisy))


@pytest.mark.filterwarnings("ignore:Glyph")
def test_long_names_are_drawn_at_once(noisy, tmp_path):
    """Names of thousands of letters took 40 s, since all shorter ones were measured."""
    need_chinese_font()
    long = "long" * 2_000
    examples = dataclasses.replace(noisy.examples, class_names=(long,) * 10)
    begun = time.process_time()
    odd = dataclasses.replace(noisy, arm=long, experiment=None, examples=examples)
    for chart in ("accuracy", "network"):
        dropviz.animate(odd, chart, out=tmp_path / "a.gif", size=(160, 160), frames=1)
    assert time.process_time() - begun < 4
