"""A plot of your own: dropviz animate --plot examples/my_plots.py:update_plot out/recordings."""

import gif
from matplotlib import pyplot as plt


@gif.frame
def update_plot(recordings, frame):
    """Draw the test loss up to snapshot number `frame`, one line for each run."""
    _, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for recording in recordings:
        snapshots = recording.snapshots
        ax.plot(snapshots["iteration"][:frame], snapshots["test_loss"][:frame], label=recording.arm)
    ax.set(xlim=(0, snapshots["iteration"][-1]), ylim=(0, 2.5), xlabel="iteration", ylabel="test loss (nats)")
    ax.legend(loc="upper left")
