"""`digits`, which has the masks of all iterations: each snapshot has the mask of its own iteration."""

from dropviz.experiments.presets.core import DIGITS

STORY = DIGITS.replace(name="story")

PRESETS = (
    STORY,
    # As large as the network of figure 4 in Srivastava et al. 2014, for a GPU: 30 epochs of 200 minibatches.
    STORY.replace(
        name="story-full",
        data="fashion-mnist",
        train_size=10_000,
        hidden=(1_024, 1_024),
        batch_size=50,
        epochs=30,
        snapshot_every=50,
        recorded_iterations=6_000,
    ),
)
