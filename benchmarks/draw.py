"""One way of making one GIF, as a process: `python -m benchmarks.draw WAY CHART RECORDINGS FRAMES OUT`.

Prints the seconds that the work took after the imports, and the peak memory in bytes.
"""

import sys
import time
from pathlib import Path

from benchmarks.measure import peak_memory
from benchmarks.work import load_all


def main() -> None:
    """Draw in one way."""
    way, name, recordings, frames, out = sys.argv[1:]
    if way == "dropviz":
        import scipy.special  # noqa: F401  # of intervals; imports come before the clock, as those of the others

        import dropviz.encoders.gif  # noqa: F401
        from dropviz import animate

        start = time.perf_counter()
        runs = load_all(Path(recordings))
        animate(runs, name, compare=len({run.arm for run in runs}) > 1, out=out, frames=int(frames))
    else:
        from benchmarks import usual

        start = time.perf_counter()
        getattr(usual, way)(Path(recordings), int(frames), Path(out))
    print(time.perf_counter() - start, peak_memory())


if __name__ == "__main__":
    main()
