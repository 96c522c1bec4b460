"""The recorder against the masks that layers really drew."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dropviz import Dropout, Recorder, load
from dropviz.errors import RecordingError
from dropviz.training.model import build_mlp


def mlp(make):
    """An MLP with noise layers made by `make`."""
    return nn.Sequential(
        make(0.1), nn.Linear(6, 8), nn.ReLU(), make(0.2), nn.Linear(8, 7), nn.ReLU(), make(0.5), nn.Linear(7, 3)
    )


def watch(model, passes=5, rows=10, **settings):
    """Record some passes over random inputs, from a fixed seed."""
    torch.manual_seed(3)
    inputs = torch.randn(passes, rows, 6)
    recorder = Recorder(model, **settings)
    outputs = []
    for x in inputs:
        outputs.append(model(x).detach())
        recorder.step()
    return recorder.recording(), outputs


@pytest.mark.parametrize("make", [Dropout, nn.Dropout], ids=["ours", "torch"])
def test_masks_times_activations_give_the_output_of_the_layer(make):
    """mask * input / (1 - drop_prob) of every recorded mask is what the layer handed on."""
    model = mlp(make)
    seen = {}
    for name, module in {"input": model[0], "hidden 1": model[3], "hidden 2": model[6]}.items():
        module.register_forward_hook(
            lambda _m, x, y, name=name: seen.setdefault(name, []).append((x[0].detach(), y.detach()))
        )
    recording, _ = watch(model, examples=4)
    for layer in recording.layers[:-1]:
        for mask, (x, y) in zip(recording.masks[layer.name], seen[layer.name], strict=True):
            torch.testing.assert_close(torch.from_numpy(mask) * x[:4] / (1 - layer.drop_prob), y[:4])


def test_nn_dropout_and_our_layer_record_alike():
    """An nn.Sequential with nn.Dropout gives the same masks, drop rates and layers as one with our layer."""
    ours, theirs = mlp(Dropout), mlp(nn.Dropout)
    theirs.load_state_dict(ours.state_dict())
    (a, out_a), (b, out_b) = watch(ours), watch(theirs)
    assert a.layers == b.layers
    assert all(torch.equal(x, y) for x, y in zip(out_a, out_b, strict=True))
    for name in a.masks:
        assert np.array_equal(a.masks[name], b.masks[name])
        assert np.array_equal(a.drop_rate[name], b.drop_rate[name])


@pytest.mark.parametrize("make", [Dropout, nn.Dropout], ids=["ours", "torch"])
def test_recording_does_not_change_training(make):
    """The random numbers that a model draws are the same with and without a recorder."""
    model = mlp(make)
    _, watched = watch(model)
    torch.manual_seed(3)
    inputs = torch.randn(5, 10, 6)
    assert all(torch.equal(model(x), y) for x, y in zip(inputs, watched, strict=True))


def test_zeros_of_relu_are_not_taken_for_dropped_units():
    """After ReLU half the activations are zero; the recorded drop rate is still that of the masks."""
    model = nn.Sequential(nn.Linear(50, 4000), nn.ReLU(), nn.Dropout(0.2))
    recorder = Recorder(model)
    assert (model(torch.randn(100, 50)) == 0).float().mean() > 0.5
    recorder.step()
    assert recorder.recording().drop_rate["hidden 1"][0] == pytest.approx(0.2, abs=0.005)


@pytest.mark.parametrize("inplace", [False, True])
def test_transposed_and_inplace_inputs(inplace):
    """The mask is right for inputs with other strides, and where the output overwrites the input."""
    dropout = nn.Dropout(0.5, inplace=inplace)
    recorder = Recorder(dropout, examples=20)
    out = dropout(torch.ones(8, 20).t())
    recorder.step()
    assert np.array_equal(recorder.recording().masks["input"][0], (out != 0).numpy())


def test_drop_rate_is_of_the_whole_minibatch():
    """The realised rate counts all rows, not only the followed ones."""
    model = nn.Sequential(nn.Linear(6, 30), Dropout(0.5))
    recorder = Recorder(model, examples=1)
    model(torch.randn(40, 6))
    mask = model[1].mask
    recorder.step()
    recording = recorder.recording()
    assert recording.masks["hidden 1"].shape == (1, 1, 30)
    assert recording.drop_rate["hidden 1"][0] == pytest.approx(1 - mask.float().mean().item())


def test_only_the_first_steps_are_kept_and_the_hooks_go():
    """After the wanted steps nothing hangs on the model any more, and later iterations still count."""
    model = mlp(nn.Dropout)
    recorder = Recorder(model, iterations=2)
    for _ in range(5):
        model(torch.randn(10, 6))
        recorder.step()
    assert recorder.recording().recorded_iterations.tolist() == [1, 2]
    assert recorder.iteration == 5
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_minibatch_with_too_few_rows_is_left_out():
    """An iteration with fewer rows than are followed is not kept, and not filled up."""
    model = mlp(Dropout)
    recorder = Recorder(model, examples=4)
    for rows in (10, 3, 10):
        model(torch.randn(rows, 6))
        recorder.step()
    assert recorder.recording().recorded_iterations.tolist() == [1, 3]


def test_a_pass_in_evaluation_is_no_iteration():
    """Masks are those of training: without one, step() says so."""
    model = mlp(Dropout).eval()
    recorder = Recorder(model)
    model(torch.randn(10, 6))
    with pytest.raises(RecordingError, match="had no pass in training mode"):
        recorder.step()


class Net(nn.Module):
    """A net that runs its modules as `order` says, whatever the order in which it lists them."""

    def __init__(self, order):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.order = order

    def forward(self, x):
        """Run the modules that `order` names."""
        for name in self.order:
            x = getattr(self, name)(x)
        return x


@pytest.mark.parametrize(
    ("order", "sites", "layers"),
    [
        (("first", "drop", "second"), ["drop"], ["input", "hidden 1", "output"]),
        (("drop", "first", "drop", "second"), ["drop #1", "drop #2"], ["input", "hidden 1", "output"]),
        (("drop", "first"), ["drop"], ["input", "output"]),
        (("first", "drop", "first"), ["drop"], []),
        (("first", "drop", "drop", "second"), ["drop #1", "drop #2"], []),
    ],
)
def test_the_order_is_that_of_the_pass(order, sites, layers):
    """Layers follow from what ran, not from what is registered; no chain is made of a model that is none."""
    model = Net(order)
    recorder = Recorder(model)
    model(torch.randn(10, 6))
    recorder.step()
    recording = recorder.recording()
    assert [site.name for site in recording.sites] == sites
    assert [layer.name for layer in recording.layers] == layers
    assert [block.name for block in recording.blocks if block.kind == "module"] == [
        each for each in order if each != "drop"
    ]


def test_passes_of_one_iteration_are_numbered():
    """Two training passes before step() give two masks of each site."""
    model = mlp(Dropout)
    recorder, masks = Recorder(model), []
    for _ in range(2):
        model(torch.randn(10, 6))
        masks.append(model[3].mask[:4])
    recorder.step()
    recording = recorder.recording()
    assert [site.call for site in recording.sites if site.path == "3"] == [1, 2]
    assert all(np.array_equal(recording.masks[f"3 #{call + 1}"][0], mask) for call, mask in enumerate(masks))
    assert recording.layers == ()


def test_evaluation_between_steps_is_not_recorded():
    """Passes in evaluation mode belong to no iteration, and disturb none."""
    model = mlp(nn.Dropout)
    recorder = Recorder(model)
    for _ in range(2):
        model(torch.randn(10, 6))
        recorder.step()
        model.eval()
        model(torch.randn(99, 6))
        model.train()
    assert recorder.recording().recorded_iterations.tolist() == [1, 2]


@pytest.mark.parametrize(("shape", "axes"), [((7,), ("unit",)), ((2, 3, 7), ("example", "token", "unit"))])
def test_inputs_of_other_axes(shape, axes):
    """A mask that is not [examples, units] has axes with other names, and makes no layer."""
    model = nn.Sequential(nn.Linear(7, 7), nn.Dropout(0.5))
    recorder = Recorder(model)
    model(torch.randn(shape))
    recorder.step()
    recording = recorder.recording()
    assert recording.sites[0].axes == axes
    assert recording.layers == ()


def test_small_minibatches_are_followed_as_far_as_they_go():
    """Where the first minibatch has fewer rows than were wanted, all of its rows are followed."""
    model = mlp(Dropout)
    recorder = Recorder(model, examples=4)
    for _ in range(3):
        model(torch.randn(2, 6))
        recorder.step()
    assert recorder.recording().masks["input"].shape == (3, 2, 6)


def test_input_given_by_name():
    """nn.Dropout called with a named argument is recorded too."""
    dropout = nn.Dropout(0.5)
    recorder = Recorder(dropout, examples=20)
    out = dropout(input=torch.ones(20, 8))
    recorder.step()
    assert np.array_equal(recorder.recording().masks["input"][0], (out != 0).numpy())


@pytest.mark.parametrize(
    ("steps", "values", "words"),
    [
        (0, {}, "iteration 0 cannot have a snapshot"),
        (1, {"test_accuracy": 91.2}, "test_accuracy is 91.2: must be from 0 to 1"),
        (1, {"train_accuracy": float("nan")}, "train_accuracy is nan"),
    ],
)
def test_a_wrong_snapshot_is_refused_at_once(steps, values, words):
    """A snapshot that a recording cannot hold is refused when it is taken, not when all is over."""
    model = mlp(Dropout)
    recorder = Recorder(model)
    for _ in range(steps):
        model(torch.randn(10, 6))
        recorder.step()
    figures = {"train_accuracy": 0.5, "test_accuracy": 0.5, "train_loss": 1.0, "test_loss": 1.0} | values
    with pytest.raises(RecordingError, match=words):
        recorder.snapshot(**figures)


def test_snapshots_of_other_metrics_at_other_iterations():
    """Each metric has its own iterations; those of one iteration may come one after the other, but not twice."""
    model = mlp(Dropout)
    recorder = Recorder(model)
    for iteration in range(1, 5):
        model(torch.randn(10, 6))
        recorder.step()
        recorder.snapshot(train_loss=iteration / 4)
        if iteration % 2 == 0:
            recorder.snapshot(test_accuracy=0.5, norm=float("nan"))
    with pytest.raises(RecordingError, match="iteration 4 cannot have a second train_loss"):
        recorder.snapshot(train_loss=0.0)
    snapshots = recorder.recording().snapshots
    assert snapshots["iteration"].tolist() == [1, 2, 3, 4]
    assert snapshots["train_loss"].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert np.array_equal(snapshots["test_accuracy"], [np.nan, 0.5, np.nan, 0.5], equal_nan=True)
    assert np.array_equal(snapshots["norm"], [np.nan, np.inf, np.nan, np.inf], equal_nan=True)


def test_what_is_no_module_is_refused():
    """A function or a class gets a line that says so."""
    with pytest.raises(RecordingError, match="a Recorder records a torch"):
        Recorder(nn.ReLU)


def test_a_loop_of_ones_own_is_saved_and_loaded(tmp_path):
    """Masks and snapshots of a training loop outside dropviz come back from the file as they were."""
    model = mlp(nn.Dropout)
    recorder = Recorder(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(3):
        loss = F.cross_entropy(model(torch.randn(10, 6)), torch.zeros(10, dtype=torch.int64))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recorder.step()
        recorder.snapshot(train_accuracy=0.5, test_accuracy=0.25, train_loss=1.0, test_loss=2.0)
    recording = recorder.recording(arm="mine", seed=7)
    back = load(recording.save(tmp_path / "mine.npz"))
    assert (back.arm, back.seed, back.experiment) == ("mine", 7, None)
    assert back.snapshots["test_loss"].tolist() == [2.0, 2.0, 2.0]
    assert all(np.array_equal(back.masks[name], mask) for name, mask in recording.masks.items())


def test_layers_of_an_experiments_network_are_named_by_place(tiny):
    """Input, hidden layers and output come with their units and drop probabilities."""
    model = build_mlp(64, 10, tiny.of(tiny.arms[1]))
    recorder = Recorder(model)
    model(torch.randn(4, 64))
    recorder.step()
    layers = recorder.recording().layers
    assert [layer.name for layer in layers] == ["input", "hidden 1", "hidden 2", "output"]
    assert [layer.units for layer in layers] == [64, 24, 9, 10]
    assert [layer.drop_prob for layer in layers] == [0.1, 0.2, 0.5, 0.0]


def test_weights_are_those_of_the_very_pass():
    """Kept are the weights between shown units as the pass used them: not as the update left them."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(30, 14), nn.ReLU(), nn.Dropout(0.5), nn.Linear(14, 3))
    optimizer, recorder = torch.optim.SGD(model.parameters(), lr=0.5), Recorder(model, iterations=3)
    shown = {30: [*range(5), *range(25, 30)], 14: [*range(5), *range(9, 14)], 3: [0, 1, 2]}
    used = []
    for _ in range(4):
        used.append([model[0].weight.detach().numpy().copy(), model[3].weight.detach().numpy().copy()])
        loss = model(torch.randn(8, 30)).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recorder.step()
    recording = recorder.recording()
    assert set(recording.weights) == {"hidden 1", "output"}
    for step in range(3):
        assert np.array_equal(recording.weights["hidden 1"][step], used[step][0][np.ix_(shown[14], shown[30])])
        assert np.array_equal(recording.weights["output"][step], used[step][1][np.ix_(shown[3], shown[14])])
    assert not np.array_equal(used[0][0], used[1][0])
    assert not model[0]._forward_hooks


def test_activations_and_masks_are_those_of_the_tracked_rows_in_the_very_pass():
    """The rows may change from minibatch to minibatch; dropped units hand on 0."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3))
    recorder, handed_on, rows = Recorder(model, examples=2), [], [[5, 0], [0, 1], [7, 2]]
    model[2].register_forward_hook(lambda _module, _inputs, output: handed_on.append(output.detach().clone()))
    for number, each in enumerate(rows):
        if number != 1:
            recorder.track(torch.tensor(each))
        model(torch.randn(8, 4))
        model.eval()(torch.randn(8, 4))
        model.train()
        recorder.step()
    run = recorder.recording()
    expected = torch.stack([values[each] for values, each in zip(handed_on[::2], rows, strict=True)])
    assert np.array_equal(run.activations["hidden 1"], expected.half().numpy())
    assert (run.activations["hidden 1"][~run.masks["hidden 1"]] == 0).all()
    assert run.tracked_rows.tolist() == rows
    recorder.close()
    assert not any(module._forward_pre_hooks for module in model.modules())
    with pytest.raises(RecordingError, match="track 2"):
        recorder.track(torch.tensor([1]))


def test_weights_whose_columns_are_no_units_are_left_out():
    """Where something between two layers reshapes, no column of a matrix is the weight of a unit before it."""
    model = nn.Sequential(nn.Linear(4, 6), nn.Dropout(0.5), nn.Unflatten(1, (2, 3)), nn.Flatten(0, 1), nn.Linear(3, 2))
    recorder = Recorder(model)
    model(torch.ones(5, 4))
    recorder.step()
    assert set(recorder.recording().weights) == {"hidden 1"}


def test_own_layers_that_go_into_evaluation_mode_draw_nothing():
    """Layers of dropviz are read without a trace; one that is switched off has no mask then, and the pass goes on."""
    model = nn.Sequential(nn.Linear(6, 8), Dropout(0.5), nn.Linear(8, 4), Dropout(0.2))
    recorder, kept = Recorder(model, examples=10), []
    for iteration in range(4):
        model[3].train(iteration != 2)
        model(torch.randn(10, 6))
        kept.append(model[1].mask.numpy())
        recorder.step()
    recording = recorder.recording()
    assert np.array_equal(recording.masks["1"], np.stack(kept))
    assert np.isnan(recording.drop_rate["3"]).tolist() == [False, False, True, False]
    assert recording.mask_sizes["3"][:, 0].tolist() == [10, 10, 0, 10]
