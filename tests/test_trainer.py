"""Training: fair between arms, the same every time, and true to what is recorded."""

from functools import partial
from itertools import islice

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import dropviz
from dropviz.errors import DataError, ExperimentError, UsageError
from dropviz.training import loop, trainer
from dropviz.training.data import load_data, split
from dropviz.training.evaluation import evaluate
from dropviz.training.losses import LOSS_FUNCTIONS, cross_entropy
from dropviz.training.model import build_mlp
from dropviz.training.optimizers import make_optimizer

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits():
    """The embedded data set."""
    return load_data("digits")


def spy_on_training(monkeypatch, experiment, arm, digits):
    """Train one arm; return its first weights, and the rows of each minibatch."""
    weights, batches = [], []
    build, draw = trainer.build_mlp, loop.minibatches

    def built(*args):
        model = build(*args)
        weights.extend(parameter.detach().clone() for parameter in model.parameters())
        return model

    def drawn(*args):
        for rows in draw(*args):
            batches.append(rows.clone())
            yield rows

    monkeypatch.setattr(trainer, "build_mlp", built)
    monkeypatch.setattr(loop, "minibatches", drawn)
    recording = trainer.train_run(experiment, arm, 1, digits, CPU)
    monkeypatch.undo()
    return weights, batches, recording


def test_arms_share_weights_order_and_data(tiny, digits, monkeypatch):
    """Both arms start from equal weights and see equal minibatches of equal examples and labels."""
    plain, noisy = (spy_on_training(monkeypatch, tiny, arm, digits) for arm in tiny.arms)
    assert len(plain[0]) == len(noisy[0]) == 6
    assert all(torch.equal(a, b) for a, b in zip(plain[0], noisy[0], strict=True))
    assert len(plain[1]) == 20
    assert all(torch.equal(a, b) for a, b in zip(plain[1], noisy[1], strict=True))
    for name in ("index", "label", "image"):
        assert np.array_equal(getattr(plain[2].examples, name), getattr(noisy[2].examples, name))


def test_every_mask_is_replayed_by_torch_alone(recordings, tiny):
    """From the recording and its noise seed, torch.nn.functional.dropout draws every mask again, bit for bit."""
    replayed = 0
    for recording in (each for each in recordings if each.masks):
        torch.manual_seed(recording.provenance["noise_seed"])
        for row, step in enumerate(recording.recorded_iterations):
            assert step == row + 1, "the replay needs consecutive iterations"
            for layer in recording.layers:
                if not layer.drop_prob:
                    continue
                noise = F.dropout(torch.ones(tiny.batch_size, layer.units), layer.drop_prob)
                assert np.array_equal(
                    recording.masks[layer.name][row], (noise != 0).numpy()[recording.tracked_rows[row]]
                )
                rate = 1 - float((noise != 0).sum()) / noise.numel()
                assert recording.drop_rate[layer.name][row] == pytest.approx(rate, abs=1e-12)
                replayed += 1
    assert replayed == 2 * 12 * 3


def test_a_shorter_last_minibatch_is_recorded(tiny):
    """Where the training images are no multiple of the minibatch, the masks of the last one are recorded, too."""
    short = tiny.replace(train_size=100, batch_size=64, epochs=2, recorded_iterations=4, seeds=(1,), arms=tiny.arms[1:])
    (run,) = dropviz.train(short, device="cpu", progress=False)
    assert run.recorded_iterations.tolist() == [1, 2, 3, 4]
    assert all(len(mask) == 4 for mask in run.masks.values())


def test_own_layer_and_nn_dropout_train_alike(tiny, digits):
    """An arm with our layer and one with nn.Dropout end with the same snapshots and masks."""
    own = tiny.arms[1]
    other = dropviz.Arm(own.name, own.drop_prob, own.input_drop_prob, noise="torch")
    a = trainer.train_run(tiny, own, 1, digits, CPU)
    b = trainer.train_run(tiny.replace(arms=(other,)), other, 1, digits, CPU)
    assert all(np.array_equal(a.snapshots[name], b.snapshots[name]) for name in a.snapshots)
    assert all(np.array_equal(a.masks[name], b.masks[name]) for name in a.masks)


def test_same_seed_gives_the_same_file_and_another_seed_another(tiny, recordings, tmp_path):
    """Training again writes the same bytes; the other seed's recording differs in weights, order and masks."""
    again = dropviz.train(tiny.replace(seeds=(1,)), device="cpu")
    first = [each for each in recordings if each.seed == 1]
    for number, (a, b) in enumerate(zip(first, again, strict=True)):
        same = dropviz.Recording(**{**vars(b), "experiment": a.experiment})  # only the list of seeds may differ
        one, two = a.save(tmp_path / f"a{number}.npz"), same.save(tmp_path / f"b{number}.npz")
        assert one.read_bytes() == two.read_bytes()
    other = next(each for each in recordings if each.seed == 2 and each.masks)
    assert not np.array_equal(first[1].masks["hidden 1"], other.masks["hidden 1"])


def test_snapshots_come_at_the_interval_and_at_the_end(recordings):
    """20 iterations with a snapshot every 3 leave seven, the last one at iteration 20."""
    for recording in recordings:
        assert recording.snapshots["iteration"].tolist() == [3, 6, 9, 12, 15, 18, 20]


def test_recorded_prediction_is_that_of_the_thinned_network(tiny, digits, monkeypatch):
    """The first recorded prediction is a plain forward pass with the recorded masks laid on by hand."""
    weights, _, recording = spy_on_training(monkeypatch, tiny, tiny.arms[1], digits)
    x = torch.from_numpy(recording.examples.image[0]).flatten(1).float() / digits.white
    for number, name in enumerate(("input", "hidden 1", "hidden 2")):
        if number:
            x = F.relu(F.linear(x, weights[2 * number - 2], weights[2 * number - 1]))
        drop_prob = recording.layers[number].drop_prob
        x = x * torch.from_numpy(recording.masks[name][0]) / (1 - drop_prob)
    prediction = F.linear(x, weights[4], weights[5]).softmax(dim=1)
    torch.testing.assert_close(torch.from_numpy(recording.examples.prediction[0]), prediction)


@pytest.mark.parametrize("rows", [1, 1_023, 1_024, 1_025, 3_000])
def test_evaluation_in_chunks_is_exact(rows):
    """Accuracy and loss over chunks are those of one pass over all rows, with dropout off, and the mode is put back."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5)).train()
    images, labels = torch.randn(rows, 4), torch.randint(0, 3, (rows,))
    accuracy, loss = evaluate(model, images, labels, cross_entropy)
    assert model.training
    assert evaluate(model, images, labels, cross_entropy, is_watched=False) == (accuracy, loss)
    logits = model[0](images)
    assert accuracy == pytest.approx((logits.argmax(1) == labels).double().mean().item(), abs=1e-12)
    assert loss == pytest.approx(F.cross_entropy(logits.double(), labels).item(), rel=1e-6)


def test_snapshots_are_the_models_own_figures(tiny, digits, monkeypatch):
    """The last snapshot is what the trained model scores on train and test data when evaluated by hand."""
    models = []
    build = trainer.build_mlp
    monkeypatch.setattr(trainer, "build_mlp", lambda *args: models.append(build(*args)) or models[-1])
    recording = trainer.train_run(tiny, tiny.arms[1], 1, digits, CPU)
    parts = split(digits, tiny.train_size, tiny.label_noise, 1)
    model = models[0].eval()
    hits = (model(parts.test_images).argmax(1) == parts.test_labels).sum().item()
    assert recording.snapshots["test_accuracy"][-1] == hits / len(parts.test_labels)
    hits = (model(parts.train_images).argmax(1) == parts.train_labels).sum().item()
    assert recording.snapshots["train_accuracy"][-1] == hits / 200


def test_training_learns(recordings):
    """The loss on the training set goes down in every run."""
    assert all(each.snapshots["train_loss"][-1] < each.snapshots["train_loss"][0] for each in recordings)


def test_the_callers_random_numbers_are_left_alone(tiny, digits):
    """A run in between does not change what the caller draws next."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trainer.train_run(tiny, tiny.arms[1], 1, digits, CPU)
    assert torch.equal(torch.rand(3), expected)


def test_drop_prob_of_zero_makes_no_noise_layer(tiny):
    """An arm without dropout is a plain MLP."""
    modules = build_mlp(64, 10, tiny.of(tiny.arms[0]))
    assert [type(module).__name__ for module in modules] == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]


def test_optimizers_are_those_of_torch(tiny):
    """Three steps of each give the very weights of torch.optim, also from a state saved after the first."""
    for optimizer, theirs in (("sgd", partial(torch.optim.SGD, momentum=0.5)), ("adam", torch.optim.Adam)):
        settings = {"optimizer": optimizer, "momentum": 0.5 if optimizer == "sgd" else 0.0, "weight_decay": 0.01}
        experiment, weights = tiny.replace(**settings), []
        for is_ours in (True, False):
            torch.manual_seed(1)
            layer = nn.Linear(4, 3)
            step = make_optimizer(experiment, layer) if is_ours else theirs(layer.parameters(), 0.2, weight_decay=0.01)
            for number in range(3):
                layer.zero_grad()
                layer(torch.randn(5, 4)).square().mean().backward()
                step.step()
                if is_ours and number == 0:
                    saved, step = step.state_dict(), make_optimizer(experiment, layer)
                    step.load_state_dict(saved)
            weights.append(layer.weight)
        assert torch.equal(*weights)


def test_seeds_as_a_number_stand_for_one_to_n(tiny):
    """train(seeds=1) trains seed 1 of every arm, and takes a preset's name, a path or an Experiment."""
    runs = dropviz.train(tiny.replace(epochs=1), seeds=1)
    assert [(run.arm, run.seed) for run in runs] == [("no dropout", 1), ("dropout", 1)]


def test_unusable_device_is_refused():
    """A device that is not here gets a line that says what may be given."""
    with pytest.raises(UsageError, match="'nonsense' cannot be used here: must be 'auto', 'cpu'"):
        trainer.pick_device("nonsense")


def test_batch_larger_than_all_the_data_is_refused(tiny, digits):
    """Where the size is not set in the experiment, the data set's own is looked at."""
    with pytest.raises(dropviz.DropvizError, match=r"batch_size is 5,000: must be at most the 1,000 training images"):
        trainer.train_run(tiny.replace(train_size=None, batch_size=5_000), tiny.arms[0], 1, digits, CPU)
    with pytest.raises(DataError, match=r"train_size is 1,797: must be at most the 1,796"):
        trainer.train_run(tiny.replace(train_size=1_797), tiny.arms[0], 1, digits, CPU)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_training_on_a_gpu_records_true_masks(tiny, digits):
    """On a GPU the recorded masks and predictions belong together too."""
    recording = trainer.train_run(tiny, tiny.arms[1], 1, digits, torch.device("cuda"))
    assert abs(recording.drop_rate["hidden 1"].mean() - 0.2) < 0.05
    assert recording.masks["hidden 2"].shape == (12, 3, 9)


def test_one_image_is_tracked_in_every_epoch(recordings, tiny, digits):
    """It is the first example once an epoch; tracked rows say where it stands; its label was not redrawn."""
    for run in recordings:
        parts = split(digits, 200, tiny.label_noise, run.seed)
        batches = list(islice(loop.minibatches(tiny, 200, run.seed, CPU), 12))
        index = [parts.train_index[batch.numpy()[rows]] for batch, rows in zip(batches, run.tracked_rows, strict=True)]
        assert np.array_equal(index, run.examples.index)
        images, counts = np.unique(run.examples.index[:, 0], return_counts=True)
        image = images[counts.argmax()]
        there = np.array([image in parts.train_index[batch.numpy()] for batch in batches])
        assert there.sum() == 3
        assert np.array_equal(run.examples.index[:, 0] == image, there)
        assert (run.examples.label[there, 0] == digits.train_labels[image]).all()


def test_an_autoencoder_learns_its_input():
    """Outputs are pixels, the loss is that of the closed formula, there is no accuracy, and it falls."""
    experiment = dropviz.Experiment(
        "auto",
        loss="reconstruction",
        train_size=200,
        hidden=(16,),
        batch_size=50,
        epochs=5,
        snapshot_every=4,
        learning_rate=1.0,
        recorded_iterations=0,
        seeds=(1,),
        arms=(dropviz.Arm("plain"),),
    )
    (recording,) = dropviz.train(experiment, device="cpu", jobs=1, progress=False)
    assert not [name for name in recording.snapshots if "accuracy" in name]
    losses = recording.snapshots["train_loss"]
    assert losses[-1] < losses[0]
    images, outputs = torch.rand(3, 5), torch.randn(3, 5)
    share = outputs.sigmoid()
    expected = -(images * share.log() + (1 - images) * (1 - share).log()).mean(dim=1)
    torch.testing.assert_close(LOSS_FUNCTIONS["reconstruction"](outputs, images), expected)
    with pytest.raises(ExperimentError, match="recorded_iterations is 4: must be 0 with loss 'reconstruction'"):
        experiment.replace(recorded_iterations=4)
