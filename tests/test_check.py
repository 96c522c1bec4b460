"""dropviz check, as a process, on files of models with each mistake, and on models without any."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

import dropviz
from dropviz.capture.noise_layers import NOISE_LAYERS
from dropviz.diagnosis.checkup import build_model, check
from dropviz.diagnosis.results import KINDS
from dropviz.errors import ModelError
from dropviz.testing import assert_dropout

FILE = """
import torch, dropviz
import torch.nn.functional as F
from torch import nn
from dropviz.capture.noise_layers import Dropout

print("loading")  # what a user's file prints is no answer of ours

def mlp(layer, *ends):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), layer, nn.Linear(32, 10), *ends)

def right(): return mlp(nn.Dropout(0.5))
def own(): return mlp(Dropout(0.2))
def encoder(): return nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
def alpha(): return mlp(nn.AlphaDropout(0.3))
def recurrent(): return nn.LSTM(8, 16, 2, dropout=0.5)
def zero(): return mlp(nn.Dropout(0.0))
def one(): return mlp(nn.Dropout(1.0))
def last(): return mlp(nn.Identity(), nn.Dropout(0.5))
def logits(): return mlp(nn.Identity(), nn.Dropout(0.5), nn.LogSoftmax(1))

class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8)
        self.channels, self.drop = nn.Dropout2d(0.2), nn.Dropout(0.5, inplace=True)
        self.hidden, self.output = nn.Linear(8 * 13 * 13, 32), nn.Linear(32, 10)
    def forward(self, x):
        x = self.channels(F.max_pool2d(F.relu(self.norm(self.conv(x))), 2))
        return self.output(self.drop(F.relu(self.hidden(x.flatten(1)))))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.output = nn.Linear(64, 32), nn.Linear(32, 10)
    def drop(self, h):
        return F.dropout(h, 0.5, training=self.training)
    def forward(self, x):
        return self.output(self.drop(F.relu(self.hidden(x))))

class AlwaysOn(Net):
    def drop(self, h):
        return F.dropout(h, 0.5)

class Scratch(Net):
    def drop(self, h):
        return h * (torch.rand(h.shape) > 0.5).float() / 0.5 if self.training else h

def randn_dropout(h, drop_prob):
    return h * (torch.randn(h.shape) > drop_prob).float() / (1 - drop_prob)

class Randn(Net):
    def drop(self, h):
        return randn_dropout(h, 0.5) if self.training else h

class Unscaled(Net):
    def drop(self, h):
        return h * (torch.rand(h.shape) > 0.5).float() if self.training else h

class Paper(Net):  # units are kept as they are in training, and smaller in evaluation
    def drop(self, h):
        return h * (torch.rand(h.shape) < 0.8) if self.training else h * 0.8

class Where(Net):
    def drop(self, h):
        return torch.where(torch.rand(h.shape) > 0.5, h / 0.5, 0.0) if self.training else h

class MyDropout(nn.Module):
    def __init__(self, drop_prob):
        super().__init__()
        self.drop_prob = drop_prob
    def forward(self, x):
        return x * (torch.rand(x.shape) < self.drop_prob) / (1 - self.drop_prob) if self.training else x
def swapped(): return mlp(MyDropout(0.2))

class Forgotten(Net):
    def __init__(self):
        super().__init__()
        self.forgotten = nn.Dropout(0.5)

class Frozen(Net):
    def __init__(self):
        super().__init__()
        self.inner = nn.Dropout(0.5)
    def drop(self, h):
        return self.inner(h)
    def train(self, mode=True):
        super().train(mode)
        self.inner.eval()
        return self

class OnOutput(Net):
    def forward(self, x):
        return F.dropout(self.output(F.relu(self.hidden(x))), 0.5, self.training)

def needs(something): return something
def number(): return 3
def fails(): raise RuntimeError("no luck")
"""

WRONG = {
    "AlwaysOn": ("on-in-evaluation", "AlwaysOn", ["two evaluations of the same input differ"]),
    "zero": ("certain", "3 (Dropout)", ["drop probability 0: drops nothing"]),
    "one": ("certain", "3 (Dropout)", ["drop probability 1: drops everything"]),
    "last": ("after-output", "5 (Dropout)", ["dropout after the output layer"]),
    "logits": ("after-output", "5 (Dropout)", ["dropout after the output layer"]),
    "OnOutput": ("after-output", "OnOutput", ["dropout after the output layer"]),
    "Randn": ("wrong-rate", "Randn", ["where 0.5 is asked for", "Φ(0.5) = 0.691", "randn"]),
    "Unscaled": ("wrong-scale", "Unscaled", ["scales what is kept by 1", "is missing"]),
    "swapped": ("wrong-rate", "3 (MyDropout)", ["where 0.2 is asked for", "the wrong way round"]),
    "Forgotten": ("never-called", "forgotten (Dropout)", ["drop probability 0.5", "it is never called"]),
    "Frozen": ("nothing-dropped", "inner (Dropout)", ["is in evaluation mode after model.train()"]),
}
RIGHT = ("right", "own", "encoder", "alpha", "recurrent", "CNN", "Net", "Scratch", "Paper", "Where")


@pytest.fixture
def models(tmp_path):
    """The file, in the folder that the program runs in."""
    path = tmp_path / "models.py"
    path.write_text(FILE)
    return path


@pytest.fixture(scope="module")
def namespace():
    """What is in the file, for those that need no process."""
    space = {}
    exec(compile(FILE, "models.py", "exec"), space)  # noqa: S102  # our own text
    return space


@pytest.mark.parametrize("name", ["AlwaysOn", "Randn"])
def test_a_finding_is_one_line_and_status_1(run, models, name):
    """stdout has a line for the finding, with the module and the line of the file, and one of what was looked at."""
    _, module, words = WRONG[name]
    done = run("check", "models.py:" + name)
    finding, looked = done.stdout.splitlines()
    assert done.returncode == 1
    assert all(each in finding for each in words)
    assert looked.startswith("looked at ")
    assert "loading" in done.stderr
    lines = models.read_text().splitlines()
    called = {"AlwaysOn": "return F.dropout(h, 0.5)", "Randn": "return randn_dropout(h, 0.5) if self.training else h"}
    assert finding.startswith(f"models.py:{lines.index(' ' * 8 + called[name]) + 1}: {module}: ")
    if name == "Randn":
        drawn = next(i for i, line in enumerate(lines, 1) if "torch.randn(" in line)
        assert finding.endswith(f"(drawn in line {drawn})")


@pytest.mark.usefixtures("models")
def test_nothing_found_is_status_0(run):
    """A clean model gives one line that says so, and what was looked at."""
    done = run("check", "models.py:CNN")
    assert done.returncode == 0
    assert done.stdout.startswith("nothing found: looked at ")
    assert "(Dropout)" in done.stdout
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("name", WRONG)
def test_each_mistake_is_found(namespace, name):
    """And it alone: kind, module and words say which."""
    kind, module, words = WRONG[name]
    torch.manual_seed(3)
    (finding,) = check(namespace[name]()).findings
    assert (finding.kind, finding.module) == (kind, module)
    assert all(each in finding.words for each in words)


@pytest.mark.parametrize("name", RIGHT)
def test_no_false_alarm(namespace, name):
    """Modules, functions, masks by hand, the paper's scaling at test time, convolutions, attention: nothing found."""
    result = check(namespace[name]())
    assert result.findings == ()
    assert result.passes >= 10
    assert result.noise


@pytest.mark.parametrize("kind", [kind for kind in NOISE_LAYERS.values() if kind.__name__ != "DropConnect"])
def test_no_noise_layer_of_ours_is_a_false_alarm(kind):
    """Each of dropviz's own noises passes, whatever it draws."""
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), kind(0.3), nn.Linear(32, 10))
    assert check(model).findings == ()


def test_measured_rate_is_that_of_the_mask(namespace):
    """The share in the finding is Φ(0.5) within its own standard errors."""
    (finding,) = check(namespace["Randn"]()).findings
    rate, error = (float(finding.words.split()[place]) for place in (1, 3))
    assert abs(rate - 0.69146) < 5 * error + 0.001
    assert 0 < error < 0.01


def test_caller_and_model_are_left_as_they_were(namespace):
    """The generator of the caller goes on as if nothing had been drawn, and no hook is left on the model."""
    model, before = namespace["CNN"](), torch.get_rng_state()
    check(model)
    assert torch.equal(before, torch.get_rng_state())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


@pytest.mark.usefixtures("models")
def test_json_is_one_object(run):
    """With --json, stdout is one object of the same findings; --input is used."""
    done = run("check", "models.py:Unscaled", "--json", "--input", "64")
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert [finding["kind"] for finding in said["findings"]] == ["wrong-scale"]
    assert said["shape"] == [64]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["models.py:fails"], 1, "no luck"),
        (["models.py:right", "--input", "3x5"], 1, "does not run on examples of shape 3x5"),
        (["broken.py:build"], 1, "cannot import broken.py: line 1: SyntaxError"),
        (["missing.py:build"], 2, "there is no file missing.py"),
        (["models.py:nothing"], 2, "has no function 'nothing'"),
        (["models.py"], 2, "write file and function, like model.py:build"),
        (["models.py:right", "--input", "3x"], 2, "write the shape of one example, like 1x28x28"),
    ],
)
def test_what_cannot_be_checked_is_one_line(run, models, words, status, said):
    """What is wrong with file, name or shape is said in one line on stderr, without a traceback."""
    (models.parent / "broken.py").write_text("def build(:\n")
    done = run("check", *words)
    assert done.returncode == status
    assert not done.stdout
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "said"), [("needs", "cannot be called without arguments"), ("number", "it gives a int: must give a torch")]
)
def test_what_gives_no_model(namespace, name, said):
    """A function that needs arguments, or gives something else, is no model."""
    with pytest.raises(ModelError, match=said):
        build_model(namespace[name])


def test_help_says_that_it_runs_your_code(run):
    """Whoever is about to check a file of others' is told."""
    assert "This runs your code" in " ".join(run("check", "--help").stdout.split())


def two_sides(inner):
    """Return a module that drops its two inputs with `inner`."""

    class Sides(nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right, self.drop = nn.Linear(6, 32), nn.Linear(9, 32), nn.Dropout(0.5)

        def forward(self, left, right):
            return inner(self, left, right)

    return Sides()


def added(module, left, right):
    """Return the sum of both sides, each dropped."""
    return module.drop(module.left(left).relu()) + module.drop(module.right(right).relu())


@pytest.mark.parametrize(
    "inputs", [(torch.ones(4, 6), torch.ones(4, 9)), {"right": torch.ones(4, 9), "left": torch.ones(4, 6)}]
)
def test_inputs_by_position_and_by_name(inputs):
    """A tuple holds arguments, a dict arguments by name; they are not changed."""
    result = check(two_sides(added), inputs=inputs)
    assert result.findings == ()
    assert all(bool((each == 1).all()) for each in (inputs if isinstance(inputs, tuple) else inputs.values()))


def test_inputs_of_the_function():
    """A function may return the model and its inputs."""
    assert check(lambda: (two_sides(added), (torch.ones(4, 6), torch.ones(4, 9)))).shape == (6,)


def test_guessed_inputs():
    """Without inputs, those of a model of two sides are guessed from its layers."""
    assert check(two_sides(added)).findings == ()


def test_inputs_that_do_not_fit():
    """The error has the reason of the model."""
    with pytest.raises(ModelError, match="examples of shape 3: mat1 and mat2"):
        check(two_sides(added), inputs=(torch.ones(4, 3), torch.ones(4, 9)))


def test_a_finding_holds_what_was_measured(namespace):
    """Drop probability and share dropped are numbers, and the text begins with the line."""
    (finding,) = check(namespace["Randn"]).findings
    assert finding.drop_prob == 0.5
    assert abs(finding.drop_rate - 0.691) < 0.02
    assert finding.severity == "error"


def test_assert_dropout_lists_the_mistakes(namespace):
    """The helper passes a right model, and raises an AssertionError with a line for each finding of a wrong one."""
    assert dropviz.testing.assert_dropout is assert_dropout
    assert_dropout(namespace["right"], torch.randn(4, 64))
    with pytest.raises(AssertionError, match=r"(?s)mistakes with dropout:.*5 \(Dropout\): dropout after the output"):
        assert_dropout(namespace["last"])


def test_warnings_fail_on_demand(namespace):
    """A warning is no failure of the helper, unless it is asked for."""
    assert_dropout(namespace["zero"])
    with pytest.raises(AssertionError, match="drops nothing"):
        assert_dropout(namespace["zero"], warnings=True)


@pytest.mark.usefixtures("models")
def test_warnings_leave_the_status_at_0(run):
    """A warning is printed, as one."""
    done = run("check", "models.py:zero")
    assert done.returncode == 0
    assert "warning: 3 (Dropout): drop probability 0" in done.stdout


ON_PURPOSE = """
import torch.nn.functional as F
from torch import nn

def share(h):
    return F.dropout(h, 0.5){inner}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.output = nn.Linear(6, 32), nn.Linear(32, 2)
        self.unused = nn.Dropout(0.3){made}
    def forward(self, x):
        return self.output(share(self.hidden(x))){outer}
"""


@pytest.mark.parametrize("places", [("inner", "made"), ("outer", "made"), ("made",), ("inner",), ()])
def test_comments_silence_their_lines(tmp_path, places):
    """The line that draws, the one that calls it, and the one that makes a module: each silences its own findings."""
    path = tmp_path / "purpose.py"
    comments = {name: "  # dropviz: on purpose" * (name in places) for name in ("inner", "outer", "made")}
    path.write_text(ON_PURPOSE.format(**comments))
    space = {"__name__": "purpose"}
    exec(compile(path.read_text(), str(path), "exec"), space)  # noqa: S102  # our own text
    kinds = {finding.kind for finding in check(space["Net"]).findings}
    expected = {"never-called"} - ({"never-called"} if "made" in places else set())
    assert kinds == expected | (set() if {"inner", "outer"} & set(places) else {"on-in-evaluation"})


def test_help_and_documentation_list_every_kind(run):
    """What a finding may be is written where users look."""
    printed = run("check", "--help").stdout
    page = (Path(__file__).parents[1] / "docs" / "models.md").read_text()
    for kind, words in KINDS.items():
        assert f"{kind} " in printed
        assert words.split("(")[0].strip()[:40] in " ".join(printed.split())
        assert f"| `{kind}` |" in page
