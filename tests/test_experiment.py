"""Experiments: every field checks itself, TOML goes there and back, and each run has a name of its own."""

import dataclasses
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dropviz.errors import ExperimentError, UsageError
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.experiments.hyperparameters import HYPERPARAMETERS
from dropviz.experiments.presets import PRESETS, find_experiment

NAN, INF = math.nan, math.inf
NO_NUMBER = (None, "0.1", True, False, NAN, INF, -INF, [0.1])

# Field -> what its message must say is allowed, and values that it must refuse.
WRONG = {
    "name": ("1 to 40 of a-z, 0-9, '.', '_', '-'", ("", "Big", "a b", "-a", "../a", "a/b", "a\n", "a" * 41, 7, None)),
    "data": ("one of 'digits', 'fashion-mnist', 'mnist', 'kmnist'", ("cifar", "", "Digits", None, 3, ["digits"])),
    "train_size": ("whole number from 1 to 10,000,000", (0, -1, 10_000_001, 1.0, "10", True, NAN, [1])),
    "label_noise": ("number from 0 to 1", (-0.01, 1.01, *NO_NUMBER)),
    "hidden": ("list of 0 to 20 items", ((1,) * 21, 256, "256", None, {256: 1})),
    "optimizer": ("one of 'sgd', 'adam'", ("SGD", "rmsprop", None, 0)),
    "learning_rate": ("number above 0 and at most 1,000", (0, -0.1, 1000.1, *NO_NUMBER)),
    "momentum": ("number from 0 to 0.9999", (-0.1, 1, *NO_NUMBER)),
    "weight_decay": ("number from 0 to 1,000", (-1e-9, 1001, *NO_NUMBER)),
    "batch_size": ("whole number from 1 to 10,000,000", (0, -5, 10_000_001, 2.0, "64", None, True, NAN)),
    "epochs": ("whole number from 1 to 1,000,000", (0, 1_000_001, 1.5, "3", None, True, INF)),
    "snapshot_every": ("whole number from 1 to 1,000,000,000", (0, 1_000_000_001, 5.0, "5", None, True)),
    "recorded_iterations": ("whole number from 0 to 1,000,000", (-1, 1_000_001, 3.0, "3", None, False)),
    "tracked_examples": ("whole number from 1 to 10,000", (0, 10_001, 4.0, "4", None, True)),
    "seeds": ("list of 1 to 1000 items", ((), 3, "1", None)),
    "arms": ("list of 1 to 64 items", ((), None, "arm", Arm("a"), tuple(Arm(str(i)) for i in range(65)))),
    "validation_size": ("whole number from 0 to 10,000,000", (-1, 10_000_001, 1.0, "10", None, True)),
    "loss": ("one of 'cross-entropy', 'squared'", ("hinge", "", None, 0)),
    "probes": ("list of 0 to", (("gate",) * 100, "gate", None)),
    "l1": ("number from 0 to 1,000", (-1e-9, 1001, *NO_NUMBER)),
    "l2": ("number from 0 to 1,000", (-1e-9, 1001, *NO_NUMBER)),
    "activation_l1": ("number from 0 to 1,000", (-1e-9, 1001, *NO_NUMBER)),
    "activation_l2": ("number from 0 to 1,000", (-1e-9, 1001, *NO_NUMBER)),
    "max_norm": ("number from 0 to 1,000,000", (-1, 1e7, *NO_NUMBER)),
    "input_noise": ("number from 0 to 1,000", (-1e-9, 1001, *NO_NUMBER)),
}
WRONG_ITEMS = [
    ("hidden", (0,), "whole number from 1 to 65,536"),
    ("hidden", (256, 65_537), "whole number from 1 to 65,536"),
    ("hidden", (256.0,), "whole number from 1 to 65,536"),
    ("hidden", (True,), "whole number from 1 to 65,536"),
    ("seeds", (-1,), "whole number from 0 to 2,147,483,647"),
    ("seeds", (2**31,), "whole number from 0 to 2,147,483,647"),
    ("seeds", (1, 1.5), "whole number from 0 to 2,147,483,647"),
    ("seeds", (False,), "whole number from 0 to 2,147,483,647"),
    ("seeds", (1, 2, 1), "must not name anything twice"),
    ("seeds", tuple(range(1_001)), "list of 1 to 1000 items"),
    ("arms", ("dropout",), "must be a list of arms"),
    ("arms", (Arm("a"), {"name": "b"}), "must be a list of arms"),
]
WRONG_ARM = {
    "name": ("text of 1 to 40 characters", ("", "a" * 41, "two\nlines", "bell\x07", "del\x7f", 5, None)),
    "drop_prob": ("number from 0 to 1", (-0.1, 1.1, *NO_NUMBER[:-1], (0.5, 1.1), (True,), (NAN,), [[0.5]])),
    "input_drop_prob": ("number from 0 to 1", (-0.1, 1.1, *NO_NUMBER)),
    "noise": ("one of 'bernoulli', 'torch'", ("gauss", "", None, 1)),
    "schedule": ("one of 'constant', 'early', 'late', 'decay'", ("sometimes", "", None, 1)),
    "turn": ("number from 0 to 1", (-0.1, 1.1, *NO_NUMBER)),
}
WRONG_ARM["mistake"] = ("one of 'randn'", ("random", "", 1, True))
# What an arm has of its own is checked as in the experiment, and None leaves it to the experiment.
WRONG_ARM |= {
    name: (allowed, tuple(value for value in values if value is not None))
    for name, (allowed, values) in WRONG.items()
    if name in HYPERPARAMETERS
}
# Another valid value for every field that two runs under comparison must share.
OTHER = {
    "data": "mnist",
    "train_size": 500,
    "label_noise": 0.1,
    "hidden": (256, 257),
    "optimizer": "adam",
    "learning_rate": 0.2,
    "momentum": 0.5,
    "weight_decay": 1e-4,
    "batch_size": 32,
    "epochs": 11,
    "snapshot_every": 50,
    "recorded_iterations": 0,
    "tracked_examples": 1,
    "validation_size": 10,
    "loss": "squared",
    "probes": ("gate",),
    "l1": 1e-4,
    "l2": 1e-4,
    "activation_l1": 1e-4,
    "activation_l2": 1e-4,
    "max_norm": 2.0,
    "input_noise": 0.1,
}
OTHER_ARM = {"name": "Other", "drop_prob": (0.5, 0.4), "input_drop_prob": 0.1, "noise": "torch", "schedule": "late"}
OTHER_ARM |= {"turn": 0.4}
OTHER_ARM["mistake"] = "randn"
OTHER_ARM |= {name: value for name, value in OTHER.items() if name in HYPERPARAMETERS}
PLAIN = Experiment("plain")

shares = st.floats(0, 1)
letters = st.characters(codec="utf-8", exclude_characters=[chr(code) for code in (*range(32), 127)])


@st.composite
def experiments(draw):
    """Any experiment that may be."""
    hidden = tuple(draw(st.lists(st.integers(1, 65_536), min_size=1, max_size=4)))
    drop_probs = shares | st.tuples(*[shares] * len(hidden))
    noise = st.sampled_from(["bernoulli", "torch"])
    name, its_own = st.text(letters, min_size=1, max_size=40), st.none() | shares
    arm = st.builds(Arm, name, drop_probs, shares, noise, l1=its_own, weight_decay=its_own)
    optimizer = draw(st.sampled_from(["sgd", "adam"]))
    train_size = draw(st.none() | st.integers(1, 10_000_000))
    return Experiment(
        name=draw(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,39}", fullmatch=True)),
        data=draw(st.sampled_from(["digits", "fashion-mnist", "mnist", "kmnist"])),
        train_size=train_size,
        label_noise=draw(shares),
        hidden=hidden,
        optimizer=optimizer,
        learning_rate=draw(st.floats(0, 1_000, exclude_min=True)),
        momentum=draw(st.floats(0, 0.9999)) if optimizer == "sgd" else 0,
        weight_decay=draw(st.floats(0, 1_000)),
        batch_size=draw(st.integers(1, train_size or 10_000_000)),
        max_norm=draw(st.floats(0, 1_000)),
        epochs=draw(st.integers(1, 1_000_000)),
        snapshot_every=draw(st.integers(1, 1_000_000_000)),
        recorded_iterations=draw(st.integers(0, 1_000_000)),
        tracked_examples=draw(st.integers(1, 10_000)),
        seeds=tuple(draw(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5, unique=True))),
        arms=tuple(draw(st.lists(arm, min_size=1, max_size=3, unique_by=lambda arm: arm.slug))),
    )


def fields(cls, *but):
    """The names of the fields of a dataclass."""
    return {item.name for item in dataclasses.fields(cls)} - set(but)


def cases(table):
    """A flat list of field, value and what is allowed."""
    return [(field, value, allowed) for field, (allowed, values) in table.items() for value in values]


def test_the_tables_cover_every_field():
    """A field that is added must be added to these tests."""
    assert set(WRONG) == fields(Experiment)
    assert set(WRONG_ARM) == fields(Arm)
    assert set(OTHER) == fields(Experiment, "name", "arms", "seeds")
    assert set(OTHER_ARM) == fields(Arm)


@pytest.mark.parametrize(("field", "value", "allowed"), [*cases(WRONG), *WRONG_ITEMS])
def test_a_wrong_value_of_an_experiment(field, value, allowed):
    """A wrong value is refused in one line that names the field, the value and what is allowed."""
    with pytest.raises(ExperimentError) as caught:
        Experiment(**{"name": "x", field: value})
    words = str(caught.value)
    shown = repr(value) if len(repr(value)) <= 200 else f"{repr(value)[:200]}…"
    assert words.startswith(f"{field} is {shown}: must ")
    assert allowed in words
    assert "\n" not in words


@pytest.mark.parametrize(("field", "value", "allowed"), cases(WRONG_ARM))
def test_a_wrong_value_of_an_arm(field, value, allowed):
    """A wrong value of an arm is refused with the field, the arm, the value and what is allowed."""
    settings = {"name": "mine", field: value}
    with pytest.raises(ExperimentError) as caught:
        Arm(**settings)
    words = str(caught.value)
    assert words.startswith(f"{field} of arm {settings['name']!r} is {value!r}: must ")
    assert allowed in words
    assert "\n" not in words


@pytest.mark.parametrize("cls_field", [(Experiment, "learning_rate"), (Experiment, "label_noise"), (Arm, "drop_prob")])
def test_a_number_too_large_for_a_float(cls_field):
    """A whole number beyond any float is refused like any other value out of range."""
    cls, field = cls_field
    with pytest.raises(ExperimentError, match=f"{field}.* is 1000.*must be a number"):
        cls(**{"name": "x", field: 10**400})


@pytest.mark.parametrize("value", ["a" * 10_000, 10**10_000, ["a"] * 10_000], ids=["text", "number", "list"])
def test_a_wrong_value_that_is_very_long(value):
    """A value that fills pages is cut, so that the message stays a line that can be read."""
    with pytest.raises(ExperimentError, match=r"^name is .*: must be 1 to 40") as caught:
        Experiment(value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", ("a", "0", "a" * 40, "a._-")),
        ("train_size", (None, 64, 10_000_000)),
        ("label_noise", (0, 1)),
        ("hidden", ((1,), (65_536,) * 20)),
        ("learning_rate", (5e-324, 1_000)),
        ("momentum", (0, 0.9999)),
        ("weight_decay", (0, 1_000)),
        ("batch_size", (1, 10_000_000)),
        ("epochs", (1, 1_000_000)),
        ("snapshot_every", (1, 1_000_000_000)),
        ("recorded_iterations", (0, 1_000_000)),
        ("tracked_examples", (1, 10_000)),
        ("seeds", ((0,), (2**31 - 1,), tuple(range(1_000)))),
        ("arms", ((Arm("a"),), tuple(Arm(str(number)) for number in range(8)))),
    ],
)
def test_the_ends_of_a_range_are_allowed(field, values):
    """The smallest and the largest value that messages name are themselves allowed."""
    for value in values:
        kept = getattr(Experiment(**{"name": "x", field: value}), field)
        assert kept == (tuple(arm.fitted_to(2) for arm in value) if field == "arms" else value)


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0])
def test_an_arm_may_drop_nothing_or_everything(value):
    """0 and 1 are probabilities too."""
    arm = Arm("a", value, input_drop_prob=value)
    assert (arm.drop_prob, arm.input_drop_prob) == (value, value)
    assert arm.has_noise is (value == 1)


def test_noise_on_the_input_alone_is_noise():
    """An arm that drops only input units, or units of only one layer, has noise."""
    assert Arm("a", 0, input_drop_prob=0.1).has_noise
    assert Arm("a", (0, 0.1)).has_noise
    assert not Arm("a", (0, 0)).has_noise


def test_one_drop_prob_stands_for_every_hidden_layer():
    """A single drop_prob is given to each hidden layer, and lists become tuples of floats."""
    arms = Experiment("x", hidden=[8, 8, 8], arms=[Arm("one", 0.5), Arm("each", [0, 1, 0.25])]).arms
    assert [arm.drop_prob for arm in arms] == [(0.5, 0.5, 0.5), (0.0, 1.0, 0.25)]
    assert all(type(each) is float for arm in arms for each in arm.drop_prob)


@pytest.mark.parametrize("drop_prob", [(), (0.5,), (0.1, 0.2, 0.3)])
def test_a_wrong_number_of_drop_probs(drop_prob):
    """As many drop probabilities as hidden layers are needed, and the message counts both."""
    with pytest.raises(ExperimentError) as caught:
        Experiment("x", hidden=(8, 8), arms=(Arm("mine", drop_prob),))
    assert f"drop_prob of arm 'mine' has {len(drop_prob)} values" in str(caught.value)
    assert "one for each of the 2 hidden layers" in str(caught.value)


@pytest.mark.parametrize(("one", "other"), [("same", "same"), ("Drop out", "drop-out"), ("a/b", "a b"), ("!", "?")])
def test_two_arms_that_would_share_file_names(one, other):
    """Two arms whose files would be named alike are refused, and the message names both."""
    with pytest.raises(ExperimentError, match="arms") as caught:
        Experiment("x", arms=(Arm("first"), Arm(one), Arm(other)))
    assert repr(one) in str(caught.value)
    assert repr(other) in str(caught.value)


def test_a_minibatch_larger_than_the_training_set():
    """batch_size may equal train_size but not exceed it."""
    assert Experiment("x", train_size=64, batch_size=64).batch_size == 64
    with pytest.raises(ExperimentError, match="batch_size is 1,065: must be at most the 1,064 training images"):
        Experiment("x", train_size=1_064, batch_size=1_065)


def test_momentum_is_for_sgd_only():
    """Adam with momentum is refused rather than the momentum ignored."""
    with pytest.raises(ExperimentError, match=r"momentum is 0\.9: must be 0 with optimizer 'adam'"):
        Experiment("x", optimizer="adam", momentum=0.9)


def test_experiments_cannot_be_changed_unchecked():
    """Experiments and arms are frozen, and replace() checks what it changes."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        PLAIN.epochs = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        PLAIN.arms[0].drop_prob = 2
    assert PLAIN.replace(epochs=3).epochs == 3
    with pytest.raises(ExperimentError, match="epochs is 0"):
        PLAIN.replace(epochs=0)


def test_another_number_of_hidden_layers():
    """With other layers, arms that drop all alike go on doing so; others need to be given anew."""
    deeper = PLAIN.replace(hidden=(8, 8, 8))
    assert [arm.drop_prob for arm in deeper.arms] == [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5)]
    assert PLAIN.replace(hidden=(8,), arms=(Arm("new", 0.1),)).arms == (Arm("new", (0.1,)),)
    uneven = PLAIN.replace(arms=(Arm("mine", (0.2, 0.5)),))
    assert uneven.replace(hidden=(8, 9)).arms == uneven.arms
    with pytest.raises(ExperimentError, match="drop_prob of arm 'mine' has 2 values"):
        uneven.replace(hidden=(8, 8, 8))
    with pytest.raises(ExperimentError, match="hidden is 256: must be a list"):
        PLAIN.replace(hidden=256)


@settings(deadline=None, max_examples=150)
@given(experiments())
def test_toml_there_and_back(experiment):
    """Every experiment that may be comes back from its TOML equal, and with the same run names."""
    again = Experiment.from_toml(experiment.to_toml())
    assert again == experiment
    assert [again.run_name(arm, 1) for arm in again.arms] == [experiment.run_name(arm, 1) for arm in experiment.arms]


def test_from_toml_fills_in_the_defaults():
    """A file need only give a name."""
    assert Experiment.from_toml('name = "plain"') == PLAIN


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("", "an experiment needs a name"),
        ('name = "x"\n[[arms]]\ndrop_prob = 0.5', "an arm needs a name"),
        ('name = "x"\nepoch = 3', "'epoch' is not a field of an experiment: must be one of name, data, train_size"),
        ('name = "x"\n[[arms]]\nname = "a"\np = 1', "'p' is not a field of an arm: must be one of name, drop_prob"),
        ('name = "x"\narms = 3', "write each as [[arms]]"),
        ('name = "x"\narms = ["a"]', "write each as [[arms]]"),
        ('name = "x"\narms = [{name = "a"}, "b"]', "write each as [[arms]]"),
        ('name = "x"\n[arms]\nname = "a"', "write each as [[arms]]"),
        ('name = "x"\nepochs = true', "epochs is True: must be a whole number"),
        ('name = "x"\nlearning_rate = nan', "learning_rate is nan: must be a number"),
        ('name = "x"\nlearning_rate = 1979-05-27', "learning_rate is datetime.date(1979, 5, 27): must be a number"),
        ('name = "x"\n[[arms]]\nname = "a"\ndrop_prob = [0.1]', "drop_prob of arm 'a' has 1 values"),
        ("name = ", "not valid TOML: "),
        ('name = "x"\nname = "y"', "not valid TOML: "),
        ("name = 'x'\nepochs = 01", "not valid TOML: "),
        pytest.param("name = 'x'\nepochs = " + "1" * 5_000, "digits", id="5,000 digits"),
        pytest.param("name = 'x'\nepochs = 0x" + "f" * 5_000, "digits", id="5,000 hex digits"),
        pytest.param("name = 'x'\nseeds = " + "[" * 20_000, "not valid TOML: ", id="nested 20,000 deep"),
    ],
)
def test_a_file_that_is_no_experiment(toml, words):
    """Whatever is wrong with the text, it is an ExperimentError of one line that says where."""
    with pytest.raises(ExperimentError, match=re.escape(words)) as caught:
        Experiment.from_toml(toml)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", OTHER)
def test_a_run_is_named_after_each_of_its_settings(field):
    """Any other shared setting makes another run name, and stands in shared_settings()."""
    other = PLAIN.replace(**{field: OTHER[field]})
    arm = PLAIN.arms[0]
    assert other.run_name(arm, 1) != PLAIN.run_name(arm, 1)
    assert other.shared_fields() != PLAIN.shared_fields()


@pytest.mark.parametrize("field", OTHER_ARM)
def test_a_run_is_named_after_each_setting_of_its_arm(field):
    """Any other setting of the arm makes another run name."""
    arm = Arm("one").fitted_to(2)
    other = dataclasses.replace(arm, **{field: OTHER_ARM[field]})
    assert PLAIN.run_name(other, 1) != PLAIN.run_name(arm, 1)


def test_a_run_is_not_named_after_other_runs():
    """Other arms and other seeds change neither shared_settings() nor the name of a run."""
    arm = PLAIN.arms[0]
    more = PLAIN.replace(arms=(Arm("new", 0.1), *PLAIN.arms), seeds=(1, 7))
    assert more.run_name(arm, 1) == PLAIN.run_name(arm, 1)
    assert more.shared_fields() == PLAIN.shared_fields()
    assert not {"name", "arms", "seeds"} & set(PLAIN.shared_fields())


def test_a_run_name_says_what_it_is():
    """A run name holds the experiment, the arm and the seed, and is safe in any folder."""
    experiment = Experiment("x", arms=(Arm("Drop/out 0.5 (暂退)", 0.5),))
    assert re.fullmatch(r"x-drop-out-0\.5-暂退-[0-9a-f]{8}-seed12\.npz", experiment.run_name(experiment.arms[0], 12))
    assert Arm("/").slug == "arm"


def test_equal_experiments_have_equal_run_names():
    """1 and 1.0, and 0.0 and -0.0, are the same setting."""
    one, other = PLAIN.replace(learning_rate=1, momentum=0.0), PLAIN.replace(learning_rate=1.0, momentum=-0.0)
    assert one == other
    assert one.run_name(one.arms[0], 1) == other.run_name(other.arms[0], 1)


def test_arm_by_name():
    """arm() finds an arm by its name, and raises KeyError for none."""
    assert PLAIN.arm("dropout 0.5") is PLAIN.arms[1]
    with pytest.raises(KeyError):
        PLAIN.arm("dropout")


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name):
    """Each preset is found by its own name and survives TOML; its arms differ in more than their names."""
    preset = find_experiment(name)
    assert preset.name == name
    assert Experiment.from_toml(preset.to_toml()) == preset
    nameless = [dataclasses.replace(arm, name="x") for arm in preset.arms]
    assert len(set(nameless)) == len(nameless)


def test_the_fashion_mnist_presets_train_as_the_book_does():
    """All images, minibatches of 256, 10 epochs, learning rate 0.5, two layers of 256, dropout 0.2 and 0.5."""
    for name in ("fashion-mnist", "d2l"):
        preset = PRESETS[name]
        assert (preset.data, preset.train_size, preset.label_noise) == ("fashion-mnist", None, 0)
        assert (preset.batch_size, preset.epochs, preset.learning_rate) == (256, 10, 0.5)
        assert (preset.hidden, preset.optimizer, preset.momentum) == ((256, 256), "sgd", 0)
        assert preset.snapshot_every == 100
        assert [arm.drop_prob for arm in preset.arms if arm.has_noise] == [(0.2, 0.5)] * (len(preset.arms) - 1)


def test_d2l_has_both_noises():
    """The d2l preset sets dropviz's own layer beside torch.nn.Dropout, with equal probabilities."""
    own, torchs = (arm for arm in PRESETS["d2l"].arms if arm.has_noise)
    assert (own.noise, torchs.noise) == ("bernoulli", "torch")
    assert own.drop_prob == torchs.drop_prob == (0.2, 0.5)
    assert own.input_drop_prob == torchs.input_drop_prob == 0


def test_find_experiment_reads_a_file(tmp_path):
    """A path stands for the experiment in that file, whatever its suffix."""
    for file in ("mine.toml", "mine.txt"):
        (tmp_path / file).write_text('name = "plain"', encoding="utf-8")
        assert find_experiment(str(tmp_path / file)) == PLAIN


def test_find_experiment_of_an_unknown_name():
    """A name that is neither preset nor file is a usage error that lists the presets."""
    with pytest.raises(UsageError, match=r"unknown experiment 'fashion', similar to 'fashion-mnist': must be .*\.toml"):
        find_experiment("fashion")


def test_find_experiment_of_a_file_that_cannot_be_used(tmp_path):
    """A file that is missing, a folder, no text, no TOML or no experiment is named, with the reason."""
    (tmp_path / "folder.toml").mkdir()
    files = {"latin.toml": "name = 'é'".encode("latin-1"), "bad.toml": b"name = ", "short.toml": b"epochs = 3"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    reasons = {
        "none.toml": "No such file",
        "folder.toml": "directory",
        "latin.toml": "is not text in UTF-8: save it",
        "bad.toml": "not valid TOML",
        "short.toml": "needs a name",
    }
    for name, words in reasons.items():
        with pytest.raises(ExperimentError, match=words) as caught:
            find_experiment(str(tmp_path / name))
        assert str(tmp_path / name) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_what_an_arm_has_of_its_own_goes_before():
    """The experiment of one arm has that arm's settings; those of the others are as they were."""
    arms = (Arm("wide", 0.5, hidden=(512,), max_norm=2.0), Arm("plain"))
    wide, plain = (Experiment("x", hidden=(8, 8), max_norm=1.0, arms=arms).of(arm) for arm in arms)
    assert (wide.hidden, wide.max_norm, wide.arms[0].drop_prob) == ((512,), 2.0, (0.5,))
    assert (plain.hidden, plain.max_norm) == ((8, 8), 1.0)


def test_an_arm_that_does_not_fit_its_experiment_is_named():
    """What only goes wrong together says whose setting it is."""
    with pytest.raises(ExperimentError, match="arm 'few': batch_size is 64: must be at most the 10 training images"):
        Experiment("x", arms=(Arm("few", train_size=10),))
    with pytest.raises(ExperimentError, match=r"arm 'a': momentum is 0\.9: must be 0 with optimizer 'adam'"):
        Experiment("x", momentum=0.9, arms=(Arm("a", optimizer="adam"),))


def test_files_without_own_settings_stay_short():
    """What an arm leaves to its experiment does not stand in a file."""
    assert "l1" not in Experiment("x").to_mapping()["arms"][0]
