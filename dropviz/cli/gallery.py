"""dropviz gallery: every exhibit, from recordings, on one page."""

import hashlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import click

from dropviz._util.files import check_writable
from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.charts import find_chart
from dropviz.cli.options import RECORDINGS, Size, lang_option, machine_options
from dropviz.cli.progress import note, progress
from dropviz.errors import DropvizError, UsageError, one_of
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import FULL, PRESETS
from dropviz.publish.gallery.exhibits import EXHIBITS, Exhibit
from dropviz.publish.gallery.page import PAGE, SIDES, TEXT, Shown, check_gallery, read_state, write_gallery
from dropviz.rendering.animation import Animation
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.pipeline import draw_still, pick, render
from dropviz.rendering.source import ChartSource
from dropviz.style.labels import Labels
from dropviz.training.runs import load_all, paths_of, train_missing


@click.command("gallery")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@machine_options
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out/gallery"),
    show_default=True,
    metavar="DIR",
)
@click.option("--size", type=Size(), default="1280x720", show_default=True, metavar="WxH", help="In pixels.")
@lang_option
@click.option(
    "--theme",
    type=click.Choice([*SIDES, "both"]),
    default="both",
    show_default=True,
    help="With both, the page shows the one that suits the reader's screen.",
)
@click.option("--full", is_flag=True, help="The full-size experiments: hours on a CPU, minutes on a GPU.")
def gallery_command(
    names: tuple[str, ...],
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    out: Path,
    size: tuple[int, int],
    lang: str,
    theme: str,
    full: bool,
) -> None:
    """Make a page of every exhibit: what is said of dropout, and what was measured.

    Of those with a NAME, if there are any: see 'dropviz list'. What is not recorded yet is trained, for some ten
    minutes in all.

    Each claim about dropout stands beside what was measured of it, and the command that draws it. Recordings that are
    there already are not trained again, and pictures that are there already are not drawn again: stopped half-way, the
    same command goes on.

    \b
    dropviz gallery
    dropviz gallery rates data-size -o out/two
    """
    for name in names:
        if name not in EXHIBITS:
            raise UsageError(one_of("exhibit", name, EXHIBITS))
    sides = SIDES if theme == "both" else (theme,)
    looks = {side: RenderOptions(size=size, theme=side, lang=lang) for side in sides}
    labels = Labels(lang)
    labels.find_fonts()
    chosen = [EXHIBITS[name] for name in names or EXHIBITS]
    check_gallery(out)
    check_writable(out / PAGE)
    gallery = _Gallery(out, looks, labels, (seeds, data_dir, device, jobs), full=full)
    failures = []
    try:
        for number, exhibit in enumerate(chosen, start=1):
            try:
                gallery.show(exhibit, f"{number}/{len(chosen)} {exhibit.name}")
            except DropvizError as error:
                # One that fails does not take the others with it.
                failures.append(f"{exhibit.name}: {error}")
                note(f"{exhibit.name} is left out: {error}")
    except KeyboardInterrupt:
        note(f"\n{gallery.count(chosen)} of {len(chosen)} exhibits are in {out}; the same command makes the rest")
        raise
    if failures:
        raise DropvizError(f"{len(failures)} of {len(chosen)} exhibits are missing in {out}, first {failures[0]}")
    for name in (PAGE, TEXT):
        click.echo(out / name)


class _Gallery:
    """A folder that fills."""

    def __init__(
        self,
        folder: Path,
        looks: dict[str, RenderOptions],
        labels: Labels,
        machine: tuple[int | None, Path | None, str, int | None],
        *,
        full: bool,
    ) -> None:
        self.folder, self.looks, self.labels, self.full = folder, looks, labels, full
        self.seeds, self.data_dir, self.device, self.jobs = machine
        self.shown = read_state(folder)

    def count(self, exhibits: list[Exhibit]) -> int:
        """How many of the exhibits are there."""
        return sum(exhibit.name in self.shown for exhibit in exhibits)

    def show(self, exhibit: Exhibit, title: str) -> None:
        """Train what is missing, draw it light and dark, and put it on the page."""
        experiment = self._experiment(exhibit)
        runs = paths_of(experiment, _arms(experiment, exhibit), RECORDINGS)
        start = time.monotonic()
        missing = not all(map(os.path.exists, runs.values()))
        train_missing(experiment, runs, self.data_dir, self.device, self.jobs, title=f"{title}: ")
        trained = time.monotonic() - start if missing else None
        key = self._key(exhibit, list(runs.values()))
        before = self.shown.get(exhibit.name)
        if before and before.key == key and all(os.path.exists(self.folder / name) for name in before.files):
            return
        if before and trained is None:
            trained = before.trained
        self.shown[exhibit.name] = self._draw(exhibit, list(runs.values()), title, key, trained)
        write_gallery(self.folder, self.shown, self.labels)
        for name in self.shown[exhibit.name].files:
            click.echo(self.folder / name)
        note(f"{title}: {self.shown[exhibit.name].verdict}")

    def _experiment(self, exhibit: Exhibit) -> Experiment:
        full = f"{exhibit.experiment}{FULL}"
        experiment = PRESETS[full if self.full and full in PRESETS else exhibit.experiment]
        return experiment.replace(seeds=tuple(range(1, self.seeds + 1))) if self.seeds else experiment

    def _key(self, exhibit: Exhibit, recordings: list[Path]) -> str:
        from dropviz._version import __version__

        files = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in recordings]
        looks = [asdict(options) for options in self.looks.values()]
        return hashlib.sha256(json.dumps([__version__, asdict(exhibit), files, looks]).encode()).hexdigest()

    def _draw(self, exhibit: Exhibit, paths: list[Path], title: str, key: str, trained: float | None) -> Shown:
        comparison = pick(load_all(paths), exhibit.compare, exhibit.chart)
        source, labels = ChartSource(comparison, exhibit.chart), self.labels
        made: dict[str, Animation] = {}
        with progress(f"{title}: drawing", "frames") as callback:
            for side, options in self.looks.items():
                place = self.folder / f"{exhibit.name}-{side}.gif"
                made[side] = render(
                    source, options, place, lambda count, total: callback(count, len(self.looks) * total)
                )
                draw_still(source, options, self.folder / f"{exhibit.name}-{side}-still.png")
        first = next(iter(made.values()))
        seeds = {seed for arm in comparison.arms for seed in arm.seeds}
        return Shown(
            name=exhibit.name,
            key=key,
            answers=_answers(exhibit, comparison, labels),
            alt=first.alt,
            facts=facts(comparison.experiment, comparison.arms[0].seeds, labels),
            command=self._command(exhibit),
            runs=len(paths),
            seeds=len(seeds),
            sides=tuple(self.looks),
            size=next(iter(self.looks.values())).size,
            frames=first.frames,
            seconds=first.seconds,
            bytes=max(each.bytes for each in made.values()),
            trained=trained,
        )

    def _command(self, exhibit: Exhibit) -> str:
        """The command that draws it alone."""
        chart, experiment = find_chart(exhibit.chart), self._experiment(exhibit)
        words = ["dropviz animate", exhibit.chart]
        words += ["--compare"] if exhibit.compare and not chart.together else []
        words += [f"--experiment {experiment.name}"] if experiment.name != chart.experiment else []
        words += [f"--seeds {self.seeds}"] if self.seeds else []
        return " ".join(words)


def _answers(exhibit: Exhibit, comparison: Comparison, labels: Labels) -> tuple[Answer, ...]:
    """All answers of the chart that judges; those that the claim is not about decide nothing."""
    answers: list[Answer] = find_chart(exhibit.judge or exhibit.chart).answers(comparison, labels)
    return tuple(
        answer if exhibit.answer in (None, number) else answer._replace(holds=None)
        for number, answer in enumerate(answers)
    )


def _arms(experiment: Experiment, exhibit: Exhibit) -> tuple[Arm, ...]:
    if exhibit.compare:
        return experiment.arms
    return (next((arm for arm in experiment.arms if arm.has_noise), experiment.arms[0]),)
