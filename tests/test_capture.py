"""Capture in whole training loops: order and structure, passes, what cannot be seen, and bad input."""

import copy
import io
import pickle
import random
import threading
import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call, grad, vmap
from torch.utils.checkpoint import checkpoint

import dropviz
from dropviz.errors import RecordingError, UnseenNoiseWarning


def mlp():
    """A small classifier with dropout."""
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


class Model(nn.Module):
    """A model whose pass is a function of the module and its inputs."""

    def __init__(self, run, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.run = run

    def forward(self, *inputs):
        """Run the function."""
        return self.run(self, *inputs)


def train(model, recorder=None, iterations=3, shape=(8, 6)):
    """Train on random inputs from a fixed seed."""
    torch.manual_seed(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(iterations):
        loss = model(torch.randn(shape)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if recorder is not None:
            recorder.step()


def record(model, **options):
    """Return a recording of three iterations."""
    recorder = dropviz.Recorder(model)
    train(model, recorder, **options)
    return recorder.recording()


# Order and structure


def edges(recording):
    """Return the edges between blocks, by name; a block without a name by its label."""
    names = [block.name or block.label for block in recording.blocks]
    return {(names[source], names[number]) for number, block in enumerate(recording.blocks) for source in block.inputs}


def skip(model, x):
    """Add a branch with dropout to its input."""
    return model.out(x + model.drop(model.fc(x)))


def test_a_residual_connection_is_an_edge_and_no_layer():
    """A skip connection is in the blocks; no chain of layers is made of it."""
    recording = record(Model(skip, fc=nn.Linear(6, 6), drop=nn.Dropout(0.5), out=nn.Linear(6, 3)))
    assert edges(recording) == {("input", "fc"), ("fc", "drop"), ("input", "add"), ("drop", "add"), ("add", "out")}
    assert recording.layers == ()


def test_two_branches_are_two_branches():
    """Two branches read the input and are joined; the dropout of one is not before the other."""
    parts = {"one": nn.Linear(6, 4), "two": nn.Linear(6, 4), "drop": nn.Dropout(0.5), "out": nn.Linear(8, 3)}
    recording = record(Model(lambda m, x: m.out(torch.cat([m.drop(m.one(x)), m.two(x)], 1)), **parts))
    assert edges(recording) == {
        ("input", "one"),
        ("one", "drop"),
        ("input", "two"),
        ("drop", "concatenate"),
        ("two", "concatenate"),
        ("concatenate", "out"),
    }


def test_a_convolution_before_the_classifier_is_in_the_picture():
    """A model with a convolution is no chain of linear modules."""
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(32, 3))
    recording = record(model, shape=(4, 1, 6, 6))
    assert edges(recording) == {("input", "0"), ("0", "3"), ("3", "4")}
    assert recording.layers == ()


def test_weights_without_a_module_are_blocks():
    """A product with a parameter in the model's own code is an operation."""
    parts = {"weight": nn.Parameter(torch.ones(6, 3)), "act": nn.ReLU()}
    recording = record(Model(lambda m, x: F.dropout(m.act(x @ m.weight), 0.5), **parts))
    kinds = [(block.kind, block.label) for block in recording.blocks]
    assert kinds == [("input", "input"), ("operation", "mm"), ("site", "units")]


def test_parts_that_are_called_one_by_one_are_joined_by_autograd():
    """Where the loop calls parts of a model itself, the edge between them is that of the backward pass."""
    model = mlp()
    recorder = dropviz.Recorder(model)
    model[3](model[2](model[0](torch.randn(8, 6)).relu())).sum().backward()
    recorder.step()
    assert edges(recorder.recording()) == {("input", "0"), ("0", "2"), ("2", "3")}


def test_names_tell_the_lines_of_the_caller():
    """Calls of one function are told apart by the line in `forward` that called it, not by its own."""

    def drop(x, drop_prob):
        return x * (torch.rand_like(x) > drop_prob) / (1 - drop_prob)

    def run(model, x):
        x = drop(model.one(x), 0.2)
        return drop(model.two(x), 0.5)

    sites = record(Model(run, one=nn.Linear(6, 6), two=nn.Linear(6, 6))).sites
    first = run.__code__.co_firstlineno + 1
    assert [(site.line, site.file, site.drop_prob) for site in sites] == [
        (first, "test_capture.py", 0.2),
        (first + 1, "test_capture.py", 0.5),
    ]
    assert [site.name for site in sites] == [f"Model:{first}", f"Model:{first + 1}"]


# Several calls in an iteration


@pytest.mark.parametrize("use_reentrant", [True, False])
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_checkpointed_pass_is_kept_apart(use_reentrant, is_kept):
    """What a checkpointed module draws again in the backward pass is a site of its own, equal or not."""
    options = {"use_reentrant": use_reentrant, "preserve_rng_state": is_kept}
    model = Model(lambda m, x: checkpoint(m.net, x.requires_grad_(), **options), net=mlp())
    recording = record(model)
    assert [site.name for site in recording.sites] == ["net.2", "net.2 (recomputed)"]
    first, second = recording.masks.values()
    assert np.array_equal(first, second) is is_kept


def test_towers_and_passes_are_numbered():
    """Two calls of one tower, and two passes of one iteration, have masks of their own, in order."""
    drawn = []
    tower = mlp()
    tower[2].register_forward_hook(lambda _m, x, y: drawn.append(((y != 0) | (x[0] == 0)).numpy()))
    model = Model(lambda m, x: m.net(x + 9) - m.net(x + 8), net=tower)
    recorder = dropviz.Recorder(model, examples=8)
    for _ in range(2):
        model(torch.randn(8, 6))
    recorder.step()
    recording = recorder.recording()
    assert [(site.name, site.call) for site in recording.sites] == [(f"net.2 #{call}", call) for call in range(1, 5)]
    for mask, seen in zip(recording.masks.values(), drawn, strict=True):
        assert not (mask[0] & ~seen).any()


def test_monte_carlo_passes_of_a_model_in_evaluation_mode():
    """Dropout that a user sets to training mode is recorded, though the model is in evaluation mode."""
    model = mlp().eval()
    model[2].train()
    assert [site.name for site in record(model).sites] == ["2"]


def test_masks_of_several_lengths():
    """Masks of other lengths are padded with True, and their sizes are kept; missing calls have no share dropped."""
    parts = {"cell": nn.RNNCell(6, 6), "drop": nn.Dropout(0.9)}

    def run(model, x):
        state = x.new_zeros(len(x), 6)
        for time_ in range(x.shape[1]):
            state = model.drop(model.cell(x[:, time_], state))
        return state

    model = Model(run, **parts)
    recorder = dropviz.Recorder(model)
    for length in (2, 3):
        model(torch.randn(8, length, 6))
        recorder.step()
    recording = recorder.recording()
    assert list(recording.mask_sizes) == ["drop #3"]
    assert recording.mask_sizes["drop #3"].tolist() == [[0, 0], [4, 6]]
    assert recording.masks["drop #3"][0].all()
    assert np.isnan(recording.drop_rate["drop #3"]).tolist() == [True, False]


def test_a_mask_that_a_model_keeps_is_recorded_each_time():
    """A mask that was drawn in the first pass acts in the later ones, too."""
    model = Model(lambda m, x: m.fc(x) * m.mask(), fc=nn.Linear(6, 6))
    kept = []
    model.mask = lambda: kept[0] if kept else kept.append((torch.rand(8, 6) > 0.5).float()) or kept[0]
    recording = record(model)
    assert recording.masks["Model"].shape == (3, 4, 6)
    assert (recording.masks["Model"] == kept[0][:4].numpy().astype(bool)).all()


def test_states_and_schedules_are_no_noise():
    """What a model keeps of the pass before, a first state of zeros, and a number that changes are no sites."""

    def run(model, x):
        mask = F.dropout(torch.ones(8, 6), 0.5)
        model.kept = 0.9 * model.kept + model.fc(x).detach()
        model.number += 1
        first = torch.zeros(8, 6) * mask
        return model.fc(x * mask + model.fc(first)) * model.kept * torch.tensor([model.number] * 6)

    model = Model(run, fc=nn.Linear(6, 6))
    model.kept, model.number = torch.zeros(8, 6), 0.0
    assert [site.kind for site in record(model).sites] == ["units"]


def test_both_branches_of_a_choice_are_read():
    """Noise that chooses between two branches reads both; what is made of noise alone is read, too."""
    parts = {"one": nn.Linear(6, 6), "two": nn.Linear(6, 6), "three": nn.Linear(6, 6)}

    def run(model, x):
        chosen = torch.where(torch.rand(8, 6) < 0.5, model.one(x), model.two(x))
        return chosen + model.three(torch.randn(8, 6))

    found = edges(record(Model(run, **parts)))
    assert {source for source, _ in found} >= {"one", "two", "three"}


def test_an_iteration_without_masks_sets_no_number_of_examples():
    """A first iteration that only decides does not keep later ones, of a small minibatch, from being recorded."""
    model = Model(lambda m, x: m.drop(x * m.one) if torch.rand(1) < m.skip else x * m.one, drop=nn.Dropout(0.5))
    model.one, model.skip = nn.Parameter(torch.ones(6)), 0.0
    recorder = dropviz.Recorder(model)
    for model.skip in (0.0, 1.0, 1.0):
        model(torch.randn(2, 6))
        assert recorder.step()


# Tensors of other kinds

OTHERS = {
    "sparse": (lambda h: torch.sparse.mm((torch.rand(8, 8) * (torch.rand(8, 8) > 0.5)).to_sparse(), h), "other"),
    "complex mask": (lambda h: torch.fft.ifft(torch.fft.fft(h) * (torch.rand(8, 6) > 0.5)).real, "units"),
    "complex noise": (lambda h: (h + torch.randn(8, 6, dtype=torch.complex64)).real, "complex numbers"),
    "nested": (lambda h: F.dropout(torch.nested.as_nested_tensor([h[:3], h[3:]]), 0.5).to_padded_tensor(0), "nested"),
    "lazy": (lambda h: F.dropout(lazy(h), 0.5), "units"),
}
lazy = nn.LazyLinear(4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OTHERS)
def test_tensors_of_other_kinds_are_recorded_or_named(name):
    """A pass goes on with tensors of any kind; noise that a recording cannot hold is named."""
    run, expected = OTHERS[name]
    model = Model(lambda m, x: run(m.fc(x)) * F.dropout(torch.ones(1), 0.2), fc=nn.Linear(6, 6))
    model.lazy = lazy if name == "lazy" else nn.Identity()
    recording = record(model)
    assert expected in [site.kind for site in recording.sites] or expected in "".join(recording.unseen)
    assert recording.layers == ()


def test_gradients_of_single_examples_by_torch_func():
    """Within vmap and grad of torch.func the input is no noise, and the masks are recorded."""
    model = mlp()
    recorder, weights = dropviz.Recorder(model), {name: each.detach() for name, each in model.named_parameters()}

    def loss(weights, x):
        return functional_call(model, weights, (x[None],)).square().mean()

    for _ in range(2):
        vmap(grad(loss), (None, 0), randomness="different")(weights, torch.randn(8, 6))
        recorder.step()
    assert [(site.name, site.drop_prob) for site in recorder.sites] == [("2", 0.5)]


# Outside torch, and unseen


@pytest.mark.parametrize(
    ("draw", "kind"),
    [
        (lambda h: h * torch.from_numpy((np.random.rand(*h.shape) > 0.3).astype(np.float32)), "units"),  # noqa: NPY002
        (lambda h: h * torch.tensor(np.random.binomial(1, 0.7, h.shape)), "units"),  # noqa: NPY002
        (lambda h: h + torch.from_numpy(np.random.randn(*h.shape)), "additive"),  # noqa: NPY002
    ],
)
def test_numpy_masks_that_become_tensors_are_recorded(draw, kind):
    """Noise of NumPy's generator is recorded where it meets data as a tensor."""
    recording = record(Model(lambda m, x: draw(m.fc(x)), fc=nn.Linear(6, 6)))
    assert [(site.kind, site.axes) for site in recording.sites] == [(kind, ("example", "unit"))]
    assert recording.unseen == ()


def test_a_constant_from_outside_is_no_noise():
    """A tensor that a model keeps as an attribute and never changes is no site."""
    model = Model(lambda m, x: m.fc(x) * m.scale, fc=nn.Linear(6, 6))
    model.scale = torch.tensor([0.0, 1, 1, 0, 1, 1])
    assert record(model).sites == ()


@pytest.mark.parametrize(
    ("choose", "words"),
    [
        (lambda: np.random.randint(6), "NumPy's generator"),  # noqa: NPY002
        (lambda: random.randrange(6), "module random"),  # noqa: S311  # no secret
    ],
)
def test_random_decisions_outside_torch_are_named(choose, words):
    """What no operation of torch shows is warned of once, and a recording with nothing else is an error."""
    model = Model(lambda m, x: m.fc(x).roll(choose(), 1), fc=nn.Linear(6, 6))
    recorder = dropviz.Recorder(model)
    with pytest.warns(UnseenNoiseWarning, match=words) as caught:
        train(model, recorder)
    assert len(caught) == 1
    with pytest.raises(RecordingError, match=words):
        recorder.recording()


def test_a_compiled_model_is_named():
    """Draws of compiled code are not seen: one line says so, and nothing is recorded in their place."""
    recorder = dropviz.Recorder(run := torch.compile(mlp(), backend="eager"))
    with pytest.warns(UnseenNoiseWarning, match=r"compiled by torch\.compile"):
        train(run, recorder)
    with pytest.raises(RecordingError, match=r"compiled by torch\.compile"):
        recorder.recording()


def fused(query):
    """Return attention from the kernel of a GPU, without a GPU."""
    return torch.ops.aten._scaled_dot_product_flash_attention(query, query, query, 0.3)[0]


def test_fused_attention_is_named():
    """A kernel that drops inside and gives no mask is named, with its drop probability and what to do."""
    recorder = dropviz.Recorder(model := Model(lambda m, q: fused(m.fc(q)), fc=nn.Linear(8, 8, device="meta")))
    model(torch.randn(2, 2, 4, 8, device="meta"))
    with pytest.warns(UnseenNoiseWarning, match="flash_attention drops 0.3 inside a fused kernel"):
        recorder.step()
    with pytest.raises(RecordingError, match="sdpa_kernel"):
        recorder.recording()


def test_noise_in_evaluation_mode_is_named():
    """Dropout that is on in evaluation mode is not recorded as training, and named."""
    model = Model(lambda m, x: F.dropout(m.fc(x), 0.5), fc=nn.Linear(6, 6))
    recorder = dropviz.Recorder(model)
    train(model, recorder)
    model.eval()(torch.randn(8, 6))
    model.train()
    with pytest.warns(UnseenNoiseWarning, match="draws in evaluation mode too"):
        train(model, recorder, iterations=1)
    assert recorder.recording().masks["Model"].shape[0] == 4


def test_masks_beyond_the_budget_are_left_out_and_named(tmp_path):
    """Large masks that do not fit in are named; their shares are kept."""
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(6, 4000), nn.Dropout(0.5))
    recorder = dropviz.Recorder(model, iterations=2, max_bytes=100)
    with pytest.warns(UnseenNoiseWarning, match="the masks of 2 are left out: they take 0.016 MB"):
        train(model, recorder)
    recording = recorder.recording()
    assert list(recording.masks) == ["0"]
    assert list(recording.drop_rate) == ["0", "2"]
    assert recording.sites[1].shape == (4, 4000)
    loaded = dropviz.load(recording.save(tmp_path / "run.npz"))
    assert (loaded.sites, loaded.unseen) == (recording.sites, recording.unseen)
    assert loaded.unseen


# Training is untouched

SIX = {
    "MLP": (mlp, (8, 6)),
    "CNN": (lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.Dropout2d(0.5), nn.BatchNorm2d(2)), (4, 1, 6, 6)),
    "LSTM": (lambda: Model(lambda m, x: m.rnn(x)[0], rnn=nn.LSTM(6, 5, 2, dropout=0.5)), (3, 4, 6)),
    "Transformer": (lambda: nn.TransformerEncoderLayer(8, 2, 8, 0.2, batch_first=True), (3, 4, 8)),
    "in place": (lambda: nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.5, inplace=True), nn.Linear(8, 2)), (8, 6)),
    "noise": (lambda: Model(lambda m, x: m.fc(x + torch.randn_like(x)), fc=nn.Linear(6, 3)), (8, 6)),
}


@pytest.mark.parametrize("name", SIX)
def test_weights_and_generator_are_the_same_with_and_without(name):
    """After 200 iterations, weights and the state of the generator are equal bit for bit."""
    make, shape = SIX[name]
    torch.manual_seed(1)
    plain = make()
    recorded = copy.deepcopy(plain)
    train(plain, None, 200, shape)
    state = torch.get_rng_state()
    train(recorded, dropviz.Recorder(recorded, iterations=150), 200, shape)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(one, other) for one, other in zip(plain.parameters(), recorded.parameters(), strict=True))


# Bad input


def test_a_pass_that_raises_leaves_no_trace():
    """The error is the user's own; the next passes are recorded as if it had not been."""
    model = mlp()
    recorder = dropviz.Recorder(model)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        model(torch.randn(8, 7))
    train(model, recorder)
    assert recorder.recording().masks["2"].shape == (3, 4, 8)


def test_a_wrong_step_removes_the_hooks():
    """step() without a pass is an error of one line, after which the model has no hooks."""
    model = mlp()
    recorder = dropviz.Recorder(model)
    train(model, recorder, 1)
    with pytest.raises(RecordingError, match="iteration 2: had no pass in training mode"):
        recorder.step()
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_copies_are_not_recorded():
    """A deep copy, a pickled and a saved model run bare, and the model itself is recorded on."""
    model = mlp()
    recorder = dropviz.Recorder(model)
    torch.save(model, file := io.BytesIO())
    file.seek(0)
    copies = [copy.deepcopy(model), pickle.loads(pickle.dumps(model)), torch.load(file, weights_only=False)]  # noqa: S301
    for each in copies:
        each(torch.randn(8, 6))
    with pytest.raises(RecordingError, match="no pass"):
        recorder.step()


def test_nested_recorders_see_the_same():
    """Recorders of a model and of a part of it record the same masks."""
    model = mlp()
    recorders = [dropviz.Recorder(model), dropviz.Recorder(model), dropviz.Recorder(model[2])]
    for _ in range(3):
        model(torch.randn(8, 6)).sum().backward()
        for recorder in recorders:
            recorder.step()
    masks = [next(iter(recorder.recording().masks.values())) for recorder in recorders]
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[0], masks[2])


def test_two_threads_at_once_are_refused():
    """Passes of two threads at one time cannot be told apart: one line says so, and training goes on."""
    model = nn.Sequential(mlp(), Model(lambda _m, x: time.sleep(0.1) or x))
    recorder = dropviz.Recorder(model)
    threads = [threading.Thread(target=model, args=(torch.randn(8, 6),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(RecordingError, match="two threads ran the model at once"):
        recorder.step()


def test_a_recorder_is_a_context_manager():
    """The hooks go when the block ends, also by an error."""
    model = mlp()
    with pytest.raises(KeyError), dropviz.Recorder(model):
        raise KeyError
    assert not model._forward_hooks


def test_an_error_of_the_trace_is_no_error_of_the_pass(monkeypatch):
    """Where a mask cannot be copied, for lack of memory, the pass goes on and step() says so."""
    monkeypatch.setattr("dropviz.capture.tracer.read_applied", lambda *_: torch.empty(1 << 60))
    model = mlp()
    recorder = dropviz.Recorder(model)
    assert model(torch.randn(8, 6)).shape == (8, 3)
    with pytest.raises(RecordingError, match=r"its masks cannot be kept .*memory"):
        recorder.step()
