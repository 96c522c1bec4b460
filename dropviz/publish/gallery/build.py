"""The function `gallery`: trains, draws and writes exhibits into a folder."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from dropviz._util.files import check_writable, replace_files, temporary_paths_unnamed
from dropviz._util.paths import user_path
from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.charts import find_chart
from dropviz.errors import DropvizError, UsageError, one_of
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import FULL, PRESETS
from dropviz.publish.gallery.exhibits import EXHIBITS, LECTURER, ORDERS, Exhibit
from dropviz.publish.gallery.folder import PAGE, TEXT, check_gallery, write_gallery
from dropviz.publish.gallery.results import SIDES, ExhibitResult, digests_of, files_of, read_state
from dropviz.rendering.animation import Animation
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.pipeline import draw_still, render
from dropviz.rendering.request import pick
from dropviz.rendering.source import ChartSource
from dropviz.style.labels import Labels
from dropviz.training.idx_files import data_folder
from dropviz.training.runs import load_all, paths_of, train_missing

BOTH = "both"
MAX_SEEDS = 1_000


@dataclass(frozen=True)
class GalleryEvent:
    """Progress of a gallery.

    exhibit  name of the exhibit
    number   its position, from 1 to `count`
    done     frames drawn since the last event
    total    frames of the exhibit, in all themes
    result   result of the exhibit, once it is written
    error    reason why it is left out, once it has failed
    """

    exhibit: str
    number: int
    count: int
    done: int = 0
    total: int = 0
    result: ExhibitResult | None = None
    error: DropvizError | None = None

    @property
    def title(self) -> str:
        """Position and name, such as "1/2 accuracy"."""
        return f"{self.number}/{self.count} {self.exhibit}"


GalleryCallback = Callable[[GalleryEvent], None]


def gallery(
    names: Iterable[str] | None = None,
    *,
    out: str | Path = "out/gallery",
    recordings: str | Path = "out/recordings",
    size: tuple[int, int] = (1280, 720),
    lang: str = "en",
    theme: str = BOTH,
    order: str = LECTURER,
    full: bool = False,
    seeds: int | None = None,
    data_dir: str | Path | None = None,
    device: str = "auto",
    jobs: int | None = None,
    callback: GalleryCallback = lambda _event: None,
) -> list[Path]:
    """Write a page of exhibits: claims about dropout beside what was measured. Return the paths of the pages.

    Missing recordings are trained. Pictures whose recordings and options are unchanged are not drawn again, so that an
    interrupted call can be repeated.

    names       names of exhibits, as `dropviz list` prints them; all if not given
    out         folder of the gallery
    recordings  folder of the recordings
    size        width and height in pixels, each from 160 to 8,192
    lang        language of the words, "en" or "zh"
    theme       "light", "dark", or "both": the page shows the one that suits the reader's screen
    order       order of the exhibits: "lecturer", or "student" for that of the chapter and its exercises
    full        use the full-size experiments: hours on a CPU, minutes on a GPU
    seeds       number of seeds, from 1 to 1,000, instead of those of each experiment
    data_dir    folder of the IDX files of the data sets; the usual places if not given
    device      "auto", "cpu", "cuda", "cuda:0", "mps" or "xpu"
    jobs        number of runs trained at the same time, from 1; one for each core if not given
    callback    called with a GalleryEvent as work proceeds

    Raises UsageError if an argument is out of range, OutputError if `out` holds pages of another origin, and
    DropvizError, after the other exhibits are written, if an exhibit fails.

    The recordings of this example are available, so nothing is trained:

    >>> import dropviz
    >>> for name in ("dropout-0.5", "no-dropout"):
    ...     recording = dropviz.load(f"assets/sample-{name}.npz")
    ...     file = recording.experiment.run_name(recording.experiment.arm(recording.arm), recording.seed)
    ...     path = recording.save(f"out/samples/{file}")
    >>> pages = dropviz.gallery(
    ...     ["network"], out="out/sample-gallery", recordings="out/samples", seeds=1, size=(320, 180), theme="light"
    ... )
    >>> [str(page) for page in pages]
    ['out/sample-gallery/index.html', 'out/sample-gallery/README.md']
    """
    exhibits = _choose(names)
    if order not in ORDERS:
        raise UsageError(one_of("order", order, ORDERS))
    if theme not in (*SIDES, BOTH):
        raise UsageError(one_of("theme", theme, (*SIDES, BOTH)))
    if seeds is not None and not 1 <= seeds <= MAX_SEEDS:
        raise UsageError(f"seeds is {seeds}: must be from 1 to {MAX_SEEDS:,}")
    sides = SIDES if theme == BOTH else (theme,)
    options = {side: RenderOptions(size=size, theme=side, lang=lang) for side in sides}
    folder, labels = user_path(out), Labels(lang)
    labels.find_fonts()
    check_gallery(folder)
    check_writable(folder / PAGE)
    training = _Training(user_path(recordings), seeds, None, device, jobs, full=full)
    training = replace(training, data_dir=data_folder(data_dir, map(training.experiment, exhibits)))
    builder = _Builder(folder, options, labels, training, order, callback)
    failures = []
    for number, exhibit in enumerate(exhibits, start=1):
        event = GalleryEvent(exhibit.name, number, len(exhibits))
        try:
            builder.update(exhibit, event)
        except DropvizError as error:
            # A failure does not affect the other exhibits.
            failures.append(f"{exhibit.name}: {error}")
            callback(replace(event, error=error))
    if builder.results:  # also where nothing is drawn: a killed process may have left the pages of earlier results
        write_gallery(folder, builder.results, labels, order)
    if failures:
        raise DropvizError(f"{len(failures)} of {len(exhibits)} exhibits are missing in {out}, first {failures[0]}")
    return [folder / PAGE, folder / TEXT]


def _choose(names: Iterable[str] | None) -> list[Exhibit]:
    chosen = list(EXHIBITS if names is None else names)
    for name in chosen:
        if name not in EXHIBITS:
            raise UsageError(one_of("exhibit", name, EXHIBITS))
    return [EXHIBITS[name] for name in chosen]


@dataclass(frozen=True)
class _Training:
    """Options that decide which runs an exhibit needs, and where they are trained."""

    recordings: Path
    seeds: int | None
    data_dir: Path | None
    device: str
    jobs: int | None
    full: bool

    def experiment(self, exhibit: Exhibit) -> Experiment:
        """Return the experiment of an exhibit, full-size and with other seeds where requested."""
        full = f"{exhibit.experiment}{FULL}"
        experiment = PRESETS[full if self.full and full in PRESETS else exhibit.experiment]
        return experiment.replace(seeds=tuple(range(1, self.seeds + 1))) if self.seeds else experiment

    def run(self, exhibit: Exhibit, title: str) -> tuple[list[Path], float | None]:
        """Return the paths of the recordings, and how many seconds the training of missing ones took."""
        experiment = self.experiment(exhibit)
        runs = paths_of(experiment, experiment.select_arms(compare=exhibit.compare), self.recordings)
        missing = not all(map(os.path.exists, runs.values()))
        start = time.monotonic()
        train_missing(experiment, runs, self.data_dir, self.device, self.jobs, title=f"{title}: ")
        return list(runs.values()), time.monotonic() - start if missing else None


class _Builder:
    """Writer of the exhibits of one gallery."""

    def __init__(
        self,
        folder: Path,
        options: dict[str, RenderOptions],
        labels: Labels,
        training: _Training,
        order: str,
        callback: GalleryCallback,
    ) -> None:
        self.folder, self.options, self.labels = folder, options, labels
        self.training, self.order, self.callback = training, order, callback
        self.results = read_state(folder)

    def update(self, exhibit: Exhibit, event: GalleryEvent) -> None:
        """Train what is missing, and draw the exhibit unless its files are up to date."""
        paths, trained = self.training.run(exhibit, event.title)
        key = self._key(exhibit, paths)
        before = self.results.get(exhibit.name)
        if before and before.key == key and before.digests == digests_of(self.folder, before.files):
            return
        if before and trained is None:
            trained = before.trained
        result = self._draw(exhibit, paths, event, key, trained)
        self.results[exhibit.name] = result
        write_gallery(self.folder, self.results, self.labels, self.order)
        self.callback(replace(event, result=result))

    def _key(self, exhibit: Exhibit, paths: list[Path]) -> str:
        """Return a digest of everything that decides the pictures."""
        from dropviz._version import __version__

        files = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]
        options = [asdict(each) for each in self.options.values()]
        return hashlib.sha256(json.dumps([__version__, asdict(exhibit), files, options]).encode()).hexdigest()

    def _draw(
        self, exhibit: Exhibit, paths: list[Path], event: GalleryEvent, key: str, trained: float | None
    ) -> ExhibitResult:
        comparison = pick(load_all(paths), exhibit.compare, exhibit.chart)
        with replace_files(self.folder) as new, temporary_paths_unnamed():
            animations = self._draw_sides(exhibit, ChartSource(comparison, exhibit.chart), event, new)
            digests = digests_of(new, files_of(exhibit.name, self.options))
        first = animations[0]
        return ExhibitResult(
            name=exhibit.name,
            key=key,
            answers=answers_of(exhibit, comparison, self.labels),
            alt=first.alt,
            description=first.description,
            facts=facts(comparison.experiment, comparison.arms[0].seeds, self.labels),
            command=self._command(exhibit),
            runs=len(paths),
            seeds=len({seed for arm in comparison.arms for seed in arm.seeds}),
            sides=tuple(self.options),
            size=next(iter(self.options.values())).size,
            frames=first.frames,
            seconds=first.seconds,
            bytes=max(each.bytes for each in animations),
            trained=trained,
            digests=digests,
        )

    def _draw_sides(self, exhibit: Exhibit, source: ChartSource, event: GalleryEvent, folder: Path) -> list[Animation]:
        """Draw the animation and the still of each theme into `folder`."""

        def report(done: int, total: int) -> None:
            self.callback(replace(event, done=done, total=total * len(self.options)))

        animations = []
        for side, options in self.options.items():
            animations.append(render(source, options, folder / f"{exhibit.name}-{side}.gif", report))
            draw_still(source, options, folder / f"{exhibit.name}-{side}-still.png")
        return animations

    def _command(self, exhibit: Exhibit) -> str:
        """Return the command that draws this exhibit alone."""
        chart, experiment = find_chart(exhibit.chart), self.training.experiment(exhibit)
        words = ["dropviz animate", exhibit.chart]
        words += ["--compare"] if exhibit.compare and not chart.together else []
        words += [f"--experiment {experiment.name}"] if experiment.name != chart.experiment else []
        words += [f"--seeds {self.training.seeds}"] if self.training.seeds else []
        return " ".join(words)


def answers_of(exhibit: Exhibit, comparison: Comparison, labels: Labels) -> tuple[Answer, ...]:
    """Return all answers of the chart that judges the claim; those that the claim is not about are left undecided."""
    answers = ChartSource(comparison, exhibit.judge or exhibit.chart).answers(labels)
    return tuple(
        answer if exhibit.answer in (None, number) else answer._replace(holds=None)
        for number, answer in enumerate(answers)
    )
