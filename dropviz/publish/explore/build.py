"""The function `explore`: recordings of a sweep to a page in a file."""

from collections.abc import Sequence
from pathlib import Path

from dropviz._util.files import replace_whole
from dropviz._util.numbering import single_path
from dropviz.analysis.divergence import with_divergence
from dropviz.errors import RecordingError
from dropviz.publish.explore.page import make_page
from dropviz.publish.explore.sweep import read_sweep
from dropviz.recording import Recording
from dropviz.style.labels import Labels

EXPERIMENT = "explore"  # the preset that has what a page needs


def explore(recordings: Sequence[Recording], *, out: str | Path = "out/explore.html", lang: str = "en") -> Path:
    """Write a page to explore a sweep of drop_prob, and return its path.

    The page is one file that loads nothing. Sliders choose drop_prob, the iteration and the number of averaged masks, a
    switch turns dropout off and on; the network, its prediction for a test image and the accuracies follow. All values
    on it are recorded, or means of recorded ones.

    recordings  runs of arms that differ in drop_prob alone, recorded with the probe `passes`
    out         path of the page
    lang        language of the words, "en" or "zh"

    The file is replaced completely or not at all. Raises RecordingError if the recordings are of no such sweep,
    UsageError for an unknown language or a number of a frame in `out`, and OutputError if the file cannot be written.

    >>> import dropviz
    >>> arms = (dropviz.Arm("none"), dropviz.Arm("half", 0.5))
    >>> sweep = dropviz.train("explore", seeds=1, epochs=3, hidden=(16,), arms=arms, progress=False)
    >>> dropviz.explore(sweep, out="out/explore.html").name
    'explore.html'
    """
    labels, path = Labels(lang), single_path(out)
    sweep = read_sweep(recordings)
    try:
        page = make_page(sweep, labels)
    except RecordingError as error:
        raise with_divergence(error, sweep.comparison) from None
    with replace_whole(path) as file:
        file.write(page.encode())
    return path
