"""A plot of one's own: dropviz animate --plot examples/my_plots.py:update_plot out/recordings."""

import gif
from matplotlib import pyplot as plt


@gif.frame
def update_plot(recordings, frame):
    """Test loss up to the snapshot of number `frame`, a line a run."""
    _, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for recording in recordings:
        seen = recording.snapshots
        ax.plot(seen["iteration"][:frame], seen["test_loss"][:frame], label=recording.arm)
    ax.set(xlim=(0, seen["iteration"][-1]), ylim=(0, 2.5), xlabel="iteration", ylabel="test loss (nats)")
    ax.legend(loc="upper left")
